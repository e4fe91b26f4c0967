// Who an agent is, how it stands, and what can be done about it: the top of the panel and of the full page.
import { useNavigate } from "@tanstack/react-router";
import { Activity, Ellipsis, OctagonX, Pencil, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { actionAsk, commandOpen, commandSeen, commandsByAgent } from "../../api/commands";
import { useMe, whyNot } from "../../api/me";
import { useRow } from "../../api/rows";
import type { Agent, AgentDetail } from "../../api/types";
import { Button } from "../../ui/button";
import { CancelButton } from "../../ui/cancel-button";
import { cx } from "../../ui/cx";
import { Menu, MenuItem } from "../../ui/menu";
import { FailureNotice } from "../../ui/not-allowed";
import { agentWords, Chip, commandDetail, commandWords, Mark, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";
import { EditDialog } from "./edit-dialog";
import { RemoveDialog } from "./remove-dialog";

const KIND_SENTENCE: Record<Agent["kind"], string> = {
  host: "Machine",
  command: "Command",
  systemd: "systemd unit",
  openclaw: "OpenClaw gateway",
};

export function StatusLine({ agent }: { agent: Agent }) {
  const { tone, word } = agentWords(agent);
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <Chip tone={tone}>{word}</Chip>
      <span className="min-w-0 text-ink3 text-xs">
        {agent.status !== "online" && agent.status_detail ? `${agent.status_detail}, ` : ""}
        for <Ago at={agent.status_since} as="long" />
      </span>
    </span>
  );
}

export function KindLine({ agent }: { agent: Agent }) {
  const what = agent.workload_title && agent.kind !== "host" ? `: ${agent.workload_title}` : "";
  return (
    <p className="min-w-0 truncate text-ink2" title={agent.workload_title || undefined}>
      {KIND_SENTENCE[agent.kind]}
      {what} <span className="text-ink3">on {agent.hostname}</span>
    </p>
  );
}

/** The latest action on this agent while it runs and a little longer. */
export function Progress({ agent }: { agent: Agent }) {
  const command = useRow(commandsByAgent, agent.id);
  if (!command) return <div aria-live="polite" />;
  const { tone, word } = commandWords(command);
  return (
    <div aria-live="polite" className="mt-2.5 flex min-h-9 items-center gap-2 rounded-lg border border-line bg-bg px-3 py-1">
      <span className={TONE_TEXT[tone]}>
        <Mark tone={tone} />
      </span>
      <span className="min-w-0 flex-1">
        <span className={cx("font-medium", TONE_TEXT[tone])}>{word}</span> <span className="text-ink2">{commandDetail(command)}</span>
      </span>
      <Ago at={command.finished_at ?? command.created_at} as="for" className="text-ink3 text-xs" />
      {commandOpen(command) && <CancelButton command={command} />}
    </div>
  );
}

/** Why an action cannot work on this agent although the caller may ask for it. */
function cannot(agent: Agent, detail: AgentDetail | undefined, action: "restart" | "kill" | "check"): string | null {
  if (!agent.connected) return "The agent is away. It can be asked again once it is linked.";
  if (action !== "check" && agent.kind === "host") return "This agent looks after its machine only: there is no workload to act on.";
  if (detail && !detail.allow.includes(action)) return `This agent's owner does not allow ${action}.`;
  return null;
}

interface ActionsProps {
  agent: Agent;
  detail: AgentDetail | undefined;
  onRemoved: () => void;
  /** Beside a title rather than below it. */
  aside?: boolean;
}

export function Actions({ agent, detail, onRemoved, aside = false }: ActionsProps) {
  const me = useMe();
  const [checking, setChecking] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [dialog, setDialog] = useState<"edit" | "remove" | null>(null);
  const navigate = useNavigate();
  const on = { kind: "agent", id: agent.id, name: agent.name };
  const why = (action: "restart" | "kill" | "check") => whyNot(me, `agent_${action}`, on) ?? cannot(agent, detail, action);
  // A check touches nothing, so it is not confirmed.
  const check = async () => {
    setChecking(true);
    setFailure(null);
    try {
      const { command_id } = await ask(
        api.POST("/api/v1/agents/{id}/actions", { params: { path: { id: agent.id } }, body: { action: "check", reason: "" } }),
      );
      commandSeen(await ask(api.GET("/api/v1/commands/{id}", { params: { path: { id: command_id } } })), true);
    } catch (error) {
      setFailure(error);
    } finally {
      setChecking(false);
    }
  };
  return (
    <div>
      <div className={cx("flex flex-wrap gap-2 max-sm:[&>button]:flex-1", aside && "lg:justify-end")}>
        <Button
          reason={why("restart")}
          icon={<RotateCw size={14} aria-hidden />}
          onClick={() => actionAsk({ action: "restart", agents: [agent.id] })}
        >
          Restart
        </Button>
        <Button reason={why("check")} busy={checking} icon={<Activity size={14} aria-hidden />} onClick={() => void check()}>
          Check
        </Button>
        <Button
          look="danger"
          reason={why("kill")}
          icon={<OctagonX size={14} aria-hidden />}
          onClick={() => actionAsk({ action: "kill", agents: [agent.id] })}
        >
          Kill…
        </Button>
        <Menu trigger={<Button aria-label="More actions" className="max-sm:!flex-none" icon={<Ellipsis size={16} aria-hidden />} />}>
          <MenuItem icon={<Pencil size={14} aria-hidden />} reason={whyNot(me, "agent_update", on)} onClick={() => setDialog("edit")}>
            Rename, change tags…
          </MenuItem>
          <MenuItem
            icon={<Trash2 size={14} aria-hidden />}
            tone="bad"
            reason={whyNot(me, "agent_remove", on)}
            onClick={() => setDialog("remove")}
          >
            Remove…
          </MenuItem>
        </Menu>
      </div>
      <FailureNotice error={failure} denial={{ action: "agent_check", on }} className="mt-2" />
      <Progress agent={agent} />
      {dialog === "edit" && (
        <EditDialog
          agent={agent}
          onClose={() => setDialog(null)}
          onRenamed={(name) =>
            void navigate({ to: ".", params: { name }, search: (all) => ({ ...all, agent: all.agent ? name : undefined }), replace: true })
          }
        />
      )}
      {dialog === "remove" && <RemoveDialog agent={agent} onClose={() => setDialog(null)} onRemoved={onRemoved} />}
    </div>
  );
}
