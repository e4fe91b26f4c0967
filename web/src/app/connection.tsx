// Whether what the page shows is live, in words. A loss says so, counts down to the next try, and can be hurried.
import { useSyncExternalStore } from "react";
import { live } from "../api/feed";
import { useWhyNot, whyAsk } from "../api/me";
import { cx } from "../ui/cx";
import { Ago, useNow, useSecondsUntil } from "../ui/time";

function useLive() {
  return useSyncExternalStore(live.subscribe, live.snapshot);
}

export function Connection() {
  const state = useLive();
  const denied = useWhyNot("event_follow");
  const seconds = useSecondsUntil(state.retryAt);
  const well = state.phase === "live";
  const starting = !state.everLive && state.phase === "connecting";
  const text = well
    ? "Live"
    : starting
      ? "Connecting…"
      : state.phase === "connecting"
        ? "Reconnecting…"
        : seconds > 0
          ? `Reconnecting in ${seconds} s`
          : "Reconnecting…";
  if (denied && typeof denied === "object") {
    return (
      <button
        type="button"
        onClick={(event) => whyAsk(denied, event.currentTarget)}
        title={`${denied.text} What is shown may be old: load the page again. Press to see why.`}
        className="flex h-8 items-center gap-2 rounded-lg px-2 text-ink2 hover:bg-hover"
      >
        <i aria-hidden className="size-[7px] shrink-0 rounded-full bg-idle-mark" />
        <span className="whitespace-nowrap">Not live</span>
      </button>
    );
  }
  return (
    <button
      type="button"
      onClick={() => live.nudge()}
      title={well ? "Changes show the moment they happen" : "Try now"}
      className={cx("flex h-8 items-center gap-2 rounded-lg px-2 hover:bg-hover", well || starting ? "text-ink2" : "text-warn")}
    >
      <i
        aria-hidden
        className={cx(
          "size-[7px] shrink-0 rounded-full",
          well
            ? "bg-ok-mark shadow-[0_0_0_3px_var(--ok-soft)]"
            : starting
              ? "bg-idle-mark"
              : "bg-warn-mark shadow-[0_0_0_3px_var(--warn-soft)]",
        )}
      />
      <span className={cx(well && "max-sm:sr-only", "whitespace-nowrap")}>{text}</span>
    </button>
  );
}

/** A feed that is renewed is away for less. */
const BLINK_MS = 1_000;

/** Under the top bar while the feed is lost for more than a blink. */
export function LossBanner() {
  const state = useLive();
  const now = useNow();
  const well = state.phase === "live" || state.phase === "off" || !state.everLive;
  if (well || now - state.since < BLINK_MS) return <output className="contents" />;
  return (
    <output className="flex items-center justify-center gap-2 border-line border-b bg-warn-soft px-4 py-1 text-warn text-xs">
      <span>
        No connection for <Ago at={new Date(state.since).toISOString()} as="for" />. What you see is the last known state; it resumes
        without gaps.
      </span>
      <button type="button" onClick={() => live.nudge()} className="font-semibold underline underline-offset-2">
        Try now
      </button>
    </output>
  );
}
