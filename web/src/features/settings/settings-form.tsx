// Settings of identity: how many seats, who must have a second factor, who proves again who they are.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { useRoleOptions } from "../../api/roles";
import type { IdentitySettings } from "../../api/types";
import { Button } from "../../ui/button";
import { CheckField, TextField } from "../../ui/field";
import { Changeable, FailureNotice, NotAllowed } from "../../ui/not-allowed";
import { Section } from "../../ui/section";
import { Failed, SkeletonRows } from "../../ui/states";

export function SettingsForm() {
  const denied = useWhyNot("settings_show");
  const answer = useQuery({ queryKey: ["settings"], queryFn: () => ask(api.GET("/api/v1/admin/settings")), enabled: !denied });
  if (denied) return <NotAllowed reason={denied} />;
  if (answer.isPending) return <SkeletonRows rows={5} />;
  if (!answer.data) return <Failed error={answer.error} what="The settings could not be read" onRetry={() => void answer.refetch()} />;
  return <Form key={JSON.stringify(answer.data)} settings={answer.data} />;
}

function seatFault(text: string): string | null {
  if (text.trim() === "") return null;
  return /^[1-9]\d{0,6}$/.test(text.trim()) ? null : "A number from 1 on, or nothing.";
}

function Form({ settings }: { settings: IdentitySettings }) {
  const queries = useQueryClient();
  const denied = useWhyNot("settings_update");
  const [seats, setSeats] = useState(settings.seat_cap ? String(settings.seat_cap) : "");
  const [factor, setFactor] = useState(settings.require_second_factor);
  const [stepUp, setStepUp] = useState(settings.step_up);
  const wish = useMemo(
    () => ({ seat_cap: seats.trim() && !seatFault(seats) ? Number(seats) : null, require_second_factor: factor, step_up: stepUp }),
    [seats, factor, stepUp],
  );
  const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((each) => b.includes(each));
  const changed =
    wish.seat_cap !== (settings.seat_cap ?? null) || !same(factor, settings.require_second_factor) || !same(stepUp, settings.step_up);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/api/v1/admin/settings", { body: wish })),
    onSuccess: (saved) => queries.setQueryData(["settings"], saved),
  });
  const fault = seatFault(seats);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fault && changed && !denied) save.mutate();
      }}
    >
      <Changeable denied={denied} label="Settings of identity">
        <Section title="Seats" about="How many active users there may be.">
          <div className="flex flex-wrap items-end gap-6 p-4">
            <div className="w-48">
              <TextField
                label="Seat cap"
                inputMode="numeric"
                autoComplete="off"
                placeholder="no cap"
                value={seats}
                error={fault ?? undefined}
                onChange={(event) => setSeats(event.target.value)}
              />
            </div>
            <Seats used={settings.seats_used} cap={wish.seat_cap} />
          </div>
        </Section>
        <Section title="Second factor" about="Who has one of these roles sets one up at the next login, and gives it at every login.">
          <RoleChecks label="Roles that need a second factor" chosen={factor} onChange={setFactor} />
        </Section>
        <Section title="Step-up" about="Who has one of these roles proves again who they are before anything that can hurt.">
          <RoleChecks label="Roles that step up" chosen={stepUp} onChange={setStepUp} />
        </Section>
      </Changeable>
      <FailureNotice error={save.error} denial={{ action: "settings_update" }} />
      <div className="flex items-center gap-3">
        <Button look="primary" type="submit" busy={save.isPending} reason={denied ?? (fault || (changed ? null : "Nothing has changed."))}>
          Save
        </Button>
        {changed && <span className="text-ink2">Not saved yet.</span>}
      </div>
    </form>
  );
}

function Seats({ used, cap }: { used: number; cap: number | null }) {
  const full = cap !== null && used >= cap;
  const share = cap ? Math.min(100, Math.round((used / cap) * 100)) : 0;
  return (
    <div className="min-w-44 flex-1 pb-1.5">
      <div className={full ? "text-warn" : "text-ink2"}>
        {used} {cap === null ? "used" : `of ${cap} used`}
      </div>
      {cap !== null && (
        <progress
          aria-label="Seats used"
          value={share}
          max={100}
          className={`meter mt-1.5 h-1.5 w-full max-w-64 ${full ? "text-warn-mark" : "text-accent"}`}
        />
      )}
    </div>
  );
}

function RoleChecks({ label, chosen, onChange }: { label: string; chosen: readonly string[]; onChange: (roles: string[]) => void }) {
  const roles = useRoleOptions();
  return (
    <fieldset className="grid gap-3 p-4 sm:grid-cols-2">
      <legend className="sr-only">{label}</legend>
      {roles.map(([name, title]) => (
        <CheckField
          key={name}
          label={title}
          checked={chosen.includes(name)}
          onChange={(event) => onChange(event.target.checked ? [...chosen, name] : chosen.filter((each) => each !== name))}
        />
      ))}
    </fieldset>
  );
}
