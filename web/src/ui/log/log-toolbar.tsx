// The controls above a log.
import { Popover } from "@base-ui/react/popover";
import { Clock, Download, Pause, Play, WrapText } from "lucide-react";
import { type ReactNode, useState } from "react";
import { logUrl } from "../../api/log-stream";
import type { LogLevel } from "../../api/types";
import { Button, buttonClass } from "../button";
import { cx } from "../cx";
import { TextField, ToolSelect } from "../field";
import { SearchBox } from "../search-box";
import type { LogMode } from "./feed";

export const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];
const LEVEL_OPTIONS = [
  ["", "All levels"],
  ["debug", "Debug and up"],
  ["info", "Info and up"],
  ["warn", "Warnings and errors"],
  ["error", "Errors"],
] as const;

interface Wishes {
  level?: LogLevel | undefined;
  q?: string | undefined;
  at?: string | undefined;
}

interface ToolbarProps {
  base: string;
  compact: boolean;
  /** The lines come from elsewhere: without levels, without a past to jump into, without an address to download. */
  foreign: boolean;
  wishes: Wishes;
  onChange: (part: Wishes) => void;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  mode: LogMode;
  onPause: () => void;
  onFollow: () => void;
  children?: ReactNode;
}

export function LogToolbar({ base, compact, foreign, wishes, onChange, wrap, onWrap, mode, onPause, onFollow, children }: ToolbarProps) {
  const following = mode === "follow";
  const download = logUrl(base, { level: wishes.level, q: wishes.q } as { level?: LogLevel; q?: string }, { format: "text" });
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2">
      <SearchBox
        value={wishes.q ?? ""}
        onChange={(q) => onChange({ q: q || undefined })}
        label="Filter lines"
        placeholder="Filter lines"
        waitMs={300}
        className={compact ? "min-w-24 flex-1" : "w-64 max-md:w-full"}
      />
      {!foreign && (
        <ToolSelect
          label="Least level"
          options={LEVEL_OPTIONS}
          value={wishes.level ?? ""}
          onChange={(event) => onChange({ level: LEVELS.find((level) => level === event.target.value) })}
          className={compact ? "w-24" : "max-md:w-28"}
        />
      )}
      {children}
      <div className={cx("flex items-center gap-1.5", !compact && "ml-auto")}>
        {!compact && !foreign && <JumpTo at={wishes.at} onJump={(at) => onChange({ at })} />}
        <Button
          size="md"
          look={wrap ? "plain" : "ghost"}
          aria-pressed={wrap}
          aria-label="Wrap long lines"
          title="Wrap long lines"
          icon={<WrapText size={15} aria-hidden />}
          onClick={() => onWrap(!wrap)}
        />
        {!foreign && (
          <a
            href={download}
            download
            className={buttonClass("ghost", "md", true)}
            aria-label="Download as text"
            title="Download as text, with this filter, as far back as it is kept"
          >
            <Download size={15} aria-hidden />
          </a>
        )}
        <Button
          look={following ? "plain" : "primary"}
          icon={following ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          onClick={following ? onPause : onFollow}
        >
          {following ? "Pause" : "Follow"}
        </Button>
      </div>
    </div>
  );
}

/** A moment as the `datetime-local` field wants it, in the user's time zone. */
function localText(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function JumpTo({ at, onJump }: { at: string | undefined; onJump: (at: string | undefined) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const go = (moment: Date) => {
    setOpen(false);
    if (!Number.isNaN(moment.getTime())) onJump(moment.toISOString());
  };
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        if (next) setText(localText(at ? new Date(at) : new Date(Date.now() - 3_600_000)));
        setOpen(next);
      }}
    >
      <Popover.Trigger className={buttonClass(at ? "plain" : "ghost")}>
        <Clock size={15} aria-hidden />
        <span className="max-md:sr-only">Go to a time</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="z-50">
          <Popover.Popup aria-label="Go to a time" className="pop w-64 rounded-xl border border-line bg-panel p-3 shadow-pop outline-none">
            <form
              onSubmit={(event) => {
                event.preventDefault();
                go(new Date(text));
              }}
              className="flex flex-col gap-3"
            >
              <TextField
                label="Show the log at"
                type="datetime-local"
                step={1}
                value={text}
                onChange={(event) => setText(event.target.value)}
                hint="In your time zone. Logs are kept 7 days."
              />
              <div className="flex flex-wrap gap-1.5">
                {(
                  [
                    ["15 min", 15],
                    ["1 h", 60],
                    ["6 h", 360],
                    ["24 h", 1440],
                  ] as const
                ).map(([label, minutes]) => (
                  <Button key={label} size="sm" onClick={() => go(new Date(Date.now() - minutes * 60_000))}>
                    {label} ago
                  </Button>
                ))}
              </div>
              <Button type="submit" look="primary">
                Go
              </Button>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
