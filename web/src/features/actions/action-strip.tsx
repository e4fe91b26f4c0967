// The strip at the bottom: what is under way and what just ended, on every view. Calm when there is nothing: then it is not there.
import { Popover } from "@base-ui/react/popover";
import { Link } from "@tanstack/react-router";
import { ChevronUp } from "lucide-react";
import { commandOpen, useRecentCommands } from "../../api/commands";
import type { Command } from "../../api/types";
import { CancelButton } from "../../ui/cancel-button";
import { cx } from "../../ui/cx";
import { plural } from "../../ui/format";
import { commandDetail, commandWords, Mark, TONE_TEXT } from "../../ui/status";
import { Ago, useNow } from "../../ui/time";

/** How long an ended command keeps the strip open, in milliseconds. */
const LINGER_MS = 45_000;

export function ActionStrip() {
  const recent = useRecentCommands();
  const now = useNow(5_000);
  const open = recent.filter(commandOpen);
  const ended = recent.filter((command) => command.finished_at && now - Date.parse(command.finished_at) < LINGER_MS);
  const shown = [...open, ...ended];
  const newest = shown[0];
  return (
    <section aria-label="Actions" className={newest ? "shrink-0 border-line border-t bg-panel" : "contents"}>
      <div aria-live="polite" className="sr-only">
        {newest ? `${commandWords(newest).word} ${newest.agent_name} ${commandOpen(newest) ? "" : commandDetail(newest)}` : ""}
      </div>
      {newest && (
        <div className="flex h-[34px] items-center gap-3 px-4 max-md:h-11 max-md:px-3.5">
          <Line command={newest} />
          <Popover.Root>
            <Popover.Trigger className="ml-auto flex h-7 shrink-0 items-center gap-1 rounded-md px-2 text-ink2 hover:bg-hover hover:text-ink">
              {open.length > 1 ? `${plural(open.length, "action")} under way` : <span className="max-sm:sr-only">Recent actions</span>}
              <ChevronUp size={14} aria-hidden />
            </Popover.Trigger>
            <Popover.Portal>
              <Popover.Positioner side="top" align="end" sideOffset={8} className="z-50">
                <Popover.Popup
                  aria-label="Recent actions"
                  className="pop max-h-[60vh] w-[440px] max-w-[94vw] overflow-y-auto rounded-xl border border-line bg-panel p-1 shadow-pop outline-none"
                >
                  {recent.map((command) => (
                    <div key={command.id} className="flex min-h-9 items-center px-2.5 py-1">
                      <Line command={command} wrap />
                    </div>
                  ))}
                </Popover.Popup>
              </Popover.Positioner>
            </Popover.Portal>
          </Popover.Root>
        </div>
      )}
    </section>
  );
}

function Line({ command, wrap = false }: { command: Command; wrap?: boolean }) {
  const { tone, word } = commandWords(command);
  const detail = commandDetail(command);
  const busy = commandOpen(command);
  return (
    <div className="flex min-w-0 flex-1 items-center gap-2">
      <span className={TONE_TEXT[tone]}>
        <Mark tone={tone} />
      </span>
      <span className={cx("min-w-0", !wrap && "truncate")}>
        <span className={cx("font-medium", TONE_TEXT[tone])}>{word}</span>{" "}
        <Link to="/agents/$name" params={{ name: command.agent_name }} className="font-medium hover:underline">
          {command.agent_name}
        </Link>
        {detail && <span className="text-ink2"> {detail}</span>}
      </span>
      <span className="ml-auto flex shrink-0 items-center gap-2 text-ink3 text-xs">
        {busy ? <CancelButton command={command} /> : null}
        <Ago at={command.finished_at ?? command.created_at} as="for" />
      </span>
    </div>
  );
}
