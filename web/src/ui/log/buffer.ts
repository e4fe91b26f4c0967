// A bounded list of log lines: new ones come at the end, older ones at the front, and past the bound the oldest are forgotten.
import type { LogLine } from "../../api/types";

export const LOG_MOST = 50_000;

export class LogBuffer {
  private lines: LogLine[] = [];
  /** Lines before this place are forgotten; they are cut off now and then rather than each time. */
  private head = 0;
  private readonly most: number;

  constructor(most = LOG_MOST) {
    this.most = most;
  }

  get length(): number {
    return this.lines.length - this.head;
  }

  get full(): boolean {
    return this.length >= this.most;
  }

  get(index: number): LogLine | undefined {
    return this.lines[this.head + index];
  }

  get first(): LogLine | undefined {
    return this.get(0);
  }

  get last(): LogLine | undefined {
    return this.lines.at(-1);
  }

  /** Adds lines at the end, leaving out what is already here. Returns how many of the oldest were forgotten. */
  push(lines: readonly LogLine[]): number {
    const last = this.last?.seq ?? Number.NEGATIVE_INFINITY;
    for (const line of lines) if (line.seq > last) this.lines.push(line);
    const over = this.length - this.most;
    if (over <= 0) return 0;
    this.head += over;
    if (this.head > this.most / 2) {
      this.lines = this.lines.slice(this.head);
      this.head = 0;
    }
    return over;
  }

  /** Adds older lines at the front, as many as the bound allows. Returns how many came. */
  prepend(lines: readonly LogLine[]): number {
    const first = this.first?.seq ?? Number.POSITIVE_INFINITY;
    const older = lines.filter((line) => line.seq < first);
    const taken = older.slice(Math.max(0, older.length - (this.most - this.length)));
    this.lines = [...taken, ...this.lines.slice(this.head)];
    this.head = 0;
    return taken.length;
  }

  /** The place of the first line that is not older than `seq`. */
  indexOf(seq: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.get(middle)?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  clear(): void {
    this.lines = [];
    this.head = 0;
  }
}
