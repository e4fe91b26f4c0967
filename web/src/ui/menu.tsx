// A menu of actions behind a button.
import { Menu as Base } from "@base-ui/react/menu";
import { Check, Lock } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { type Reason, reasonText, whyAsk } from "../api/me";
import { cx } from "./cx";

export function Menu({ trigger, children, align = "end" }: { trigger: ReactElement; children: ReactNode; align?: "start" | "end" }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-50">
          <Base.Popup className="pop min-w-48 rounded-xl border border-line bg-panel p-1 shadow-pop outline-none">{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const ITEM =
  "flex h-8 max-md:h-10 cursor-default select-none items-center gap-2.5 rounded-lg px-2.5 outline-none data-[highlighted]:bg-hover";

interface ItemProps {
  icon?: ReactNode;
  onClick: () => void;
  tone?: "bad";
  reason?: Reason;
  children: ReactNode;
}

export function MenuItem({ icon, onClick, tone, reason, children }: ItemProps) {
  const denial = typeof reason === "object" ? reason : null;
  return (
    <Base.Item
      disabled={typeof reason === "string"}
      // Also its description for screen readers.
      title={reasonText(reason) ?? undefined}
      onClick={(event) => (denial ? whyAsk(denial, event.currentTarget) : onClick())}
      className={cx(ITEM, "data-[disabled]:opacity-50", denial && "text-ink3", tone === "bad" && !denial && "text-bad")}
    >
      <span className="grid w-4 place-items-center text-ink3">{icon}</span>
      {children}
      {denial && <Lock size={12} aria-label="not allowed, press to see why" className="ml-auto" />}
    </Base.Item>
  );
}

export function MenuRadio<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: [T, string][];
  onChange: (value: T) => void;
}) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      <MenuLabel>{label}</MenuLabel>
      {options.map(([option, text]) => (
        <Base.RadioItem key={option} value={option} closeOnClick={false} className={ITEM}>
          <span className="grid w-4 place-items-center text-accent">
            <Base.RadioItemIndicator>
              <Check size={14} aria-hidden />
            </Base.RadioItemIndicator>
          </span>
          {text}
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2.5 pt-2 pb-1 font-medium text-ink3 text-xs">{children}</div>;
}

export function MenuLine() {
  return <Base.Separator className="mx-1 my-1 h-px bg-line" />;
}
