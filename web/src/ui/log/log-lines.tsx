// The lines themselves: only those in sight exist. Scrolling up pauses, scrolling to the end follows again, the top reads older lines.
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { memo, useEffect, useLayoutEffect, useRef } from "react";
import type { Denial } from "../../api/me";
import type { LogLine } from "../../api/types";
import { cx } from "../cx";
import { count, plural } from "../format";
import { Empty, Failed, Skeleton } from "../states";
import { LEVEL_CLASS } from "../status";
import { clock, dayClock, exact } from "../time";
import type { LogFeed, LogState } from "./feed";
import { plainText, splitMatch } from "./text";

const LINE = 20;
/** How near the end counts as at the end, in pixels. */
const NEAR = 6;
const TOP = 240;

interface LinesProps {
  feed: LogFeed;
  state: LogState;
  wrap: boolean;
  compact: boolean;
  q: string | undefined;
  /** The line to begin at, when an earlier time is shown. */
  anchor: number | null;
  filtered: boolean;
  denial: Omit<Denial, "text"> | undefined;
  onFollow: () => void;
}

export function LogLines({ feed, state, wrap, compact, q, anchor, filtered, denial, onFollow }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const place = useRef({ top: 0, height: 0 });
  const rows = useVirtualizer({
    count: state.length,
    getScrollElement: () => scroller.current,
    // A frame later is soon enough, and never blocks the scrolling itself.
    useFlushSync: false,
    estimateSize: () => LINE,
    getItemKey: (index) => feed.buffer.get(index)?.seq ?? index,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are measured anew when wrapping changes
  useEffect(() => rows.measure(), [wrap]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new version of the lines moves the end
  useLayoutEffect(() => {
    if (state.mode !== "follow" || state.length === 0) return;
    if (wrap) rows.scrollToIndex(state.length - 1, { align: "end" });
    else if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [state.version, state.mode, wrap]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each jump, when its lines are here
  useLayoutEffect(() => {
    if (anchor !== null && state.mode === "history") rows.scrollToIndex(feed.buffer.indexOf(anchor), { align: "start" });
  }, [anchor]);

  const older = () => {
    void feed.loadOlder().then((came) => {
      if (came === 0 || !scroller.current) return;
      // What was in sight stays in sight.
      if (wrap) rows.scrollToIndex(came, { align: "start" });
      else scroller.current.scrollTop += came * LINE;
    });
  };

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const before = place.current;
    place.current = { top: scrollTop, height: scrollHeight };
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    const up = scrollTop < before.top - 2 && scrollHeight >= before.height;
    if (up && state.mode === "follow" && !atEnd) feed.pause();
    else if (atEnd && state.mode === "paused" && scrollTop > before.top) feed.resume();
    else if (atEnd && state.mode === "history" && scrollTop > before.top) void feed.loadNewer();
    if (scrollTop < TOP && up && state.older) older();
  };

  if (state.phase === "failed" && state.length === 0)
    return <Failed error={state.error} what="The log could not be read" onRetry={() => feed.start()} denial={denial} />;
  if (state.length === 0 && state.phase === "loading") return <LoadingLines />;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {state.phase === "waiting" && (
        <output className="mb-1 text-warn text-xs">The log's stream was lost; it is being opened again.</output>
      )}
      <div
        ref={scroller}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Log lines"
        className={cx(
          "min-h-0 flex-1 overflow-y-auto rounded-xl border border-line bg-panel py-1.5 font-mono text-xs",
          wrap ? "overflow-x-hidden" : "overflow-x-auto",
        )}
      >
        {state.length === 0 ? (
          <div className="font-sans">
            <Empty title={filtered ? "No line matches" : "Nothing logged yet"}>
              {filtered ? "Lines that match appear here as they are written." : "Lines appear here the moment they are written."}
            </Empty>
          </div>
        ) : (
          <div className="relative" style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((item) => {
              const line = feed.buffer.get(item.index);
              return line ? (
                <div
                  key={item.key}
                  ref={wrap ? rows.measureElement : undefined}
                  data-index={item.index}
                  className={cx("absolute top-0 left-0", wrap ? "w-full" : "min-w-full")}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Line line={line} wrap={wrap} compact={compact} q={q} marked={line.seq === anchor} />
                </div>
              ) : null;
            })}
          </div>
        )}
      </div>
      <Foot feed={feed} state={state} onFollow={onFollow} onOlder={older} />
    </div>
  );
}

const Line = memo(function Line({
  line,
  wrap,
  compact,
  q,
  marked,
}: {
  line: LogLine;
  wrap: boolean;
  compact: boolean;
  q: string | undefined;
  marked: boolean;
}) {
  const text = plainText(line.message);
  const old = Date.now() - Date.parse(line.at) > 20 * 3_600_000;
  const plain = line.source === "stdout" || line.source === "stderr" || line.source === "journal";
  return (
    <div
      className={cx(
        "flex min-h-[20px] gap-3 px-3 leading-5 hover:bg-hover",
        line.level === "error" && "bg-bad-soft/60",
        marked && "bg-accent-soft",
        (line.level === "debug" || line.level === "trace") && "text-ink3",
      )}
    >
      <time dateTime={line.at} title={exact(line.at)} className="shrink-0 select-none text-ink3">
        {old ? dayClock(line.at) : clock(line.at).slice(0, 8)}
        {!old && !compact && <span className="max-md:hidden">{clock(line.at).slice(8)}</span>}
      </time>
      <span className={cx("w-[5ch] shrink-0 select-none font-semibold uppercase", LEVEL_CLASS[line.level])}>{line.level}</span>
      {!compact && !plain && (
        <span className="max-w-[24ch] shrink-0 truncate text-ink3" title={line.source}>
          {line.source}
        </span>
      )}
      <span
        className={cx(
          wrap ? "min-w-0 whitespace-pre-wrap break-words [overflow-wrap:anywhere]" : "whitespace-pre",
          line.level === "error" && "text-bad",
          line.level === "warn" && "text-warn",
        )}
      >
        {q
          ? splitMatch(text, q).map(({ key, part, hit }) =>
              hit ? (
                <mark key={key} className="rounded-sm bg-accent-soft text-accent">
                  {part}
                </mark>
              ) : (
                part
              ),
            )
          : text}
      </span>
    </div>
  );
});

function Foot({ feed, state, onFollow, onOlder }: { feed: LogFeed; state: LogState; onFollow: () => void; onOlder: () => void }) {
  return (
    <>
      {state.mode === "paused" && (
        <button
          type="button"
          onClick={onFollow}
          className="-translate-x-1/2 absolute bottom-9 left-1/2 inline-flex h-8 items-center gap-1.5 whitespace-nowrap rounded-full border border-line bg-raise px-3 font-medium text-accent shadow-pop hover:bg-hover"
        >
          <ArrowDown size={14} aria-hidden />
          {state.held > 0 ? `${plural(state.held, "new line")}` : "To the end"}
        </button>
      )}
      <div className="flex h-7 shrink-0 items-center gap-3 pt-1 text-ink3 text-xs">
        <span>
          {state.mode === "follow" ? "Following" : state.mode === "paused" ? "Paused" : "An earlier time"}, {plural(state.length, "line")}
          {feed.buffer.full && ", the most that is shown: download for more"}
        </span>
        {state.loadingOlder ? (
          <span>reading more…</span>
        ) : (
          state.older &&
          !feed.buffer.full &&
          state.length > 0 && (
            <button
              type="button"
              onClick={() => {
                feed.pause();
                onOlder();
              }}
              className="text-accent hover:underline"
            >
              Load older
            </button>
          )
        )}
        {state.error && state.phase === "open" && <span className="text-bad">{state.error.message}</span>}
        <span className="sr-only">{count(state.held)}</span>
      </div>
    </>
  );
}

function LoadingLines() {
  return (
    <div role="status" aria-label="Loading" className="flex-1 rounded-xl border border-line bg-panel p-3">
      {["w-7/12", "w-9/12", "w-5/12", "w-8/12", "w-6/12", "w-10/12", "w-4/12"].map((width) => (
        <Skeleton key={width} className={`mb-2 h-3 ${width}`} />
      ))}
    </div>
  );
}
