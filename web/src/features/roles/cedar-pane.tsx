// The Cedar text of a role: made from its rules, or written by hand by those who want more than the form can say.
import { useRef } from "react";
import { Button } from "../../ui/button";
import { CodeText } from "../../ui/code-text";
import { CopyButton } from "../../ui/copy";
import { Section } from "../../ui/section";
import { Mark } from "../../ui/status";
import type { Draft } from "./draft";
import type { Checked } from "./use-check";

interface Props {
  draft: Draft;
  checked: Checked;
  readOnly: boolean;
  onWrite: (cedar: string | null) => void;
}

function Verdict({ checked }: { checked: Checked }) {
  const { problems, busy, failure } = checked;
  const tone = busy ? "busy" : problems.length > 0 || failure ? "bad" : "ok";
  const words = busy ? "Checking…" : failure ? failure : problems.length > 0 ? "Cannot be saved yet" : "Fits the schema";
  return (
    <span
      role="status"
      className={`inline-flex items-center gap-1.5 text-xs ${tone === "bad" ? "text-bad" : tone === "ok" ? "text-ok" : "text-ink3"}`}
    >
      <Mark tone={tone} size={10} /> {words}
    </span>
  );
}

export function CedarPane({ draft, checked, readOnly, onWrite }: Props) {
  const byHand = draft.cedar !== null;
  // Whoever began from a text that is not there yet would begin from nothing.
  const never = checked.cedar === "" && checked.problems.length === 0 && checked.failure === null;
  const unmade = !byHand && (checked.busy || never) ? "Its text is still being made." : null;
  return (
    <div className="min-w-0 lg:sticky lg:top-0">
      <Section
        title="Cedar"
        about={<Verdict checked={checked} />}
        action={
          <>
            <CopyButton text={draft.cedar ?? checked.cedar} size="sm" look="ghost" />
            {!readOnly && (
              <Button size="sm" reason={unmade} onClick={() => onWrite(byHand ? null : checked.cedar)}>
                {byHand ? "Back to the form" : "Write by hand"}
              </Button>
            )}
          </>
        }
      >
        <div className="p-3">
          {byHand && !readOnly ? (
            <Writer text={draft.cedar ?? ""} onChange={onWrite} />
          ) : (
            <CodeText text={draft.cedar ?? checked.cedar} label="Cedar text" className="max-h-[60vh] min-h-40" />
          )}
          {checked.problems.length > 0 && (
            <ul aria-label="What is wrong" className="mt-3 flex flex-col gap-1.5">
              {checked.problems.map((problem) => (
                <li key={`${problem.at} ${problem.text}`} className="rounded-lg bg-bad-soft px-3 py-1.5 text-bad text-xs">
                  <code className="font-mono">{problem.at}</code> {problem.text}
                </li>
              ))}
            </ul>
          )}
        </div>
      </Section>
    </div>
  );
}

/** A plain field with the numbers of its lines beside it, kept in step while it scrolls. */
function Writer({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split("\n").length;
  return (
    <div className="flex h-[56vh] min-h-60 overflow-hidden rounded-lg border border-line bg-bg font-mono text-xs leading-5 focus-within:border-accent">
      <div ref={gutter} aria-hidden="true" className="w-9 shrink-0 select-none overflow-hidden py-2 pr-3 text-right text-ink3">
        {Array.from({ length: lines }, (_, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <div key={line}>{line + 1}</div>
        ))}
      </div>
      <textarea
        aria-label="Cedar text"
        value={text}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        wrap="off"
        maxLength={65_536}
        onChange={(event) => onChange(event.target.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
        className="min-w-0 flex-1 resize-none overflow-auto whitespace-pre bg-transparent py-2 pr-3 outline-none"
      />
    </div>
  );
}
