// What happened lately to agents, newest first.
import { Link } from "@tanstack/react-router";
import { withoutClosed } from "../../api/activity";
import type { RecentActivity } from "../../api/types";
import { Empty } from "../../ui/states";
import { actionWords, Mark, refusalWords, resultWords, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";

export function Recent({ items }: { items: readonly RecentActivity[] }) {
  if (items.length === 0) return <Empty title="Nothing happened yet">Connections and actions appear here as they happen.</Empty>;
  return (
    <ol>
      {withoutClosed(items).map((item) => {
        const { tone, word } = resultWords(item.result);
        const own = item.actor === item.agent_name;
        return (
          <li key={item.id} className="flex gap-2.5 border-line2 border-b px-3.5 py-2 last:border-0">
            <span className={`mt-1 ${TONE_TEXT[item.result === "started" ? "idle" : tone]}`} title={word}>
              <Mark tone={item.result === "started" ? "idle" : tone} size={10} />
              <span className="sr-only">{word}: </span>
            </span>
            <div className="min-w-0 flex-1">
              <div className="flex items-baseline gap-1.5">
                {item.agent_name && (
                  <Link to="/agents/$name" params={{ name: item.agent_name }} className="min-w-0 truncate font-semibold hover:underline">
                    {item.agent_name}
                  </Link>
                )}
                <span className="shrink-0 text-ink2">{actionWords(item.action.replace(/^agent_/, "")).toLowerCase()}</span>
                <Ago at={item.at} as="for" className="ml-auto shrink-0 text-ink3 text-xs" />
              </div>
              {(item.detail || !own) && (
                <div className="line-clamp-2 break-words text-ink3 text-xs">
                  {!own && <span className="text-ink2">{item.actor}</span>}
                  {!own && item.detail && ": "}
                  {item.result === "denied" ? refusalWords(item.detail) : item.detail}
                </div>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
