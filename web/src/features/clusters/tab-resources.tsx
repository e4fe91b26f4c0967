// The resource browser: kinds, namespaces, a live table of objects, and the one that is open beside it. It speaks to the Kubernetes API
// itself, through the door.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { kindFind } from "../../api/kube/discovery";
import { listPath, refParse, refText } from "../../api/kube/paths";
import type { Kind, Ref } from "../../api/kube/types";
import type { ListState } from "../../api/kube/watch";
import type { Cluster } from "../../api/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { cx } from "../../ui/cx";
import { Facet } from "../../ui/facet";
import { count } from "../../ui/format";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, Skeleton, SkeletonRows } from "../../ui/states";
import { Mark, TONE_TEXT } from "../../ui/status";
import { kindTitle } from "./kind-groups";
import { KindButton, KindColumn } from "./kind-picker";
import { ObjectPanel } from "./object-panel";
import { Order, shownColumns } from "./order";
import { ResourceTable } from "./resource-table";
import { kindsQuery, useLiveList } from "./use-list";

const NAMESPACES = "/api/v1/namespaces";

export function TabResources({ cluster }: { cluster: Cluster }) {
  const { data: kinds, error, refetch } = useQuery(kindsQuery(cluster.name));
  const search = useSearch({ strict: false }) as Search;
  if (!kinds) {
    if (error) return <Failed error={error} what="The cluster's kinds could not be read" onRetry={() => void refetch()} />;
    return (
      <div className="p-5 max-md:p-3.5">
        <Skeleton className="mb-3 h-8 w-80" />
        <div className="overflow-hidden rounded-xl border border-line bg-panel">
          <SkeletonRows rows={10} />
        </div>
      </div>
    );
  }
  return <Browser cluster={cluster} kinds={kinds} search={search} />;
}

function Browser({ cluster, kinds, search }: { cluster: Cluster; kinds: readonly Kind[]; search: Search }) {
  const navigate = useNavigate();
  const change = useCallback(
    (part: Partial<Search>, push = false) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: !push }),
    [navigate],
  );
  const kind = kindFind(kinds, search.kind ?? "pods") ?? (search.kind ? undefined : kinds[0]);
  const choose = (next: Kind) =>
    change({ kind: next.id === "pods" ? undefined : next.id, ...CLOSED, sort: undefined, label: undefined, q: undefined }, true);
  const open = search.object;
  const full = open !== undefined && search.full === "1";
  return (
    <div
      className={cx(
        "grid min-h-0 flex-1",
        open ? (full ? "" : "md:grid-cols-[minmax(0,1fr)_minmax(420px,54%)]") : "lg:grid-cols-[204px_minmax(0,1fr)]",
      )}
    >
      {!open && (
        <div className="grid min-h-0 grid-cols-[minmax(0,1fr)] max-lg:hidden">
          <KindColumn kinds={kinds} chosen={kind} onChoose={choose} />
        </div>
      )}
      {!full && (
        <div className={cx("flex min-h-0 min-w-0 flex-col p-5 pt-3.5 max-md:p-3.5", open && "max-md:hidden")}>
          {kind ? (
            <Objects key={kind.id} cluster={cluster} kind={kind} search={search} change={change}>
              <div className={open ? "" : "lg:hidden"}>
                <KindButton kinds={kinds} chosen={kind} onChoose={choose} />
              </div>
            </Objects>
          ) : (
            <Empty
              title={`This cluster has no kind ${search.kind}`}
              action={<Button onClick={() => change({ kind: undefined })}>To the pods</Button>}
            >
              It may be a custom resource of another cluster, or one that was removed.
            </Empty>
          )}
        </div>
      )}
      {open !== undefined && kind && (
        <ObjectPanel
          key={`${kind.id} ${open}`}
          cluster={cluster.name}
          kinds={kinds}
          kind={kind}
          target={refParse(open)}
          search={search}
          change={change}
        />
      )}
    </div>
  );
}

/** What closes the object that is open. */
export const CLOSED: Partial<Search> = {
  object: undefined,
  view: undefined,
  full: undefined,
  container: undefined,
  previous: undefined,
};

interface ObjectsProps {
  cluster: Cluster;
  kind: Kind;
  search: Search;
  change: (part: Partial<Search>, push?: boolean) => void;
  /** Stands first among the controls. */
  children: ReactNode;
}

function useNamespaces(cluster: string): { value: string; text: string }[] {
  const { list } = useLiveList({ cluster, path: NAMESPACES });
  const order = useMemo(() => new Order(list.rows, { q: "", columns: [], sort: "" }), [list]);
  const { ids } = useSyncExternalStore(order.subscribe, order.snapshot);
  return useMemo(
    () =>
      ids.flatMap((id) => {
        const name = list.rows.get(id)?.object.metadata.name;
        return name ? [{ value: name, text: name }] : [];
      }),
    [ids, list],
  );
}

function Objects({ cluster, kind, search, change, children }: ObjectsProps) {
  const namespace = kind.namespaced ? (search.ns ?? "") : "";
  const { list, state } = useLiveList({
    cluster: cluster.name,
    path: listPath(kind, namespace),
    labels: search.label,
    watchable: kind.verbs.includes("watch"),
  });
  const columns = useMemo(() => shownColumns(state.columns, kind.namespaced && namespace === ""), [state.columns, kind, namespace]);
  const q = search.q ?? "";
  const sort = search.sort ?? "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: the order follows its query below, so that it keeps what it holds
  const order = useMemo(() => new Order(list.rows, { q, columns, sort }), [list]);
  useEffect(() => order.setQuery({ q, columns, sort }), [order, q, columns, sort]);
  const shown = useSyncExternalStore(order.subscribe, order.snapshot);
  const namespaces = useNamespaces(cluster.name);
  const open = useCallback((ref: Ref) => change({ object: refText(ref) }, search.object === undefined), [change, search.object]);
  return (
    <>
      <div className="mb-2.5 flex flex-wrap items-center gap-2">
        {children}
        <SearchBox
          value={q}
          onChange={(next) => change({ q: next || undefined })}
          label={`Search ${kindTitle(kind).toLowerCase()}`}
          placeholder="Name, state"
          className="min-w-36 max-w-60 flex-1"
        />
        {kind.namespaced && (
          <Facet
            label="Namespace"
            single
            options={namespaces}
            chosen={namespace ? [namespace] : []}
            onChange={([next]) => change({ ns: next })}
          />
        )}
        <SearchBox
          value={search.label ?? ""}
          onChange={(next) => change({ label: next || undefined })}
          label="Label selector"
          placeholder="app=web"
          waitMs={600}
          className="min-w-36 max-w-48 flex-1"
        />
        <Liveness state={state} shown={shown.ids.length} narrowed={q !== ""} all={list.rows.size} />
      </div>
      <Body
        state={state}
        size={list.rows.size}
        kind={kind}
        search={search}
        onRetry={() => list.start()}
        onClear={() => change({ q: undefined, label: undefined, ns: undefined })}
      >
        {shown.ids.length > 0 && (
          <ResourceTable
            rows={list.rows}
            order={order}
            state={shown}
            columns={columns}
            label={kindTitle(kind)}
            sort={sort}
            onSort={(key) => change({ sort: sort === key || (sort === "" && key === columns[0]?.key) ? `-${key}` : key })}
            open={search.object}
            onOpen={open}
            onEscape={() => change(CLOSED)}
          />
        )}
      </Body>
    </>
  );
}

/** Whether what is shown is true now, and how much of it there is. */
function Liveness({ state, shown, narrowed, all }: { state: ListState; shown: number; narrowed: boolean; all: number }) {
  const [tone, word] =
    state.phase === "live"
      ? (["ok", "Live"] as const)
      : state.phase === "waiting"
        ? (["warn", "Lost, trying again"] as const)
        : state.phase === "loading"
          ? (["busy", state.remaining > 0 ? `Reading, ${count(state.remaining)} left` : "Reading"] as const)
          : (["bad", "Not read"] as const);
  return (
    <span role="status" title={state.error?.message} className="ml-auto inline-flex items-center gap-3 whitespace-nowrap text-ink3 text-xs">
      <span>{narrowed ? `${count(shown)} of ${count(all)}` : count(all)}</span>
      <span className={cx("inline-flex items-center gap-1.5", TONE_TEXT[tone])}>
        <Mark tone={tone} size={9} />
        {word}
      </span>
    </span>
  );
}

interface BodyProps {
  state: ListState;
  size: number;
  kind: Kind;
  search: Search;
  onRetry: () => void;
  onClear: () => void;
  children: ReactNode;
}

function Body({ state, size, kind, search, onRetry, onClear, children }: BodyProps) {
  const many = kindTitle(kind).toLowerCase();
  const frame = (content: ReactNode) => <div className="overflow-hidden rounded-xl border border-line bg-panel">{content}</div>;
  if (state.phase === "failed") return frame(<Failed error={state.error} what={`The ${many} could not be read`} onRetry={onRetry} />);
  if (children) return children;
  if (state.phase === "loading") return frame(<SkeletonRows rows={12} className="h-9" />);
  const narrowed = Boolean(search.q || search.label || (kind.namespaced && search.ns));
  return frame(
    narrowed ? (
      <Empty title={`No ${many} here match`} action={<Button onClick={onClear}>Clear search and filters</Button>}>
        {size > 0 ? "Nothing has all of these words." : "In this namespace, with these labels, there are none that you may see."}
      </Empty>
    ) : (
      <Empty title={`No ${many}`}>
        There are none that you may see. Make one with <code className="font-mono text-xs">kubectl create</code> or{" "}
        <code className="font-mono text-xs">apply</code>; it appears here by itself.
      </Empty>
    ),
  );
}
