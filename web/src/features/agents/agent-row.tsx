// One row of the list. It subscribes to its own agent and its agent's latest command, and to nothing else.
import { RotateCw } from "lucide-react";
import { type MouseEvent, memo } from "react";
import { agents } from "../../api/agents";
import { actionAsk, commandsByAgent } from "../../api/commands";
import { useRow } from "../../api/rows";
import type { Agent, Command } from "../../api/types";
import { cx } from "../../ui/cx";
import { bytes, percent } from "../../ui/format";
import { Tag } from "../../ui/page";
import { Sparkline } from "../../ui/sparkline";
import { agentWords, Chip, commandDetail, commandWords } from "../../ui/status";
import { Ago } from "../../ui/time";

export interface RowProps {
  id: string;
  index: number;
  top: number;
  height: number;
  narrow: boolean;
  selected: boolean;
  active: boolean;
  open: boolean;
  mayRestart: boolean;
  onPress: (id: string, event: MouseEvent) => void;
  onSelect: (id: string, range: boolean) => void;
}

const TAGS_SHOWN = 3;

export const AgentRow = memo(function AgentRow(props: RowProps) {
  const { id, index, top, height, narrow, selected, active, open, onPress } = props;
  const agent = useRow(agents, id);
  const command = useRow(commandsByAgent, id);
  if (!agent) return null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for all its rows
    <div
      role="row"
      id={`agent-${id}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      onClick={(event) => onPress(id, event)}
      className={cx(
        "group absolute inset-x-0 top-0 cursor-default border-line2 border-b",
        narrow ? "flex flex-col justify-center gap-1 px-3.5" : "agent-grid items-center",
        open || selected ? "bg-accent-soft" : "hover:bg-hover",
        active && "shadow-[inset_2px_0_0_var(--accent)]",
      )}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      {narrow ? <Narrow agent={agent} command={command} /> : <Wide {...props} agent={agent} command={command} />}
    </div>
  );
});

function StateChip({ agent, command }: { agent: Agent; command: Command | undefined }) {
  const { tone, word } = command ? commandWords(command) : agentWords(agent);
  const detail = command ? commandDetail(command) : agent.status_detail;
  return (
    <Chip tone={tone} title={detail || undefined}>
      {word}
    </Chip>
  );
}

/** The line beside the name: what is under way, what is wrong, or where it runs. */
function sideLine(agent: Agent, command: Command | undefined): { text: string; loud: boolean } {
  const progress = command ? commandDetail(command) : "";
  if (progress) return { text: progress, loud: true };
  if (agent.status !== "online" && agent.status_detail) return { text: agent.status_detail, loud: true };
  return { text: agent.hostname === agent.name ? agent.workload_title : agent.hostname, loud: false };
}

/** A plain anchor: a router link a row would cost more than the rest of the row while scrolling. */
function NameLink({ agent }: { agent: Agent }) {
  return (
    <a
      href={`/agents/${agent.name}`}
      tabIndex={-1}
      onClick={(event) => {
        // A plain click opens the panel (the row does that); the link is there for new tabs and for its address.
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
      }}
      className="truncate font-semibold"
    >
      {agent.name}
    </a>
  );
}

function Wide({ agent, command, id, selected, mayRestart, onSelect }: RowProps & { agent: Agent; command: Command | undefined }) {
  const line = sideLine(agent, command);
  const live = agent.connected;
  return (
    <>
      <div role="gridcell" className="grid h-full place-items-center">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${agent.name}`}
          checked={selected}
          onClick={(event) => {
            event.stopPropagation();
            onSelect(id, event.shiftKey);
          }}
          onChange={() => undefined}
          className="check"
        />
      </div>
      <div role="gridcell" className="min-w-0 pr-2">
        <StateChip agent={agent} command={command} />
      </div>
      <div role="gridcell" className="flex min-w-0 items-baseline gap-2 pr-3">
        <NameLink agent={agent} />
        <span title={line.text} className={cx("min-w-0 flex-1 truncate text-xs", line.loud ? "text-ink2" : "text-ink3")}>
          {line.text}
        </span>
      </div>
      <div role="gridcell" className="col-kind truncate text-ink2">
        {agent.kind}
      </div>
      <div role="gridcell" className="col-tags flex min-w-0 gap-1 overflow-hidden pr-3" title={agent.tags.join(", ") || undefined}>
        {agent.tags.slice(0, TAGS_SHOWN).map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
        {agent.tags.length > TAGS_SHOWN && <span className="text-2xs text-ink3 leading-[19px]">+{agent.tags.length - TAGS_SHOWN}</span>}
      </div>
      <div role="gridcell" className="col-memory text-right text-ink2">
        {live && typeof agent.memory_used_bytes === "number" ? bytes(agent.memory_used_bytes) : ""}
      </div>
      <div role="gridcell" className="col-cpu text-right">
        {live && typeof agent.cpu_percent === "number" ? percent(agent.cpu_percent) : ""}
      </div>
      <div role="gridcell" className="col-spark pl-4">
        <Sparkline
          values={live ? [...agent.cpu_history, agent.cpu_percent ?? null] : agent.cpu_history}
          label={`CPU of the last hour of ${agent.name}`}
        />
      </div>
      <div role="gridcell" className="flex h-full items-center justify-end pr-3 text-ink2">
        <span className={mayRestart ? "group-hover:hidden" : undefined}>
          <Seen agent={agent} />
        </span>
        {mayRestart && (
          <button
            type="button"
            tabIndex={-1}
            title={`Restart ${agent.name}…`}
            aria-label={`Restart ${agent.name}`}
            onClick={(event) => {
              event.stopPropagation();
              actionAsk({ action: "restart", agents: [id] });
            }}
            className="hidden size-7 place-items-center rounded-md text-ink2 hover:bg-accent-soft hover:text-accent group-hover:grid"
          >
            <RotateCw size={14} aria-hidden />
          </button>
        )}
      </div>
    </>
  );
}

function Seen({ agent }: { agent: Agent }) {
  if (agent.connected) return <>now</>;
  return agent.last_seen_at ? <Ago at={agent.last_seen_at} as="for" /> : <>never</>;
}

function Narrow({ agent, command }: { agent: Agent; command: Command | undefined }) {
  const line = sideLine(agent, command);
  return (
    <>
      <div role="gridcell" className="flex min-w-0 items-center gap-2">
        <NameLink agent={agent} />
        <span className="ml-auto shrink-0">
          <StateChip agent={agent} command={command} />
        </span>
      </div>
      <div role="gridcell" className="flex min-w-0 items-center gap-2 text-xs">
        <span className={cx("min-w-0 truncate", line.loud ? "text-ink2" : "text-ink3")}>{line.text}</span>
        <span className="ml-auto shrink-0 text-ink3">
          {agent.connected && typeof agent.cpu_percent === "number" ? `CPU ${percent(agent.cpu_percent)}` : <Seen agent={agent} />}
        </span>
      </div>
    </>
  );
}
