// The overview of one agent: the figures that matter now, who it is, and what happened last.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Agent, AgentDetail } from "../../api/types";
import { cx } from "../../ui/cx";
import { bytes, percent, plural } from "../../ui/format";
import { Tag } from "../../ui/page";
import { linePath } from "../../ui/sparkline";
import { Skeleton } from "../../ui/states";
import { workloadWords } from "../../ui/status";
import { Ago } from "../../ui/time";
import { Timeline } from "./tab-activity";

export function TabOverview({ agent, detail, wide = false }: { agent: Agent; detail: AgentDetail | undefined; wide?: boolean }) {
  return (
    <div className={wide ? "grid gap-4 lg:grid-cols-[minmax(0,1fr)_380px]" : "flex flex-col gap-4"}>
      <div className="flex flex-col gap-3">
        <Figures agent={agent} />
        <Identity agent={agent} detail={detail} wide={wide} />
      </div>
      <section>
        <div className="mb-1 flex items-baseline">
          {wide ? <h2 className="font-semibold">Lately</h2> : <h3 className="font-semibold">Lately</h3>}
          <Link to="." search={(all) => ({ ...all, tab: "activity" })} className="ml-auto text-accent text-xs hover:underline">
            All activity
          </Link>
        </div>
        <Timeline agent={agent} limit={wide ? 12 : 5} />
      </section>
    </div>
  );
}

function Figures({ agent }: { agent: Agent }) {
  const cpu = agent.connected ? agent.cpu_percent : undefined;
  const used = agent.connected ? agent.memory_used_bytes : undefined;
  const total = agent.memory_total_bytes;
  return (
    <div className="grid grid-cols-2 gap-2.5">
      <Figure name="CPU" value={typeof cpu === "number" ? percent(cpu) : "–"} note="last hour">
        <HourLine agent={agent} />
      </Figure>
      <Figure
        name="Memory"
        value={typeof used === "number" ? bytes(used) : "–"}
        note={typeof total === "number" ? `of ${bytes(total)}` : ""}
      >
        {typeof used === "number" && typeof total === "number" && total > 0 && <Meter share={used / total} label="Memory in use" />}
      </Figure>
    </div>
  );
}

function Figure({ name, value, note, children }: { name: string; value: string; note: string; children: ReactNode }) {
  return (
    <div className="flex h-[104px] flex-col rounded-xl border border-line bg-panel px-3 py-2.5">
      <div className="flex items-baseline gap-2">
        <span className="text-ink2">{name}</span>
        <span className="ml-auto font-semibold text-base">{value}</span>
      </div>
      <div className="text-right text-2xs text-ink3">{note}</div>
      <div className="mt-auto">{children}</div>
    </div>
  );
}

function HourLine({ agent }: { agent: Agent }) {
  const values = agent.connected ? [...agent.cpu_history, agent.cpu_percent ?? null] : agent.cpu_history;
  const known = values.filter((value): value is number => typeof value === "number");
  if (known.length < 2) return <div className="text-2xs text-ink3">too little to draw yet</div>;
  const line = linePath(values, 200, 44, Math.max(20, ...known) * 1.08, 1);
  return (
    <svg viewBox="0 0 200 44" preserveAspectRatio="none" className="h-11 w-full text-accent" role="img" aria-label="CPU over the last hour">
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.6" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}

export function Meter({ share, label }: { share: number; label: string }) {
  const part = Math.min(1, Math.max(0, share));
  const tone = part > 0.95 ? "bg-bad-mark" : part > 0.85 ? "bg-warn-mark" : "bg-accent";
  return (
    <div>
      <div className="mb-1 text-right text-ink3 text-xs">{percent(part * 100)}</div>
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(part * 100)}
        className="h-1.5 overflow-hidden rounded-full bg-line"
      >
        <div className={`h-full rounded-full ${tone}`} style={{ width: `${part * 100}%` }} />
      </div>
    </div>
  );
}

function Row({ name, children, mono = false }: { name: string; children: ReactNode; mono?: boolean }) {
  return (
    <>
      <dt className="text-ink3">{name}</dt>
      <dd className={`min-w-0 break-words in-[.beside]:text-right ${mono ? "font-mono text-xs leading-5" : ""}`}>{children}</dd>
    </>
  );
}

function Identity({ agent, detail, wide }: { agent: Agent; detail: AgentDetail | undefined; wide: boolean }) {
  const workload = detail?.workload;
  const skew = detail ? Math.abs(detail.clock_skew_ms) : 0;
  return (
    <dl
      className={cx(
        "grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1.5 rounded-xl border border-line bg-panel px-3.5 py-3",
        wide ? "xl:grid-cols-[auto_minmax(0,1fr)_auto_minmax(0,1fr)]" : "beside",
      )}
    >
      {agent.kind !== "host" && (
        <>
          <Row name="Workload">{agent.workload_title || "–"}</Row>
          <Row name="State">
            {workloadWords(agent.workload_state).word}
            {workload?.detail && <span className="text-ink3">, {workload.detail}</span>}
          </Row>
          {workload && (
            <Row name="Up">
              {workload.started_at ? <Ago at={workload.started_at} as="long" /> : "not running"}
              <span className="text-ink3">
                , {plural(workload.restarts, "restart")}
                {typeof workload.last_exit === "number" &&
                  `, last exit ${workload.last_exit < 0 ? `by signal ${-workload.last_exit}` : workload.last_exit}`}
              </span>
            </Row>
          )}
        </>
      )}
      <Row name="Tags">
        {agent.tags.length > 0 ? (
          <span className="inline-flex flex-wrap gap-1 in-[.beside]:justify-end">
            {agent.tags.map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </span>
        ) : (
          "none"
        )}
      </Row>
      {detail ? (
        <>
          <Row name="Machine">
            {agent.hostname}
            <span className="text-ink3">
              , {detail.os}, {detail.arch}
            </span>
          </Row>
          {detail.address && (
            <Row name="Dials from" mono>
              {detail.address}
            </Row>
          )}
          <Row name="Agent version">{agent.version}</Row>
          <Row name="Owner allows">{detail.allow.join(", ") || "nothing"}</Row>
          <Row name="Credential">
            {detail.credential === "certificate" ? "certificate" : "API key"}
            {detail.certificate_expires_at && (
              <span className="text-ink3">
                , ends <Ago at={detail.certificate_expires_at} />
              </span>
            )}
          </Row>
          {skew > 2_000 && (
            <Row name="Clock">
              <span className="text-warn">{(skew / 1000).toFixed(0)} s off</span>
            </Row>
          )}
          <Row name="Joined">
            <Ago at={detail.joined_at} />
          </Row>
          {detail.session_id && (
            <Row name="Session" mono>
              {detail.session_id}
            </Row>
          )}
          <Row name="Id" mono>
            {agent.id}
          </Row>
        </>
      ) : (
        <>
          <dt className="text-ink3">Machine</dt>
          <dd className="flex justify-end">
            <Skeleton className="h-4 w-40" />
          </dd>
        </>
      )}
    </dl>
  );
}
