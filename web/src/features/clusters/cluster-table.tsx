// The clusters in rows; where there is little room, in two lines each.
import { Link } from "@tanstack/react-router";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import type { Cluster } from "../../api/types";
import { cx } from "../../ui/cx";
import { count, plural } from "../../ui/format";
import { Chip } from "../../ui/status";
import { Ago } from "../../ui/time";
import { CLUSTER_COLUMNS, type ClusterSort, sortAfter } from "./cluster-order";
import { Share } from "./share";
import { healthWords, troubleWords, workloadSum } from "./words";

export function ClusterTable({
  clusters,
  sort,
  onSort,
}: {
  clusters: readonly Cluster[];
  sort: string | undefined;
  onSort: (sort?: string) => void;
}) {
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
