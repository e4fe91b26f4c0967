// How many agents were in which state over the last day, stacked. Online is a calm ground; what was wrong stands out above it.
import { useMemo, useState } from "react";
import type { FleetCounts, FleetPoint } from "../../api/types";
import { count, plural } from "../../ui/format";
import { dayClock } from "../../ui/time";

const STATES = ["online", "stopped", "degraded", "offline"] as const;
type State = (typeof STATES)[number];
const FILL: Record<State, string> = {
  online: "fill-ok-soft",
  stopped: "fill-idle-mark/40",
  degraded: "fill-warn-mark",
  offline: "fill-bad-mark",
};
const DOT: Record<State, string> = { online: "bg-ok-mark", stopped: "bg-idle-mark", degraded: "bg-warn-mark", offline: "bg-bad-mark" };
const DAY = 86_400_000;
const WIDTH = 720;
const HEIGHT = 132;
/** A point stands for at most this long after it: longer silences are gaps. */
const HOLD = 11 * 60_000;

/** Less than this, about ten minutes, is not seen. */
const LEAST = 5;

interface Step {
  from: number;
  to: number;
  at: number;
  counts: FleetCounts;
}

/** What stood from when to when, in the chart's own coordinates. */
export function stepsOf(points: readonly FleetPoint[], now: number): Step[] {
  const start = now - DAY;
  const place = (at: number) => ((at - start) / DAY) * WIDTH;
  return points.flatMap((point, index) => {
    const at = Date.parse(point.at);
    const next = points[index + 1];
    const until = Math.min(next ? Date.parse(next.at) : now, at + HOLD);
    const from = Math.max(at, start);
    return until > from ? [{ from: place(from), to: place(until), at, counts: point.counts }] : [];
  });
}

/** The area between two heights over all steps, as one path. */
function area(steps: readonly Step[], low: (counts: FleetCounts) => number, high: (counts: FleetCounts) => number): string {
  return steps
    .map(
      (step) =>
        `M${step.from.toFixed(1)} ${low(step.counts).toFixed(1)}V${high(step.counts).toFixed(1)}H${step.to.toFixed(1)}V${low(step.counts).toFixed(1)}Z`,
    )
    .join("");
}

function pathsOf(steps: readonly Step[], top: number): { state: State; path: string }[] {
  const y = (value: number) => HEIGHT - (value / top) * (HEIGHT - 2);
  return STATES.map((state, index) => {
    const below = STATES.slice(0, index);
    const sum = (counts: FleetCounts) => below.reduce((all, each) => all + counts[each], 0);
    const some = steps.filter((step) => step.counts[state] > 0);
    return {
      state,
      path: area(
        some,
        (counts) => y(sum(counts)),
        (counts) => y(sum(counts) + counts[state]),
      ),
    };
  });
}

export function FleetHistory({ points, now }: { points: readonly FleetPoint[]; now: FleetCounts }) {
  const [under, setUnder] = useState<Step | null>(null);
  const steps = useMemo(() => stepsOf(points, Date.now()), [points]);
  const top = Math.max(1, now.total, ...points.map((point) => point.counts.total));
  const paths = useMemo(() => pathsOf(steps, top), [steps, top]);
  const shown = under?.counts ?? now;
  const read = (clientX: number, box: DOMRect) => {
    const x = ((clientX - box.left) / box.width) * WIDTH;
    setUnder(steps.findLast((step) => step.from <= x && x <= step.to + 1) ?? null);
  };
  return (
    <div className="px-3.5 pt-3 pb-2.5">
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
        {STATES.map((state) => (
          <span key={state} className="inline-flex items-center gap-1.5 text-ink2">
            <i aria-hidden="true" className={`size-2 rounded-full ${DOT[state]}`} />
            {state} <b className="font-semibold text-ink">{count(shown[state])}</b>
          </span>
        ))}
        <span className="ml-auto text-ink3">{under ? dayClock(under.at) : "now"}</span>
      </div>
      <div className="relative">
        {(steps.at(-1)?.to ?? 0) - (steps[0]?.from ?? 0) < LEAST && (
          <p className="absolute inset-0 grid place-items-center text-ink3">The line begins here: a point every five minutes.</p>
        )}
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-[132px] w-full"
          role="img"
          aria-label={`The fleet over 24 hours; now ${plural(now.total, "agent")}, ${now.online} online, ${now.offline} offline, ${now.degraded} degraded`}
          onPointerMove={(event) => read(event.clientX, event.currentTarget.getBoundingClientRect())}
          onPointerLeave={() => setUnder(null)}
        >
          <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="stroke-line" vectorEffect="non-scaling-stroke" />
          {paths.map(({ state, path }) => (
            <path key={state} d={path} className={FILL[state]} shapeRendering="crispEdges" />
          ))}
          {under && <rect x={under.from} y="0" width={Math.max(1, under.to - under.from)} height={HEIGHT} className="fill-ink/15" />}
        </svg>
      </div>
      <div className="mt-1 flex justify-between text-2xs text-ink3">
        <span>24 h ago</span>
        <span>18 h</span>
        <span>12 h</span>
        <span>6 h</span>
        <span>now</span>
      </div>
    </div>
  );
}
