// Tabs whose choice lives in the URL: the owner passes the value and takes the wish to change it.
import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { cx } from "./cx";

interface TabsProps {
  value: string;
  onChange: (value: string) => void;
  tabs: readonly (readonly [string, string])[];
  label: string;
  children: ReactNode;
  className?: string;
  listClass?: string;
}

export function Tabs({ value, onChange, tabs, label, children, className, listClass }: TabsProps) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(String(next))} className={cx("flex min-h-0 flex-col", className)}>
      <Base.List aria-label={label} className={cx("flex shrink-0 gap-5 overflow-x-auto border-line border-b", listClass)}>
        {tabs.map(([key, text]) => (
          <Base.Tab
            key={key}
            value={key}
            className="-mx-1 -mb-px shrink-0 whitespace-nowrap border-transparent border-b-2 px-1 py-2 text-ink2 hover:text-ink focus-visible:outline-offset-[-2px] data-[active]:border-accent data-[active]:font-semibold data-[active]:text-ink max-md:py-3"
          >
            {text}
          </Base.Tab>
        ))}
      </Base.List>
      {children}
    </Base.Root>
  );
}

export function TabPanel({ value, children, className }: { value: string; children: ReactNode; className?: string }) {
  return (
    <Base.Panel value={value} className={cx("min-h-0 flex-1 outline-none", className)}>
      {children}
    </Base.Panel>
  );
}
