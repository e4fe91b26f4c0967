// What differs between two texts, line by line (Myers' O(ND), from both ends inwards), with a few lines around each place.

export interface DiffLine {
  kind: "same" | "gone" | "new" | "skip";
  text: string;
}

const AROUND = 3;
/** Past so many differences the texts are told whole: nobody reads such a diff line by line. */
const MOST = 4_000;

function shortest(a: readonly string[], b: readonly string[]): DiffLine[] | null {
  const size = a.length + b.length;
  const limit = Math.min(size, MOST);
  let ends = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let depth = 0; depth <= limit; depth += 1) {
    trace.push(ends);
    const next = new Map(ends);
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && (ends.get(k - 1) ?? -1) < (ends.get(k + 1) ?? -1));
      let x = down ? (ends.get(k + 1) ?? 0) : (ends.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walk(a, b, trace, depth);
    }
    ends = next;
  }
  return null;
}

function walk(a: readonly string[], b: readonly string[], trace: readonly Map<number, number>[], depth: number): DiffLine[] {
  const lines: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = depth; d >= 0; d -= 1) {
    const ends = trace[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (ends.get(k - 1) ?? -1) < (ends.get(k + 1) ?? -1));
    const before = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (ends.get(before) ?? 0);
    const fromY = d === 0 ? 0 : fromX - before;
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      lines.push({ kind: "same", text: a[x] ?? "" });
    }
    if (d === 0) break;
    if (down) {
      y -= 1;
      lines.push({ kind: "new", text: b[y] ?? "" });
    } else {
      x -= 1;
      lines.push({ kind: "gone", text: a[x] ?? "" });
    }
  }
  return lines.reverse();
}

/** Every line of both texts, told once. */
export function diffAll(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const inA = a.slice(head, a.length - tail);
  const inB = b.slice(head, b.length - tail);
  const whole = (): DiffLine[] => [
    ...inA.map((text) => ({ kind: "gone" as const, text })),
    ...inB.map((text) => ({ kind: "new" as const, text })),
  ];
  const same = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind: "same", text }));
  return [...same(a.slice(0, head)), ...(shortest(inA, inB) ?? whole()), ...same(a.slice(a.length - tail))];
}

/** The differences with a few lines around each; longer stretches that are alike become one line that says how many. */
export function diff(before: string, after: string): DiffLine[] {
  const all = diffAll(before, after);
  const near = new Set<number>();
  all.forEach((line, place) => {
    if (line.kind === "same") return;
    for (let each = place - AROUND; each <= place + AROUND; each += 1) near.add(each);
  });
  const shown: DiffLine[] = [];
  let skipped = 0;
  const flush = () => {
    if (skipped > 0) shown.push({ kind: "skip", text: `${skipped} ${skipped === 1 ? "line" : "lines"} alike` });
    skipped = 0;
  };
  all.forEach((line, place) => {
    if (!near.has(place)) {
      skipped += 1;
      return;
    }
    flush();
    shown.push(line);
  });
  flush();
  return shown.some((line) => line.kind === "gone" || line.kind === "new") ? shown : [];
}
