// How many agents were in which state over the last day, stacked: what was wrong stands out at the top.
import { useState } from "react";
import type { FleetCounts, FleetPoint } from "../../api/types";
import { count, plural } from "../../ui/format";
import { dayClock } from "../../ui/time";

const STATES = ["online", "stopped", "degraded", "offline"] as const;
const FILL: Record<(typeof STATES)[number], string> = {
  online: "fill-ok-mark/70",
  stopped: "fill-idle-mark/60",
  degraded: "fill-warn-mark",
  offline: "fill-bad-mark",
};
const DOT: Record<(typeof STATES)[number], string> = {
  online: "bg-ok-mark",
  stopped: "bg-idle-mark",
  degraded: "bg-warn-mark",
  offline: "bg-bad-mark",
};
const DAY = 86_400_000;
const WIDTH = 720;
const HEIGHT = 132;
/** A point stands for at most this long after it. */
const HOLD = 10 * 60_000;

interface Bar {
  x: number;
  width: number;
  at: number;
  counts: FleetCounts;
}

function barsOf(points: readonly FleetPoint[], now: number): Bar[] {
  const start = now - DAY;
  return points.flatMap((point, index) => {
    const at = Date.parse(point.at);
    const next = points[index + 1];
    const until = Math.min(next ? Date.parse(next.at) : now, at + HOLD);
    const from = Math.max(at, start);
    if (until <= from) return [];
    return [{ x: ((from - start) / DAY) * WIDTH, width: ((until - from) / DAY) * WIDTH + 0.4, at, counts: point.counts }];
  });
}

export function FleetHistory({ points, now }: { points: readonly FleetPoint[]; now: FleetCounts }) {
  const [under, setUnder] = useState<Bar | null>(null);
  const moment = Date.now();
  const bars = barsOf(points, moment);
  const top = Math.max(1, now.total, ...points.map((point) => point.counts.total));
  const shown = under?.counts ?? now;
  const read = (clientX: number, box: DOMRect) => {
    const x = ((clientX - box.left) / box.width) * WIDTH;
    setUnder(bars.findLast((bar) => bar.x <= x && x <= bar.x + bar.width + 2) ?? null);
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
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-[132px] w-full"
        role="img"
        aria-label={`The fleet over 24 hours; now ${plural(now.total, "agent")}, ${now.online} online, ${now.offline} offline, ${now.degraded} degraded`}
        onPointerMove={(event) => read(event.clientX, event.currentTarget.getBoundingClientRect())}
        onPointerLeave={() => setUnder(null)}
      >
        {[0.25, 0.5, 0.75, 1].map((share) => (
          <line
            key={share}
            x1="0"
            x2={WIDTH}
            y1={HEIGHT * (1 - share) + 0.5}
            y2={HEIGHT * (1 - share) + 0.5}
            className="stroke-line2"
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {bars.map((bar) => {
          let y = HEIGHT;
          return STATES.map((state) => {
            const height = (bar.counts[state] / top) * (HEIGHT - 2);
            y -= height;
            return height > 0 ? (
              <rect
                key={`${bar.at} ${state}`}
                x={bar.x}
                y={y}
                width={bar.width}
                height={height}
                className={FILL[state]}
                shapeRendering="crispEdges"
              />
            ) : null;
          });
        })}
        {under && <rect x={under.x} y="0" width={Math.max(1, under.width)} height={HEIGHT} className="fill-ink/15" />}
      </svg>
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
