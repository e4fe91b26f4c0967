// All clusters: how each is, what runs there, who asks much of it. Live.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, Boxes, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useWhyNot } from "../../api/me";
import { clustersQuery } from "../../api/queries";
import type { Cluster } from "../../api/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { cx } from "../../ui/cx";
import { count, plural } from "../../ui/format";
import { Listing } from "../../ui/listing";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty } from "../../ui/states";
import { Chip } from "../../ui/status";
import { Ago } from "../../ui/time";
import { AddCluster, AddDialog } from "./add-cluster";
import { CLUSTER_COLUMNS, type ClusterSort, clusterMatches, clusterOrder, sortAfter } from "./cluster-order";
import { Share } from "./share";
import { healthWords, troubleWords, workloadSum } from "./words";

export function ClustersPage() {
  useTitle("Clusters");
  const denied = useWhyNot("cluster_list");
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
      <PageHead title="Clusters" sub={some && <span aria-live="polite">{search.q ? `${shown.length} of ${items.length}` : sumWords(items)}</span>}>
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
          denial={{ action: "cluster_list" }}
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
          A cluster is here once an agent beside its API server says so. The agent dials out: the API server needs no address that is reached
          from outside.
        </p>
      </div>
      <AddCluster />
    </div>
  );
}

function ClusterTable({ clusters, sort, onSort }: { clusters: readonly Cluster[]; sort: string | undefined; onSort: (sort?: string) => void }) {
  return (
    <div role="table" aria-label="Clusters" aria-rowcount={clusters.length + 1} className="cluster-table">
      <div role="row" className="cluster-grid h-[34px] border-line border-b font-medium text-ink3 text-xs max-sm:!hidden">
        {CLUSTER_COLUMNS.map(({ key, text, className }) => (
          <HeadCell key={key} name={key} text={text} className={className} sort={sort} onSort={onSort} />
        ))}
      </div>
      {clusters.map((cluster) => (
        <ClusterRow key={cluster.name} cluster={cluster} />
      ))}
    </div>
  );
}

interface HeadProps {
  name: ClusterSort;
  text: string;
  className: string;
  sort: string | undefined;
  onSort: (sort?: string) => void;
}

function HeadCell({ name, text, className, sort = "name", onSort }: HeadProps) {
  const on = sort.replace("-", "") === name;
  const down = sort.startsWith("-");
  return (
    <div role="columnheader" aria-sort={on ? (down ? "descending" : "ascending") : undefined} className={className}>
      <button
        type="button"
        onClick={() => onSort(sortAfter(sort, name))}
        className={cx("inline-flex items-center gap-1 whitespace-nowrap hover:text-ink", on && "text-ink")}
      >
        {text}
        {on && (down ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
      </button>
    </div>
  );
}

function ClusterRow({ cluster }: { cluster: Cluster }) {
  const { tone, word } = healthWords(cluster);
  const trouble = troubleWords(cluster);
  const sum = workloadSum(cluster);
  const cell = (className: string, children: ReactNode) => (
    <div role="cell" className={className}>
      {children}
    </div>
  );
  return (
    <div role="row" className="cluster-grid relative min-h-12 border-line2 border-b py-1.5 last:border-0 hover:bg-hover">
      {cell("col-health", <Chip tone={tone}>{word}</Chip>)}
      {cell(
        "col-name min-w-0",
        <>
          {/* The whole row is this link. */}
          <Link
            to="/clusters/$name"
            params={{ name: cluster.name }}
            search={{}}
            className="font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2"
          >
            {cluster.name}
          </Link>
          {trouble && (
            <div className="truncate text-ink2 text-xs first-letter:uppercase" title={trouble}>
              {trouble}
            </div>
          )}
        </>,
      )}
      {cell("col-version truncate text-ink2", cluster.version ?? "–")}
      {cell("col-nodes", cluster.nodes ? <Share {...cluster.nodes} what="nodes" /> : <span className="text-ink3">–</span>)}
      {cell("col-workloads", sum.all > 0 ? <Share {...sum} what="workloads" /> : <span className="text-ink3">–</span>)}
      {cell(
        "col-requests text-right",
        <span title={`${plural(cluster.requests_per_minute, "request")} in the last minute`}>{count(cluster.requests_per_minute)}</span>,
      )}
      {cell(
        "col-agent min-w-0",
        <Link
          to="/agents/$name"
          params={{ name: cluster.agent.name }}
          search={{}}
          className="relative z-1 inline-block max-w-full truncate align-bottom text-ink2 hover:text-accent hover:underline"
        >
          {cluster.agent.name}
        </Link>,
      )}
      {cell("col-seen text-right text-ink2", cluster.status === "offline" ? <Ago at={cluster.last_seen_at} as="for" /> : "now")}
      {cell("col-age text-right text-ink3", <Ago at={cluster.created_at} as="for" />)}
    </div>
  );
}
