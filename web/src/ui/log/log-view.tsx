// The log view: virtual, with levels as colours and words, follow and pause, wrap, filters, a jump in time, older lines on scrolling up,
// and a download. On a whole page its filters live in the URL; in a panel they are its own.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Denial } from "../../api/me";
import type { LogLevel } from "../../api/types";
import type { Search } from "../../api/url";
import { BROWSER, type LogDeps, LogFeed } from "./feed";
import { LogLines } from "./log-lines";
import { LEVELS, LogToolbar } from "./log-toolbar";

interface Wishes {
  level?: LogLevel | undefined;
  q?: string | undefined;
  /** A moment to look at, RFC 3339. */
  at?: string | undefined;
}

function useWishes(local: boolean): [Wishes, (part: Wishes) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const [own, setOwn] = useState<Wishes>({});
  const inUrl = useMemo<Wishes>(
    () => ({ level: LEVELS.find((level) => level === search.level), q: search.q, at: search.at }),
    [search.level, search.q, search.at],
  );
  const change = useCallback(
    (part: Wishes) => {
      if (local) setOwn((all) => ({ ...all, ...part }));
      else void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
    },
    [local, navigate],
  );
  return [local ? own : inUrl, change];
}

function useWrap(): [boolean, (wrap: boolean) => void] {
  const [wrap, setWrap] = useState(() => {
    try {
      return localStorage.getItem("mc.log.wrap") === "1";
    } catch {
      return false;
    }
  });
  const change = (next: boolean) => {
    try {
      localStorage.setItem("mc.log.wrap", next ? "1" : "0");
    } catch {
      // Without storage the choice holds until the view is closed.
    }
    setWrap(next);
  };
  return [wrap, change];
}

interface LogViewProps {
  /** The log's address. */
  base: string;
  /** Whose log it is. */
  name: string;
  compact?: boolean;
  /** Where the lines come from, when not from the server's own logs; it must stay the same object. Such a log has no levels and no past. */
  source?: LogDeps | undefined;
  /** Further controls at the head. */
  children?: ReactNode;
  /** What reading it is called, for a refusal that only the answer tells. */
  denial?: Omit<Denial, "text">;
}

export function LogView({ base, name, compact = false, source, children, denial }: LogViewProps) {
  const [wishes, change] = useWishes(compact);
  const [wrap, setWrap] = useWrap();
  const { level, q, at } = wishes;
  const feed = useMemo(() => new LogFeed(base, { level, q }, source ?? BROWSER), [base, level, q, source]);
  const state = useSyncExternalStore(feed.subscribe, feed.snapshot);
  const [anchor, setAnchor] = useState<number | null>(null);
  useEffect(() => {
    const moment = at ? Date.parse(at) : Number.NaN;
    setAnchor(null);
    if (Number.isNaN(moment)) feed.start();
    else void feed.jump(moment).then(setAnchor);
    return () => feed.stop();
  }, [feed, at]);
  const follow = () => {
    if (at) change({ at: undefined });
    else feed.resume();
  };
  return (
    <section aria-label={`Log of ${name}`} className="flex min-h-0 flex-1 flex-col gap-2">
      <LogToolbar
        base={base}
        compact={compact}
        foreign={source !== undefined}
        wishes={wishes}
        onChange={change}
        wrap={wrap}
        onWrap={setWrap}
        mode={state.mode}
        onPause={() => feed.pause()}
        onFollow={follow}
      >
        {children}
      </LogToolbar>
      <LogLines
        feed={feed}
        state={state}
        denial={denial}
        wrap={wrap}
        compact={compact}
        q={q}
        anchor={anchor}
        filtered={Boolean(level || q)}
        onFollow={follow}
      />
    </section>
  );
}
