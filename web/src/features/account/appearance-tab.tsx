// How the page looks for me: applied at once, kept by the server for all my browsers.
import { useState } from "react";
import { useWhyNot } from "../../api/me";
import { preferencesChange } from "../../api/preferences";
import { errorText } from "../../api/problem";
import type { Preferences } from "../../api/types";
import { cx } from "../../ui/cx";
import { SelectField } from "../../ui/field";
import { useLook } from "../../ui/look";
import { Changeable } from "../../ui/not-allowed";
import { Section } from "../../ui/section";
import { Notice } from "../../ui/states";
import { exact } from "../../ui/time";

const THEMES = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;
const ACCENTS = ["blue", "teal", "green", "amber", "rose", "violet", "slate"] as const;
const SIZES = [
  [13, "Small"],
  [14, "Medium"],
  [16, "Large"],
  [18, "Larger"],
] as const;
const RADII = [
  [0, "Square"],
  [3, "Slight"],
  [6, "Medium"],
  [10, "Round"],
] as const;
const SIDEBARS = [
  ["expanded", "Open"],
  ["collapsed", "Folded"],
] as const;
const MOTION = [
  ["system", "As the system"],
  ["on", "On"],
  ["off", "Off"],
] as const;

const ZONES: readonly (readonly [string, string])[] = [
  ["", `As this browser (${Intl.DateTimeFormat().resolvedOptions().timeZone})`],
  ...["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")].map((zone) => [zone, zone] as const),
];

export function AppearanceTab() {
  const look = useLook((state) => state.look);
  const [failure, setFailure] = useState<unknown>(null);
  const denied = useWhyNot("me_preferences_update");
  const change = (part: Partial<Preferences>) => {
    setFailure(null);
    preferencesChange(part).catch(setFailure);
  };
  return (
    <div className="flex flex-col gap-4">
      <Changeable denied={denied} label="Appearance">
        {failure !== null && <Notice tone="bad">This could not be kept: {errorText(failure)}</Notice>}
        <Section title="Colours">
          <div className="flex flex-col gap-5 p-4">
            <Choice label="Theme" options={THEMES} value={look.theme} onChange={(theme) => change({ theme })} />
            <Accent value={look.accent} onChange={(accent) => change({ accent })} />
          </div>
        </Section>
        <Section title="Shape">
          <div className="grid gap-5 p-4 sm:grid-cols-2">
            <Choice label="Size of text" options={SIZES} value={look.font_size} onChange={(font_size) => change({ font_size })} />
            <Choice label="Corners" options={RADII} value={look.radius} onChange={(radius) => change({ radius })} />
            <Choice label="Menu" options={SIDEBARS} value={look.sidebar} onChange={(sidebar) => change({ sidebar })} />
            <Choice label="Motion" options={MOTION} value={look.animations} onChange={(animations) => change({ animations })} />
          </div>
        </Section>
        <Section title="Time">
          <div className="max-w-sm p-4">
            <SelectField
              label="Time zone"
              options={ZONES}
              value={look.time_zone ?? ""}
              hint={`Now it is ${exact(Date.now())}.`}
              onChange={(event) => change({ time_zone: event.target.value || null })}
            />
          </div>
        </Section>
      </Changeable>
    </div>
  );
}

interface ChoiceProps<T extends string | number> {
  label: string;
  options: readonly (readonly [T, string])[];
  value: T;
  onChange: (value: T) => void;
}

/** A few values of which one holds. */
function Choice<T extends string | number>({ label, options, value, onChange }: ChoiceProps<T>) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="inline-flex max-w-full flex-wrap gap-0.5 rounded-lg border border-line bg-bg p-0.5">
        {options.map(([option, text]) => (
          <label
            key={option}
            className={cx(
              "flex h-7 cursor-pointer in-disabled:cursor-default items-center rounded-md px-3 in-disabled:opacity-55 has-focus-visible:outline-2 has-focus-visible:outline-accent max-md:h-9",
              value === option ? "bg-raise font-medium text-ink shadow-[0_0_0_1px_var(--edge)]" : "text-ink2 hover:text-ink",
            )}
          >
            <input type="radio" name={label} className="sr-only" checked={value === option} onChange={() => onChange(option)} />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Accent({ value, onChange }: { value: Preferences["accent"]; onChange: (value: Preferences["accent"]) => void }) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">Accent</legend>
      <div className="flex flex-wrap gap-2">
        {ACCENTS.map((accent) => (
          <label
            key={accent}
            className={cx(
              "flex h-8 cursor-pointer in-disabled:cursor-default items-center gap-2 in-disabled:opacity-55 rounded-full border pr-3 pl-2 has-focus-visible:outline-2 has-focus-visible:outline-accent max-md:h-10",
              value === accent ? "border-accent bg-accent-soft font-medium text-accent" : "border-line text-ink2 hover:border-edge",
            )}
          >
            <input type="radio" name="accent" className="sr-only" checked={value === accent} onChange={() => onChange(accent)} />
            <i aria-hidden data-swatch={accent} className="swatch size-4 rounded-full" />
            {accent.charAt(0).toUpperCase() + accent.slice(1)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
