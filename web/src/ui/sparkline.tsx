// A small line of figures; gaps are gaps. Drawn as one path so that a table of them scrolls well.
import { memo } from "react";

/** The path of a line through `values` in a box; `max` is the value at the top. */
export function linePath(values: readonly (number | null | undefined)[], width: number, height: number, max: number, pad = 1.5): string {
  if (values.length < 2) return "";
  const step = (width - pad * 2) / (values.length - 1);
  let path = "";
  let pen = false;
  values.forEach((value, index) => {
    if (value === null || value === undefined) {
      pen = false;
      return;
    }
    const y = height - pad - (Math.min(Math.max(value, 0), max) / max) * (height - pad * 2);
    path += `${pen ? "L" : "M"}${(pad + index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  });
  return path;
}

interface SparkProps {
  values: readonly (number | null | undefined)[];
  width?: number;
  height?: number;
  /** Value at the top; by default a little above the largest, at least `least`. */
  least?: number;
  className?: string;
  label: string;
}

export const Sparkline = memo(function Sparkline({
  values,
  width = 92,
  height = 24,
  least = 20,
  className = "text-ink3",
  label,
}: SparkProps) {
  const known = values.filter((value): value is number => typeof value === "number");
  if (known.length < 2) return null;
  const max = Math.max(least, ...known) * 1.08;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} className={className} role="img" aria-label={label}>
      <path
        d={linePath(values, width, height, max)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
});
