// The four figures at the top, each a link to what it counts.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FleetCounts, FleetPoint, Overview } from "../../api/types";
import type { Search } from "../../api/url";
import { cx } from "../../ui/cx";
import { count } from "../../ui/format";
import { linePath } from "../../ui/sparkline";
import { Skeleton } from "../../ui/states";
import { Ago } from "../../ui/time";

interface Status {
  version: string;
  database: string;
  started_at: string;
  connected_agents: number;
}

const HOUR = 3_600_000;

/** The counts an hour ago, if the history reaches back that far. */
export function hourAgo(history: readonly FleetPoint[], now: number): FleetCounts | null {
  const before = history.filter((point) => Date.parse(point.at) <= now - HOUR);
  return before.at(-1)?.counts ?? null;
}

export function Tiles({ counts, overview, status }: { counts: FleetCounts; overview: Overview | undefined; status: Status | undefined }) {
  const wrong = counts.offline + counts.degraded;
  const past = overview ? hourAgo(overview.history, Date.now()) : null;
  const today = overview?.actions_today;
  return (
    <div className="mt-4 grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Tile name="Online now" value={overview ? count(counts.online) : null} search={{ status: "online" }} line={overview?.history}>
        of {count(counts.total)}
        {past && past.online !== counts.online && `, was ${count(past.online)} an hour ago`}
        {past && past.online === counts.online && ", as an hour ago"}
      </Tile>
      <Tile
        name="Needs attention"
        value={overview ? count(wrong) : null}
        tone={wrong > 0 ? "text-bad" : undefined}
        search={{ status: "offline,degraded" }}
      >
        {wrong === 0 ? "nothing is wrong" : `${count(counts.offline)} offline, ${count(counts.degraded)} degraded`}
      </Tile>
      <Tile name="Actions today" value={today ? count(today.total) : null}>
        {today &&
          (today.total === 0
            ? "none so far"
            : [today.failed > 0 ? `${count(today.failed)} failed` : "none failed", today.running > 0 && `${count(today.running)} under way`]
                .filter(Boolean)
                .join(", "))}
      </Tile>
      <Tile name="Server up" value={status ? <Ago at={status.started_at} as="for" /> : null}>
        {status &&
          `${status.version} on ${status.database === "postgres" ? "PostgreSQL" : "SQLite"}, ${count(status.connected_agents)} linked`}
      </Tile>
    </div>
  );
}

interface TileProps {
  name: string;
  value: ReactNode;
  tone?: string | undefined;
  search?: Search;
  line?: readonly FleetPoint[] | undefined;
  children: ReactNode;
}

function Tile({ name, value, tone, search, line, children }: TileProps) {
  const inner = (
    <>
      <span className="text-ink2">{name}</span>
      {line && <OnlineLine history={line} />}
      <strong className={cx("mt-0.5 block font-semibold text-2xl tracking-tight", tone)}>
        {value ?? <Skeleton className="mt-1 h-6 w-16" />}
      </strong>
      <span className="block min-h-[18px] text-ink3 text-xs">{value === null ? "" : children}</span>
    </>
  );
  const look = "relative block overflow-hidden rounded-xl border border-line bg-panel px-3.5 py-3";
  return search ? (
    <Link to="/agents" search={search} className={cx(look, "hover:border-edge")}>
      {inner}
    </Link>
  ) : (
    <div className={look}>{inner}</div>
  );
}

function OnlineLine({ history }: { history: readonly FleetPoint[] }) {
  if (history.length < 3) return null;
  const values = history.slice(-72).map((point) => point.counts.online);
  // The line shows the change, so it begins a little below its lowest point rather than at zero.
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max(1, (high - low) * 0.35);
  const line = linePath(
    values.map((value) => value - low + room),
    72,
    28,
    high - low + room * 2,
  );
  return (
    <svg width="72" height="28" viewBox="0 0 72 28" aria-hidden="true" className="absolute top-3 right-3.5 text-ok-mark max-sm:hidden">
      <path d={`${line}L70.5 28L1.5 28Z`} className="fill-ok-soft" />
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
