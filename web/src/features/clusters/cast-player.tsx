// Plays a recorded terminal: play and pause, a bar to go anywhere, how fast, and without the pauses.
import { useQuery } from "@tanstack/react-query";
import { Pause, Play, RotateCcw } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { sessionFetch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Button } from "../../ui/button";
import { ToolSelect } from "../../ui/field";
import { Failed, Skeleton } from "../../ui/states";
import { screenOpen } from "../../ui/terminal/screen";
import { type Cast, CastPlayer, castParse, castShorten } from "./cast";

const SPEEDS = ["0.5", "1", "2", "4", "8"].map((speed) => [speed, `${speed}×`] as const);
/** Longer pauses are cut to this, in seconds. */
const IDLE = 2;
const JUMP = 5;

async function read(id: string): Promise<Cast> {
  const url = new URL(`/api/v1/recordings/${encodeURIComponent(id)}/cast`, location.origin);
  const response = await sessionFetch(new Request(url, { headers: { accept: "application/x-asciicast" } }));
  if (!response.ok) throw problemOf(await response.json().catch(() => null), response);
  return castParse(await response.text());
}

/** `1:05`. */
function clockText(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function CastView({ id, label }: { id: string; label: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["cast", id],
    queryFn: () => read(id),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  if (data) return <Player key={id} cast={data} label={label} />;
  return error ? (
    <Failed error={error} what="The recording could not be read" onRetry={() => void refetch()} />
  ) : (
    <Skeleton className="h-72" />
  );
}

function Player({ cast: whole, label }: { cast: Cast; label: string }) {
  const host = useRef<HTMLDivElement>(null);
  const player = useRef<CastPlayer | null>(null);
  const [skip, setSkip] = useState(true);
  const [speed, setSpeed] = useState("1");
  const [playing, setPlaying] = useState(true);
  const [at, setAt] = useState(0);
  const cast = useMemo(() => castShorten(whole, skip ? IDLE : null), [whole, skip]);

  useEffect(() => {
    if (!host.current) return;
    const { term, dispose } = screenOpen(host.current, { readOnly: true, columns: cast.columns, rows: cast.rows, label });
    const made = new CastPlayer(cast, {
      reset: (columns, rows) => {
        term.reset();
        term.resize(columns, rows);
      },
      write: (data) => term.write(data),
      resize: (columns, rows) => term.resize(columns, rows),
    });
    player.current = made;
    made.show(0);
    setAt(0);
    return () => {
      player.current = null;
      dispose();
    };
  }, [cast, label]);

  useEffect(() => {
    if (!playing) return;
    let before = performance.now();
    let frame = 0;
    const step = (now: number) => {
      const made = player.current;
      if (!made) return;
      made.show(Math.min(made.now + ((now - before) / 1000) * Number(speed), cast.length));
      before = now;
      setAt(made.now);
      if (made.now >= cast.length) setPlaying(false);
      else frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, cast]);

  const seek = (to: number) => {
    player.current?.show(Math.min(Math.max(to, 0), cast.length));
    setAt(player.current?.now ?? 0);
  };
  const over = at >= cast.length;
  const toggle = () => {
    if (over) seek(0);
    setPlaying(over || !playing);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLSelectElement || event.target instanceof HTMLButtonElement) return;
    if (event.key === " ") toggle();
    else if (event.key === "ArrowLeft") seek(at - JUMP);
    else if (event.key === "ArrowRight") seek(at + JUMP);
    else return;
    event.preventDefault();
  };
  const icon = over ? <RotateCcw size={14} aria-hidden /> : playing ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />;
  return (
    <section aria-label={label} className="overflow-hidden rounded-xl border border-line bg-panel" onKeyDown={keys}>
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        role="region"
        aria-label="Screen of the recording"
        className="overflow-x-auto p-3 focus-visible:outline-offset-[-2px]"
      >
        <div ref={host} className="w-fit" />
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-t px-3 py-2">
        <Button size="sm" icon={icon} onClick={toggle}>
          {over ? "Again" : playing ? "Pause" : "Play"}
        </Button>
        <input
          type="range"
          aria-label="Moment"
          aria-valuetext={`${clockText(at)} of ${clockText(cast.length)}`}
          min={0}
          max={Math.max(cast.length, 0.01)}
          step={0.01}
          value={at}
          onChange={(event) => seek(Number(event.target.value))}
          className="h-6 min-w-28 flex-1 accent-accent"
        />
        <span className="whitespace-nowrap text-ink2 text-xs">
          {clockText(at)} / {clockText(cast.length)}
        </span>
        <ToolSelect label="Speed" options={SPEEDS} value={speed} onChange={(event) => setSpeed(event.target.value)} />
        <label className="flex items-center gap-2 text-ink2 text-xs">
          <input type="checkbox" className="check" checked={skip} onChange={(event) => setSkip(event.target.checked)} />
          Skip pauses
        </label>
      </div>
    </section>
  );
}
