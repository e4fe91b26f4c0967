// What is known of a token's use: how often, and the latest addresses.
import { useQuery } from "@tanstack/react-query";
import { api, ask } from "../../api/client";
import type { Token } from "../../api/types";
import { Dialog } from "../../ui/dialog";
import { Facts } from "../../ui/facts";
import { count } from "../../ui/format";
import { Failed, SkeletonRows } from "../../ui/states";
import { Ago } from "../../ui/time";

export function TokenUses({ token, onClose }: { token: Token; onClose: () => void }) {
  const answer = useQuery({
    queryKey: ["tokens", "one", token.id],
    queryFn: () => ask(api.GET("/api/v1/tokens/{id}", { params: { path: { id: token.id } } })),
  });
  return (
    <Dialog open onClose={onClose} title={token.name} description="Its use so far.">
      {answer.isPending && <SkeletonRows rows={3} />}
      {answer.isError && <Failed error={answer.error} what="The token could not be read" onRetry={() => void answer.refetch()} />}
      {answer.data && (
        <>
          <Facts
            list={[
              ["Uses", count(answer.data.uses)],
              ["Last used", answer.data.last_used_at ? <Ago key="used" at={answer.data.last_used_at} /> : "never"],
              ["Made", <Ago key="made" at={answer.data.created_at} />],
              ["By", answer.data.created_by],
              ["Rotated", answer.data.rotated_at && <Ago key="rotated" at={answer.data.rotated_at} />],
              [
                "Scopes",
                <span key="scopes" className="font-mono text-xs">
                  {answer.data.scopes.join(", ")}
                </span>,
              ],
              [
                "Id",
                <code key="id" className="select-all font-mono text-xs">
                  {answer.data.id}
                </code>,
              ],
            ]}
          />
          {(answer.data.addresses ?? []).length > 0 && (
            <ul aria-label="Addresses it was used from" className="mt-4 rounded-lg border border-line">
              {answer.data.addresses?.map((each) => (
                <li key={each.address} className="flex h-9 items-center gap-3 border-line2 border-b px-3 last:border-0">
                  <span className="font-mono text-xs">{each.address}</span>
                  <span className="ml-auto text-ink3 text-xs">
                    {count(each.uses)} {each.uses === 1 ? "use" : "uses"}, last <Ago at={each.last_used_at} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Dialog>
  );
}
