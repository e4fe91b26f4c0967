// The signed checkpoints of the trail, and the public key that proves them.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Checkpoint } from "../../api/types";
import { Button } from "../../ui/button";
import { CodeText } from "../../ui/code-text";
import { CopyButton } from "../../ui/copy";
import { count } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { Section } from "../../ui/section";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Ago } from "../../ui/time";

const PAGE = 20;

export function Checkpoints() {
  const denied = useWhyNot("audit_checkpoints");
  const answer = useInfiniteQuery({
    queryKey: ["audit-checkpoints"],
    queryFn: ({ pageParam }) =>
      ask(api.GET("/api/v1/admin/audit/checkpoints", { params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: !denied,
    refetchInterval: 60_000,
  });
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title="Checkpoints"
      about="Each signs the trail up to an entry, with its length. Keep copies elsewhere, and no cut goes unseen."
    >
      {denied && <NotAllowed reason={denied} />}
      {!denied && answer.isPending && <SkeletonRows rows={4} />}
      {answer.isError && items.length === 0 && (
        <Failed error={answer.error} what="The checkpoints could not be read" onRetry={() => void answer.refetch()} />
      )}
      {answer.isSuccess && items.length === 0 && (
        <Empty title="No checkpoint yet">The first comes within a minute of the first entry.</Empty>
      )}
      {items.length > 0 && (
        <ol aria-label="Checkpoints">
          {items.map((each) => (
            <Item key={each.sequence} checkpoint={each} />
          ))}
        </ol>
      )}
      {answer.hasNextPage && (
        <div className="flex justify-center py-2">
          <Button size="sm" look="ghost" busy={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </Section>
  );
}

function Item({ checkpoint }: { checkpoint: Checkpoint }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 border-line2 border-b px-4 py-2 last:border-0">
      <span className="w-28 shrink-0 font-medium">entry {count(checkpoint.sequence)}</span>
      <code className="min-w-0 flex-1 basis-40 truncate font-mono text-ink3 text-xs" title={checkpoint.hash}>
        {checkpoint.hash}
      </code>
      <code className="font-mono text-ink3 text-xs" title={`signed by the key ${checkpoint.key_id}`}>
        {checkpoint.key_id.slice(0, 12)}
      </code>
      <Ago at={checkpoint.at} className="ml-auto w-20 text-right text-ink3 text-xs" />
      <CopyButton size="sm" look="ghost" text={JSON.stringify(checkpoint, null, 2)} />
    </li>
  );
}

export function PublicKey() {
  const denied = useWhyNot("audit_key");
  const answer = useQuery({
    queryKey: ["audit-key"],
    queryFn: () => ask(api.GET("/api/v1/admin/audit/key")),
    enabled: !denied,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Section
      title="Public key"
      about="With it and an export, anybody proves the trail without this server: mc audit verify --file."
      action={answer.data && <CopyButton text={answer.data.public_key_pem} />}
    >
      <div className="p-3">
        {denied && <NotAllowed reason={denied} />}
        {!denied && answer.isPending && <SkeletonRows rows={2} />}
        {answer.isError && <Failed error={answer.error} what="The key could not be read" onRetry={() => void answer.refetch()} />}
        {answer.data && (
          <>
            <p className="px-1 pb-2 text-ink3 text-xs">
              Key <code className="font-mono">{answer.data.key_id}</code>
            </p>
            <CodeText text={answer.data.public_key_pem} label="Public key" />
          </>
        )}
      </div>
    </Section>
  );
}
