// All clusters: how each is, what runs there, who asks much of it. Live.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Boxes, Plus } from "lucide-react";
import { useWhyNot } from "../../api/me";
import { clustersQuery } from "../../api/queries";
import type { Cluster } from "../../api/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { count } from "../../ui/format";
import { Listing } from "../../ui/listing";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty } from "../../ui/states";
import { AddCluster, AddDialog } from "./add-cluster";
import { clusterMatches, clusterOrder } from "./cluster-order";
import { ClusterTable } from "./cluster-table";

export function ClustersPage() {
  useTitle("Clusters");
  const denied = useWhyNot("kube_request");
  return denied ? <NotAllowed reason={denied} /> : <Clusters />;
}

function sumWords(items: readonly Cluster[]): string {
  const parts = (["online", "degraded", "unreachable", "offline"] as const).flatMap((status) => {
    const many = items.filter((each) => each.status === status).length;
    return many > 0 ? [`${count(many)} ${status}`] : [];
  });
  return parts.join(", ");
}

function Clusters() {
  const answer = useQuery(clustersQuery);
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
  const items = answer.data?.items ?? [];
  const shown = clusterOrder(
    items.filter((cluster) => clusterMatches(cluster, search.q ?? "")),
    search.sort,
  );
  const some = items.length > 0;
  return (
    <ScrollPage>
      <PageHead
        title="Clusters"
        sub={some && <span aria-live="polite">{search.q ? `${shown.length} of ${items.length}` : sumWords(items)}</span>}
      >
        {some && (
          <Button look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => change({ new: "1" })}>
            Add a cluster
          </Button>
        )}
      </PageHead>
      {some && (
        <div className="mt-3.5 mb-3">
          <SearchBox
            value={search.q ?? ""}
            onChange={(q) => change({ q: q || undefined })}
            label="Search clusters"
            placeholder="Name, version, agent"
            className="w-60 max-md:w-full"
          />
        </div>
      )}
      <Card className={some ? "" : "mt-4"}>
        <Listing
          answer={answer}
          what="The clusters"
          denial={{ action: "kube_request" }}
          rows={5}
          rowClass="h-12"
          empty={() =>
            !some ? (
              <FirstCluster />
            ) : shown.length === 0 ? (
              <Empty title="No cluster matches" action={<Button onClick={() => change({ q: undefined })}>Clear the search</Button>}>
                Nothing here has that in its name, version or agent.
              </Empty>
            ) : null
          }
        >
          {() => <ClusterTable clusters={shown} sort={search.sort} onSort={(sort) => change({ sort })} />}
        </Listing>
      </Card>
      {search.new && <AddDialog onClose={() => change({ new: undefined })} />}
    </ScrollPage>
  );
}

function FirstCluster() {
  return (
    <div className="mx-auto max-w-2xl px-5 py-10">
      <div className="flex flex-col items-center text-center">
        <div className="mb-3 grid size-10 place-items-center rounded-xl bg-accent-soft text-accent">
          <Boxes size={20} aria-hidden />
        </div>
        <h2 className="font-semibold text-base">No clusters yet</h2>
        <p className="mt-1 mb-5 max-w-md text-ink2">
          A cluster is here once an agent beside its API server says so. The agent dials out: the API server needs no address that is
          reached from outside.
        </p>
      </div>
      <AddCluster />
    </div>
  );
}
