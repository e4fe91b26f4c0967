// Facts as pairs of a name and a value; empty ones are left out.
import type { ReactNode } from "react";
import { cx } from "./cx";

export type Fact = readonly [string, ReactNode];

export function Facts({ list, className }: { list: readonly Fact[]; className?: string }) {
  return (
    <dl className={cx("grid grid-cols-[minmax(88px,auto)_minmax(0,1fr)] gap-x-5 gap-y-1.5", className)}>
      {list.map(
        ([name, value]) =>
          value !== null &&
          value !== undefined &&
          value !== "" &&
          value !== false && (
            <div key={name} className="contents">
              <dt className="text-ink3">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
