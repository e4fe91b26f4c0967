// How many of how many are ready, as a bar and as figures.
import { cx } from "../../ui/cx";
import { count } from "../../ui/format";

export function Share({ ready, all, what, className }: { ready: number; all: number; what: string; className?: string }) {
  if (all === 0) return <span className={cx("text-ink3", className)}>none</span>;
  const short = ready < all;
  return (
    <span className={cx("inline-flex items-center gap-2", className)} title={`${count(ready)} of ${count(all)} ${what} ready`}>
      <span aria-hidden="true" className="h-1.5 w-10 shrink-0 overflow-hidden rounded-full bg-line">
        <span
          className={cx("block h-full rounded-full", short ? "bg-warn-mark" : "bg-ok-mark")}
          style={{ width: `${(ready / all) * 100}%` }}
        />
      </span>
      <span className={cx("whitespace-nowrap", short && "font-medium text-warn")}>
        {count(ready)}/{count(all)}
        <span className="sr-only"> {what} ready</span>
      </span>
      {/* Where no column says it. */}
      <span aria-hidden="true" className="share-what text-ink3">
        {what}
      </span>
    </span>
  );
}
