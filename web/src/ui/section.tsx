// A card of settings: its title, a line about it, its button, its content.
import type { ReactNode } from "react";

interface SectionProps {
  title: ReactNode;
  about?: ReactNode;
  action?: ReactNode;
  children?: ReactNode;
  id?: string;
}

export function Section({ title, about, action, children, id }: SectionProps) {
  return (
    <section id={id} className="overflow-hidden rounded-xl border border-line bg-panel">
      <header className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3.5">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="font-semibold text-base">{title}</h2>
          {about && <div className="mt-0.5 text-ink2">{about}</div>}
        </div>
        {action && <div className="flex flex-wrap gap-2">{action}</div>}
      </header>
      {children && <div className="border-line2 border-t">{children}</div>}
    </section>
  );
}

/** A line of a list inside a section: a sign, two lines of text, its buttons. */
export function Row({ icon, title, sub, children }: { icon?: ReactNode; title: ReactNode; sub?: ReactNode; children?: ReactNode }) {
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-x-3.5 gap-y-2 border-line2 border-b px-4 py-2.5 last:border-0">
      {icon && <span className="grid size-8 shrink-0 place-items-center rounded-lg bg-bg text-ink2">{icon}</span>}
      <div className="min-w-0 flex-1 basis-44">
        <div className="flex flex-wrap items-center gap-x-2 font-medium">{title}</div>
        {sub && <div className="break-words text-ink3 text-xs">{sub}</div>}
      </div>
      {children && <div className="ml-auto flex flex-wrap items-center justify-end gap-2">{children}</div>}
    </li>
  );
}
