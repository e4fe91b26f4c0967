// The Cedar text of a role: made from its rules, or written by hand by those who want more than the form can say.
import { Button } from "../../ui/button";
import { CodeText } from "../../ui/code-text";
import { CodeWriter } from "../../ui/code-writer";
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
            <CodeWriter
              text={draft.cedar ?? ""}
              label="Cedar text"
              onChange={onWrite}
              maxLength={65_536}
              className="h-[56vh] min-h-60 !flex-none"
            />
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
