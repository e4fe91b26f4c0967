// The frame of a view: its title with a line beneath or beside it, its buttons, its body.
import type { ReactNode } from "react";
import { useEffect } from "react";
import { cx } from "./cx";

/** Sets the window's title while a view is open. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Mission Control` : "Mission Control";
  }, [title]);
}

export function PageHead({ title, sub, children }: { title: ReactNode; sub?: ReactNode; children?: ReactNode }) {
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
      {/* On a narrow screen the line wraps beneath the title; buttons that leave too little room go beneath both. */}
      <div className="flex min-w-0 gap-x-3 max-md:flex-1 max-md:basis-32 max-md:flex-col md:flex-wrap md:items-baseline">
        <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
        {sub && <div className="min-w-0 text-ink3">{sub}</div>}
      </div>
      {children && <div className="flex flex-wrap items-center gap-2 md:ml-auto">{children}</div>}
    </header>
  );
}

/** A view that scrolls as a whole. */
export function ScrollPage({ children, slim = false }: { children: ReactNode; slim?: boolean }) {
  return (
    <div className="h-full overflow-y-auto">
      <div className={cx("mx-auto w-full p-5 max-md:p-3.5", slim ? "max-w-[980px]" : "max-w-[1320px]")}>{children}</div>
    </div>
  );
}

/** A view that fills the window and scrolls inside. */
export function FillPage({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cx("flex h-full min-h-0 flex-col p-5 max-md:p-3.5", className)}>{children}</div>;
}

export function Card({
  children,
  className,
  title,
  aside,
  id,
}: {
  children: ReactNode;
  className?: string;
  title?: ReactNode;
  aside?: ReactNode;
  id?: string;
}) {
  return (
    <section id={id} className={cx("overflow-hidden rounded-xl border border-line bg-panel", className)}>
      {title && (
        <header className="flex h-10 items-center gap-2 border-line2 border-b px-3.5">
          <h2 className="font-semibold">{title}</h2>
          {aside && <div className="ml-auto text-ink3 text-xs">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** A label of an agent. */
export function Tag({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex h-[19px] max-w-40 items-center truncate rounded-md border border-line px-1.5 text-2xs text-ink2">
      {children}
    </span>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="rounded-md border border-line bg-panel px-1.5 font-mono text-2xs text-ink3">{children}</kbd>;
}
