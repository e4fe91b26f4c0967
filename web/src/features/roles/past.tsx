// Past actions that a change of a role would have decided otherwise.
import { Link } from "@tanstack/react-router";
import { withoutClosed } from "../../api/activity";
import type { PastAnswer } from "../../api/types";
import { plural } from "../../ui/format";
import { Empty } from "../../ui/states";
import { actionWords, Chip } from "../../ui/status";
import { Ago } from "../../ui/time";

export function PastResult({ answer }: { answer: PastAnswer }) {
  // An action that began and ended is one action.
  const kept = new Set(withoutClosed(answer.items.map((item) => item.entry)));
  const items = answer.items.filter((item) => kept.has(item.entry));
  const refused = items.filter((item) => !item.after).length;
  if (items.length === 0) {
    return (
      <Empty title="Nothing would have been different">{plural(answer.checked, "past action was", "past actions were")} looked at.</Empty>
    );
  }
  return (
    <>
      <p className="px-4 py-2.5 text-ink2">
        Of {plural(answer.checked, "past entry", "past entries")},{" "}
        <b className="font-semibold text-ink">{plural(refused, "action")} would have been refused</b>
        {items.length > refused && ` and ${items.length - refused} allowed that were not`}.
      </p>
      <ol aria-label="Decided otherwise">
        {items.map(({ entry, after, rule }) => (
          <li key={entry.id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 border-line2 border-t px-4 py-2">
            <Chip tone={after ? "ok" : "bad"}>{after ? "Allowed then" : "Refused then"}</Chip>
            <span className="font-medium">{actionWords(entry.action)}</span>
            <span className="text-ink2">
              by {entry.actor}
              {entry.resource && ` on ${entry.resource}`}
            </span>
            <code className="font-mono text-ink3 text-xs">{rule}</code>
            <span className="ml-auto text-ink3 text-xs">
              <Link to="/audit" search={{ q: entry.request_id }} className="hover:underline">
                <Ago at={entry.at} />
              </Link>
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
