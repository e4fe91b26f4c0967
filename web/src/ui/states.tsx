// The designed states of every list besides "full": loading, empty, failed.
import { CircleAlert, Lock, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { type Denial, whyAsk } from "../api/me";
import { ApiError, errorText } from "../api/problem";
import { Button } from "./button";
import { cx } from "./cx";

export function Skeleton({ className }: { className?: string }) {
  return <div className={cx("skeleton", className)} aria-hidden="true" />;
}

/** Rows of grey where text will be. */
export function SkeletonRows({ rows, className = "h-10" }: { rows: number; className?: string }) {
  const widths = ["w-7/12", "w-5/12", "w-8/12", "w-6/12"];
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <div key={row} className={cx("flex items-center gap-4 border-line2 border-b px-3 last:border-0", className)}>
          <Skeleton className="h-4 w-16" />
          <Skeleton className={cx("h-3.5", widths[row % widths.length])} />
          <Skeleton className="ml-auto h-3.5 w-12" />
        </div>
      ))}
    </div>
  );
}

/** Nothing here: what this is, and the button that fills it. */
export function Empty({ icon, title, children, action }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-6 py-12 text-center">
      {icon && <div className="mb-3 grid size-10 place-items-center rounded-xl bg-accent-soft text-accent">{icon}</div>}
      <h2 className="font-semibold text-base">{title}</h2>
      {children && <div className="mt-1 text-ink2">{children}</div>}
      {action && <div className="mt-4 flex gap-2">{action}</div>}
    </div>
  );
}

interface FailedProps {
  error: unknown;
  what: string;
  onRetry?: (() => void) | undefined;
  /** What was asked for: a refusal by the gate says on a press why. */
  denial?: Omit<Denial, "text"> | undefined;
}

/** What happened, and another try. */
export function Failed({ error, what, onRetry, denial }: FailedProps) {
  if (denial && error instanceof ApiError && error.code === "denied") {
    const asked = { ...denial, text: errorText(error) };
    return (
      <Empty
        icon={<Lock size={18} aria-hidden />}
        title={what}
        action={<Button onClick={(event) => whyAsk(asked, event.currentTarget)}>Why not?</Button>}
      >
        <span className="inline-block first-letter:uppercase">{asked.text}</span>
      </Empty>
    );
  }
  return (
    <div role="alert" className="mx-auto flex max-w-md flex-col items-center px-6 py-12 text-center">
      <div className="mb-3 grid size-10 place-items-center rounded-xl bg-bad-soft text-bad">
        <CircleAlert size={20} aria-hidden />
      </div>
      <h2 className="font-semibold text-base">{what}</h2>
      <p className="mt-1 text-ink2 first-letter:uppercase">{errorText(error)}</p>
      {error instanceof ApiError && error.requestId && <p className="mt-1 font-mono text-ink3 text-xs">request {error.requestId}</p>}
      {onRetry && (
        <Button className="mt-4" icon={<RotateCw size={14} aria-hidden />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** One line of trouble or success inside a form or a panel. */
export function Notice({ tone, children, className }: { tone: "bad" | "warn" | "ok" | "info"; children: ReactNode; className?: string }) {
  const looks = {
    bad: "bg-bad-soft text-bad",
    warn: "bg-warn-soft text-warn",
    ok: "bg-ok-soft text-ok",
    info: "bg-accent-soft text-accent",
  };
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={cx("rounded-lg px-3 py-2 text-sm first-letter:uppercase", looks[tone], className)}
    >
      {children}
    </div>
  );
}
