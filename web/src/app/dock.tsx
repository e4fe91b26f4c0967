// The dock at the foot of the page: terminals in tabs, above no view and below all of them. It can be drawn higher, folded, and closed.
import { ChevronDown, ChevronUp, SquareTerminal, X } from "lucide-react";
import { type KeyboardEvent, lazy, type PointerEvent, Suspense, useRef } from "react";
import { DOCK_LEAST, dockFold, dockHeight, type TerminalTab, terminalClose, terminalShow, useDock } from "../api/terminals";
import { Button } from "../ui/button";
import { cx } from "../ui/cx";
import { Skeleton } from "../ui/states";

const ShellPane = lazy(() => import("../ui/terminal/shell-pane").then((module) => ({ default: module.ShellPane })));

/** What the page above keeps, in pixels. */
const KEPT = 160;
const STEP = 24;

function room(): number {
  return innerHeight - KEPT;
}

function Grip() {
  const height = useDock((dock) => dock.height);
  const from = useRef<{ y: number; height: number } | null>(null);
  const move = (event: PointerEvent) => {
    if (from.current) dockHeight(from.current.height + from.current.y - event.clientY, room());
  };
  const keys = (event: KeyboardEvent) => {
    const by = event.key === "ArrowUp" ? STEP : event.key === "ArrowDown" ? -STEP : 0;
    if (by === 0) return;
    event.preventDefault();
    dockHeight(height + by, room());
  };
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label="Height of the terminals"
      aria-valuenow={height}
      aria-valuemin={DOCK_LEAST}
      aria-valuemax={Math.max(room(), DOCK_LEAST)}
      onPointerDown={(event) => {
        from.current = { y: event.clientY, height };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={keys}
      className="-mt-1 h-2 shrink-0 cursor-row-resize touch-none hover:bg-accent-soft focus-visible:bg-accent-soft"
    />
  );
}

function Tab({ tab, active }: { tab: TerminalTab; active: boolean }) {
  return (
    <div
      className={cx(
        "flex h-8 max-w-64 shrink-0 items-center rounded-lg pl-2.5",
        active ? "bg-accent-soft text-accent" : "text-ink2 hover:bg-hover hover:text-ink",
      )}
    >
      <button
        type="button"
        aria-pressed={active}
        aria-controls={`terminal-${tab.id}`}
        title={`${tab.title} in cluster ${tab.program.cluster}`}
        onClick={() => terminalShow(tab.id)}
        className={cx("min-w-0 truncate py-1.5", active && "font-semibold")}
      >
        {tab.title}
      </button>
      <button
        type="button"
        aria-label={`Close the terminal ${tab.title}`}
        onClick={() => terminalClose(tab.id)}
        className="mx-1 grid size-6 shrink-0 place-items-center rounded-md hover:bg-hover"
      >
        <X size={13} aria-hidden />
      </button>
    </div>
  );
}

export function Dock() {
  const { tabs, active, folded, height } = useDock();
  if (tabs.length === 0) return null;
  return (
    <section aria-label="Terminals" className="flex shrink-0 flex-col border-line border-t bg-panel">
      {!folded && <Grip />}
      <header className="flex h-10 shrink-0 items-center gap-2 px-2.5">
        <SquareTerminal size={15} aria-hidden className="shrink-0 text-ink3" />
        <div role="group" aria-label="Open terminals" className="flex min-w-0 flex-1 gap-1 overflow-x-auto">
          {tabs.map((tab) => (
            <Tab key={tab.id} tab={tab} active={tab.id === active} />
          ))}
        </div>
        <Button
          look="ghost"
          size="sm"
          aria-label={folded ? "Unfold the terminals" : "Fold the terminals"}
          aria-expanded={!folded}
          icon={folded ? <ChevronUp size={15} aria-hidden /> : <ChevronDown size={15} aria-hidden />}
          onClick={() => dockFold(!folded)}
        />
      </header>
      <div className={cx("flex min-h-0 flex-col border-line2 border-t", folded && "hidden")} style={{ height: `min(${height}px, 55dvh)` }}>
        <Suspense fallback={<Skeleton className="m-3 h-24" />}>
          {tabs.map((tab) => (
            <div
              key={tab.id}
              id={`terminal-${tab.id}`}
              role="group"
              aria-label={tab.title}
              className={tab.id === active ? "flex min-h-0 flex-1 flex-col" : "hidden"}
            >
              <ShellPane program={tab.program} title={tab.title} shown={tab.id === active && !folded} />
            </div>
          ))}
        </Suspense>
      </div>
    </section>
  );
}
