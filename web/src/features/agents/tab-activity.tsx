// What happened to one agent: connections, actions and their ends, newest first.
import { useInfiniteQuery } from "@tanstack/react-query";
import { withoutClosed } from "../../api/activity";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Activity, Agent } from "../../api/types";
import { Button } from "../../ui/button";
import { took } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { actionWords, Mark, refusalWords, resultWords, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";

function useActivity(id: string, limit: number, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["activity", id, limit],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/agents/{id}/activity", {
          params: { path: { id }, query: { limit, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled,
  });
}

export function Timeline({ agent, limit, more = false }: { agent: Agent; limit: number; more?: boolean }) {
  const on = { kind: "agent", id: agent.id, name: agent.name };
  const denied = useWhyNot("agent_activity", on);
  const answer = useActivity(agent.id, limit, !denied);
  if (denied) return <NotAllowed reason={denied} />;
  if (answer.isPending) return <SkeletonRows rows={4} className="h-9" />;
  if (answer.isError) {
    return (
      <Failed
        error={answer.error}
        what="The activity could not be read"
        onRetry={() => void answer.refetch()}
        denial={{ action: "agent_activity", on }}
      />
    );
  }
  const items = withoutClosed(answer.data.pages.flatMap((page) => page.items));
  if (items.length === 0) return <Empty title="Nothing happened yet">Connections and actions appear here as they happen.</Empty>;
  return (
    <>
      <ol>
        {items.map((item) => (
          <Item key={item.id} item={item} agent={agent} />
        ))}
      </ol>
      {more && answer.hasNextPage && (
        <div className="mt-3 flex justify-center">
          <Button busy={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </>
  );
}

function Item({ item, agent }: { item: Activity; agent: Agent }) {
  const { tone, word } = resultWords(item.result);
  const own = item.actor === agent.name;
  return (
    <li className="flex gap-2.5 border-line2 border-b py-2 last:border-0">
      <span className={`mt-1 ${TONE_TEXT[tone]}`} title={word}>
        <Mark tone={item.result === "started" ? "idle" : tone} size={10} />
        <span className="sr-only">{word}: </span>
      </span>
      <div className="min-w-0 flex-1">
        <div>
          <span className="font-medium">{actionWords(item.action)}</span>
          {!own && <span className="text-ink2"> by {item.actor}</span>}
          {item.duration_ms != null && <span className="text-ink3"> in {took(item.duration_ms)}</span>}
        </div>
        {item.detail && (
          <div className="break-words text-ink2 text-xs">{item.result === "denied" ? refusalWords(item.detail) : item.detail}</div>
        )}
        {item.reason && <div className="break-words text-ink3 text-xs">“{item.reason}”</div>}
      </div>
      <Ago at={item.at} className="shrink-0 text-ink3 text-xs" />
    </li>
  );
}
