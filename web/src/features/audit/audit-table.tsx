// The entries: virtual, each opens to all that is known of it.
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { memo, useRef, useState } from "react";
import type { AuditEntry } from "../../api/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { cx } from "../../ui/cx";
import { took } from "../../ui/format";
import { actionWords, Mark, refusalWords, resultWords, TONE_TEXT } from "../../ui/status";
import { Ago, exact } from "../../ui/time";
import { SameRequest } from "./same-request";

interface TableProps {
  entries: readonly AuditEntry[];
  more: boolean;
  loadingMore: boolean;
  onMore: () => void;
  onPick: (part: Partial<Search>) => void;
  label: string;
}

export function AuditTable({ entries, more, loadingMore, onMore, onPick, label }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<string | null>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 40,
    getItemKey: (index) => entries[index]?.id ?? index,
    overscan: 10,
  });
  return (
    <div className="audit-table flex min-h-0 flex-1 flex-col overflow-hidden rounded-xl border border-line bg-panel">
      <div aria-hidden="true" className="audit-grid h-[34px] shrink-0 items-center border-line border-b font-medium text-ink3 text-xs">
        <span>
          <span className="col-word">Result</span>
        </span>
        <span>What</span>
        <span>Who</span>
        <span className="col-on">On</span>
        <span className="col-why">Detail and reason</span>
        <span className="text-right">When</span>
      </div>
      <div
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        role="region"
        aria-label={label}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          if (more && !loadingMore && scrollHeight - scrollTop - clientHeight < 400) onMore();
        }}
        className="min-h-0 flex-1 overflow-y-auto focus-visible:outline-offset-[-2px]"
      >
        <ol className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const entry = entries[item.index];
            return entry ? (
              <li
                key={item.key}
                data-index={item.index}
                ref={rows.measureElement}
                className="absolute inset-x-0 top-0 border-line2 border-b"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Entry
                  entry={entry}
                  open={open === entry.id}
                  onToggle={() => setOpen((now) => (now === entry.id ? null : entry.id))}
                  onPick={onPick}
                />
              </li>
            ) : null;
          })}
        </ol>
      </div>
      {more && (
        <div className="flex h-9 shrink-0 items-center justify-center border-line2 border-t">
          <Button look="ghost" size="sm" busy={loadingMore} onClick={onMore}>
            Show older
          </Button>
        </div>
      )}
    </div>
  );
}

interface EntryProps {
  entry: AuditEntry;
  open: boolean;
  onToggle: () => void;
  onPick: (part: Partial<Search>) => void;
}

const Entry = memo(function Entry({ entry, open, onToggle, onPick }: EntryProps) {
  const { tone, word } = resultWords(entry.result);
  const shape = entry.result === "started" ? "idle" : tone;
  return (
    <div className={open ? "bg-bg" : undefined}>
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="audit-grid min-h-10 w-full items-center py-1 text-left hover:bg-hover focus-visible:outline-offset-[-2px]"
      >
        <span className={cx("flex items-center gap-2 font-medium text-xs", TONE_TEXT[shape])}>
          <Mark tone={shape} size={10} /> <span className="col-word">{word}</span>
          <span className="sr-only">{word}: </span>
        </span>
        <span className="truncate font-medium">{actionWords(entry.action)}</span>
        <span className="truncate text-ink2">{entry.actor}</span>
        <span className="col-on truncate text-ink2">{entry.resource ?? ""}</span>
        <span className="col-why truncate text-ink3">
          {entry.result === "denied" ? refusalWords(entry.detail) : entry.detail}
          {entry.detail && entry.reason && " "}
          {entry.reason && `“${entry.reason}”`}
        </span>
        <span className="flex items-center justify-end gap-1 text-ink3 text-xs">
          <Ago at={entry.at} as="for" />
          <ChevronRight size={13} aria-hidden className={cx("transition-transform", open && "rotate-90")} />
        </span>
      </button>
      {open && <Detail entry={entry} onPick={onPick} />}
    </div>
  );
});

function Detail({ entry, onPick }: { entry: AuditEntry; onPick: (part: Partial<Search>) => void }) {
  const facts: [string, string | null | undefined][] = [
    ["When", exact(entry.at)],
    ["What", entry.action],
    ["Who", `${entry.actor} (${entry.actor_kind})`],
    ["From", entry.address],
    ["On", entry.resource && `${entry.resource_kind ?? ""} ${entry.resource}`.trim()],
    ["Id", entry.resource_id],
    ["Reason", entry.reason],
    ["Detail", entry.detail],
    ["Took", entry.duration_ms != null ? took(entry.duration_ms) : null],
    ["Request", entry.request_id],
  ];
  return (
    <div className="px-4 pt-1 pb-3">
      <dl className="grid grid-cols-[80px_minmax(0,1fr)] gap-x-4 gap-y-1">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name} className="contents">
                <dt className="text-ink3">{name}</dt>
                <dd
                  className={cx(
                    "min-w-0 break-words",
                    (name === "Request" || name === "Id" || name === "From") && "font-mono text-xs leading-5",
                  )}
                >
                  {value}
                </dd>
              </div>
            ),
        )}
      </dl>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button size="sm" onClick={() => onPick({ actor: entry.actor })}>
          Only by {entry.actor}
        </Button>
        <Button size="sm" onClick={() => onPick({ action: entry.action })}>
          Only {entry.action}
        </Button>
        <CopyButton size="sm" text={JSON.stringify(entry, null, 2)} label="Copy as JSON" />
      </div>
      <SameRequest entry={entry} />
    </div>
  );
}
