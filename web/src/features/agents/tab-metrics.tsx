// Charts of one agent. The range lives in the URL; the newest points come by themselves.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Agent, Metrics } from "../../api/types";
import type { Search } from "../../api/url";
import Chart, { type ChartLine } from "../../ui/chart";
import { cx } from "../../ui/cx";
import { NotAllowed } from "../../ui/not-allowed";
import { Empty, Failed, Skeleton } from "../../ui/states";

const RANGES = { "1h": 3_600_000, "6h": 21_600_000, "24h": 86_400_000, "7d": 604_800_000 } as const;
type Range = keyof typeof RANGES;

interface ChartPlan {
  title: string;
  /** Metric, name, colour. */
  lines: readonly (readonly [string, string, string])[];
  /** The metric whose latest value is the top of the chart. */
  topFrom?: string;
  top?: number;
}

const PLANS: readonly ChartPlan[] = [
  { title: "CPU", lines: [["cpu_percent", "CPU", "--accent"]], top: 100 },
  { title: "Memory", lines: [["memory_used_bytes", "in use", "--accent"]], topFrom: "memory_total_bytes" },
  { title: "Disk space", lines: [["disk_used_bytes", "in use", "--accent"]], topFrom: "disk_total_bytes" },
  {
    title: "Network",
    lines: [
      ["network_receive_bytes_per_second", "in", "--accent"],
      ["network_transmit_bytes_per_second", "out", "--warn-mark"],
    ],
  },
  {
    title: "Disk traffic",
    lines: [
      ["disk_read_bytes_per_second", "read", "--accent"],
      ["disk_write_bytes_per_second", "written", "--warn-mark"],
    ],
  },
  { title: "Load", lines: [["load_1m", "over a minute", "--accent"]] },
  { title: "Workload CPU", lines: [["workload_cpu_percent", "CPU", "--ok-mark"]] },
  { title: "Workload memory", lines: [["workload_memory_bytes", "in use", "--ok-mark"]] },
  { title: "Workload processes", lines: [["workload_processes", "processes", "--ok-mark"]] },
  { title: "Log lines", lines: [["log_lines_per_second", "lines", "--ok-mark"]] },
];

export function TabMetrics({ agent, wide = false }: { agent: Agent; wide?: boolean }) {
  const search = useSearch({ strict: false }) as Search;
  const range: Range = search.range !== undefined && search.range in RANGES ? (search.range as Range) : "1h";
  const on = { kind: "agent", id: agent.id, name: agent.name };
  const denied = useWhyNot("agent_metrics", on);
  const answer = useQuery({
    queryKey: ["metrics", agent.id, range],
    queryFn: ({ signal }) => {
      const to = Date.now();
      const query = { from: new Date(to - RANGES[range]).toISOString(), to: new Date(to).toISOString() };
      return ask(api.GET("/api/v1/agents/{id}/metrics", { params: { path: { id: agent.id }, query }, signal }));
    },
    refetchInterval: range === "1h" ? 15_000 : range === "6h" ? 60_000 : 300_000,
    placeholderData: keepPreviousData,
    enabled: !denied,
  });
  if (denied) return <NotAllowed reason={denied} />;
  return (
    <div>
      <Ranges chosen={range} />
      {answer.isPending ? (
        <div className={wide ? "grid gap-3 lg:grid-cols-2" : "grid gap-3"}>
          {["a", "b", "c", "d"].map((key) => (
            <Skeleton key={key} className="h-[190px] rounded-xl" />
          ))}
        </div>
      ) : answer.isError && !answer.data ? (
        <Failed
          error={answer.error}
          what="The metrics could not be read"
          onRetry={() => void answer.refetch()}
          denial={{ action: "agent_metrics", on }}
        />
      ) : (
        answer.data && <Charts metrics={answer.data} wide={wide} group={agent.id} />
      )}
    </div>
  );
}

function Ranges({ chosen }: { chosen: Range }) {
  const navigate = useNavigate();
  return (
    <fieldset className="mb-3 inline-flex rounded-lg border border-line bg-panel p-0.5">
      <legend className="sr-only">Range</legend>
      {(Object.keys(RANGES) as Range[]).map((range) => (
        <button
          key={range}
          type="button"
          aria-pressed={range === chosen}
          onClick={() =>
            void navigate({ to: ".", search: (all: Search) => ({ ...all, range: range === "1h" ? undefined : range }), replace: true })
          }
          className={cx(
            "h-7 rounded-md px-3 max-md:h-9",
            range === chosen ? "bg-accent-soft font-semibold text-accent" : "text-ink2 hover:text-ink",
          )}
        >
          {range}
        </button>
      ))}
    </fieldset>
  );
}

interface Drawn {
  title: string;
  unit: string;
  lines: ChartLine[];
  top: number | undefined;
}

/** The charts that have something to show. */
export function chartsOf(metrics: Metrics): Drawn[] {
  const series = new Map(metrics.series.map((each) => [each.name, each]));
  return PLANS.flatMap((plan) => {
    const lines = plan.lines.flatMap(([metric, name, color]) => {
      const found = series.get(metric);
      return found && found.points.length > 0 ? [{ name, color, points: found.points }] : [];
    });
    if (lines.length === 0) return [];
    const top = plan.topFrom ? series.get(plan.topFrom)?.points.at(-1)?.[2] : plan.top;
    const unit = series.get(plan.lines.find(([metric]) => series.has(metric))?.[0] ?? "")?.unit ?? "";
    return [{ title: plan.title, unit, lines, top }];
  });
}

function Charts({ metrics, wide, group }: { metrics: Metrics; wide: boolean; group: string }) {
  const drawn = useMemo(() => chartsOf(metrics), [metrics]);
  if (drawn.length === 0) return <Empty title="No figures in this range">An agent reports every 15 seconds while it is linked.</Empty>;
  return (
    <div className={wide ? "grid gap-3 lg:grid-cols-2" : "grid gap-3"}>
      {drawn.map((each) => (
        <Chart
          key={each.title}
          title={each.title}
          unit={each.unit}
          lines={each.lines}
          top={each.top}
          from={Date.parse(metrics.from)}
          to={Date.parse(metrics.to)}
          stepMs={metrics.step_seconds * 1000}
          group={group}
        />
      ))}
    </div>
  );
}
