// A chart over time (uPlot, loaded only when a chart is opened): the average as a line, the extremes as a band, values read off under the
// pointer, and charts with the same `group` share their cursor.
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { cx } from "./cx";
import { measure } from "./format";
import { dayClock } from "./time";

export interface ChartLine {
  name: string;
  /** A token of the theme: `--accent`. */
  color: string;
  /** `[unix milliseconds, minimum, average, maximum]`, oldest first. */
  points: readonly (readonly number[])[];
}

interface ChartProps {
  title: string;
  unit: string;
  lines: readonly ChartLine[];
  /** The span shown, in unix milliseconds. */
  from: number;
  to: number;
  /** The value at the top; what the data needs otherwise. */
  top?: number | undefined;
  group: string;
  height?: number;
}

type Data = [number[], ...(number | null)[][]];

/** The lines on one common time axis: for each an average, a minimum and a maximum; gaps longer than two steps stay gaps. */
export function align(lines: readonly ChartLine[], stepMs: number): Data {
  const times = [...new Set(lines.flatMap((line) => line.points.map((point) => point[0] ?? 0)))].sort((a, b) => a - b);
  const withGaps: number[] = [];
  for (const time of times) {
    const before = withGaps.at(-1);
    if (before !== undefined && stepMs > 0 && time - before > stepMs * 2.5) withGaps.push(before + stepMs);
    withGaps.push(time);
  }
  const columns: (number | null)[][] = [];
  for (const line of lines) {
    const known = new Map(line.points.map((point) => [point[0] ?? 0, point]));
    for (const column of [2, 1, 3]) columns.push(withGaps.map((time) => known.get(time)?.[column] ?? null));
  }
  return [withGaps.map((time) => time / 1000), ...columns];
}

function color(token: string, alpha = 1): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  return alpha === 1
    ? value
    : `${value}${Math.round(alpha * 255)
        .toString(16)
        .padStart(2, "0")}`;
}

/** Steps of an axis of bytes: round in the units that are shown. */
const BINARY = Array.from({ length: 50 }, (_, power) => 2 ** power);

const HOUR_TEXT = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY_TEXT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** A place on the time axis; over days the midnights are days. */
function tickText(seconds: number, spanMs: number): string {
  const at = new Date(seconds * 1000);
  return spanMs > 36 * 3_600_000 && at.getHours() === 0 && at.getMinutes() === 0 ? DAY_TEXT.format(at) : HOUR_TEXT.format(at);
}

/** Changes when the theme does, so that colours are read anew. */
function useThemeMark(): string {
  const [mark, setMark] = useState(() => document.documentElement.dataset.theme ?? "");
  useEffect(() => {
    const observer = new MutationObserver(() => setMark(document.documentElement.dataset.theme ?? ""));
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return mark;
}

function options(props: ChartProps, width: number, onCursor: (index: number | null) => void): uPlot.Options {
  const { lines, unit, top, group } = props;
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { font, stroke: color("--ink3"), ticks: { show: false } } as const;
  return {
    width,
    height: props.height ?? 150,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: group }, y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: () => [props.from / 1000, props.to / 1000] },
      y: { range: (_chart, _min, max) => [0, top ?? (max > 0 ? max * 1.12 : 1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        space: 70,
        values: (_chart, splits) => splits.map((at) => tickText(at, props.to - props.from)),
      },
      {
        ...axis,
        grid: { stroke: color("--line2"), width: 1 },
        size: 62,
        gap: 6,
        space: 34,
        ...(unit.startsWith("B") ? { incrs: BINARY } : {}),
        values: (_chart, splits) => splits.map((value) => measure(value, unit)),
      },
    ],
    series: [
      {},
      ...lines.flatMap((line) => [
        { label: line.name, stroke: color(line.color), width: 1.5, spanGaps: false, points: { show: false } },
        { stroke: "transparent", points: { show: false }, spanGaps: false },
        { stroke: "transparent", points: { show: false }, spanGaps: false },
      ]),
    ],
    bands: lines.map((line, index) => ({ series: [index * 3 + 3, index * 3 + 2] as [number, number], fill: color(line.color, 0.16) })),
    hooks: { setCursor: [(chart) => onCursor(chart.cursor.idx ?? null)] },
  };
}

export default function Chart(props: ChartProps & { stepMs: number }) {
  const { title, unit, lines, stepMs, from, to, top, group } = props;
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const theme = useThemeMark();
  const [cursor, setCursor] = useState<number | null>(null);
  const data = useMemo(() => align(lines, stepMs), [lines, stepMs]);
  const now = useRef({ props, data });
  now.current = { props, data };
  // The frame is made anew for other lines or another theme; new points only move the data.
  const shape = `${theme} ${unit} ${top ?? ""} ${group} ${lines.map((line) => line.name + line.color).join()}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` says all that the frame depends on
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const live = { ...now.current.props } as ChartProps;
    const made = new uPlot(options(live, element.clientWidth, setCursor), now.current.data as uPlot.AlignedData, element);
    // The span is read through the live object, so that time moves on without a new frame.
    spans.set(made, live);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: made.height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape]);
  useEffect(() => {
    const made = chart.current;
    if (!made) return;
    Object.assign(spans.get(made) ?? {}, { from, to });
    made.setData(data as uPlot.AlignedData);
  }, [data, from, to]);

  const place = cursor ?? data[0].length - 1;
  const time = data[0][place];
  const words = lines.map((line, index) => ({ line, value: lastValue(data[index * 3 + 1] ?? [], place, cursor !== null) }));
  return (
    <figure
      aria-label={`${title}: ${words.map(({ line, value }) => `${line.name} ${value === null ? "unknown" : measure(value, unit)}`).join(", ")}`}
      className="min-w-0 rounded-xl border border-line bg-panel px-3 pt-2.5 pb-1.5"
    >
      <figcaption className="flex items-baseline gap-3">
        <span className="font-semibold">{title}</span>
        {cursor !== null && time !== undefined && <span className="text-ink3 text-xs">{dayClock(time * 1000)}</span>}
        <span className="ml-auto flex flex-wrap justify-end gap-x-3">
          {words.map(({ line, value }) => (
            <span key={line.name} className="whitespace-nowrap text-xs">
              {lines.length > 1 && (
                <>
                  <Swatch token={line.color} /> <span className="text-ink2">{line.name}</span>{" "}
                </>
              )}
              <b className={cx("font-semibold", lines.length === 1 && "text-sm")}>{value === null ? "–" : measure(value, unit)}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={frame} className="mt-1 min-w-0 overflow-hidden" style={{ height: props.height ?? 150 }} />
    </figure>
  );
}

const spans = new WeakMap<uPlot, ChartProps>();

function Swatch({ token }: { token: string }) {
  return <i aria-hidden="true" className="inline-block size-2 rounded-full" style={{ background: `var(${token})` }} />;
}

/** The value at a place; without a pointer the last one there is. */
function lastValue(column: readonly (number | null)[], place: number, exact: boolean): number | null {
  for (let at = place; at >= 0; at -= 1) {
    const value = column[at];
    if (value !== null && value !== undefined) return value;
    if (exact) return null;
  }
  return null;
}
