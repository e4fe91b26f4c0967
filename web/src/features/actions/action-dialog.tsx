// The one confirmation for actions on agents: what will be touched, why, and for many the count typed. Refusals come back here, where
// the click was made; progress then shows in the rows, the panel and the strip.
import { useEffect, useMemo, useRef, useState } from "react";
import { agents } from "../../api/agents";
import { api, ask } from "../../api/client";
import { type ActionWish, actionAsk, useActionWish } from "../../api/commands";
import { useWhyNot } from "../../api/me";
import { queryClient } from "../../api/queries";
import type { Agent, CommandAction } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { TextArea, TextField } from "../../ui/field";
import { count, plural } from "../../ui/format";
import { FailureNotice } from "../../ui/not-allowed";
import { Notice } from "../../ui/states";
import { ACTION_WORD, agentWords, Mark, TONE_TEXT } from "../../ui/status";

/** From this many agents on, their number must be typed before something is restarted or killed. */
const TYPE_COUNT_FROM = 5;
/** What the server takes at once. */
const MOST_AT_ONCE = 1000;
const LISTED = 50;

const SAYS: Record<CommandAction, string> = {
  restart: "The workload is stopped gracefully and started again.",
  kill: "The workload is stopped by force and stays stopped until it is restarted.",
  check: "The agent looks at its workload now and reports.",
};

interface Refusal {
  name: string;
  detail: string;
}

export function ActionDialog() {
  const wish = useActionWish();
  const close = () => actionAsk(null);
  // A new wish is a new form.
  return wish ? <Form key={`${wish.action} ${wish.agents.join()}`} wish={wish} onClose={close} /> : null;
}

async function send(wish: ActionWish, list: Agent[], reason: string): Promise<{ accepted: number; refused: Refusal[] }> {
  const only = list[0];
  if (list.length === 1 && only) {
    await ask(api.POST("/api/v1/agents/{id}/actions", { params: { path: { id: only.id } }, body: { action: wish.action, reason } }));
    return { accepted: 1, refused: [] };
  }
  const refused: Refusal[] = [];
  let accepted = 0;
  for (let start = 0; start < list.length; start += MOST_AT_ONCE) {
    const part = list.slice(start, start + MOST_AT_ONCE);
    const answer = await ask(api.POST("/api/v1/actions", { body: { agents: part.map((agent) => agent.id), action: wish.action, reason } }));
    answer.items.forEach((item, place) => {
      if (item.command_id) accepted += 1;
      else refused.push({ name: part[place]?.name ?? item.agent, detail: item.detail ?? item.code ?? "refused" });
    });
  }
  return { accepted, refused };
}

/** What still stands between the form and its button. */
function missing(action: CommandAction, agentCount: number, reason: string, typed: string | null): string | null {
  if (agentCount === 0) return "None of these agents is here any more.";
  if (action !== "check" && reason.trim() === "") return "Give a reason first: it is kept in the audit trail.";
  if (typed !== null && typed.trim() !== String(agentCount)) return "Type the number of agents first.";
  return null;
}

/** An agent whose page was opened is known before the whole list has come. */
function agentKnown(id: string): Agent | undefined {
  const opened = queryClient.getQueriesData<Agent>({ queryKey: ["agent"] });
  return agents.get(id) ?? opened.find(([, agent]) => agent?.id === id)?.[1];
}

function Form({ wish, onClose }: { wish: ActionWish; onClose: () => void }) {
  const list = useMemo(() => wish.agents.map(agentKnown).filter((agent): agent is Agent => agent !== undefined), [wish]);
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [outcome, setOutcome] = useState<{ accepted: number; refused: Refusal[] } | null>(null);
  const first = useRef<HTMLTextAreaElement>(null);
  const denied = useWhyNot(`agent_${wish.action}`);
  const word = ACTION_WORD[wish.action];
  const many = wish.action !== "check" && list.length >= TYPE_COUNT_FROM;
  const away = list.filter((agent) => !agent.connected).length;
  const blocked = denied ?? missing(wish.action, list.length, reason, many ? typed : null);
  const only = list.length === 1 ? list[0] : undefined;

  useEffect(() => {
    if (outcome && outcome.refused.length === 0) onClose();
  }, [outcome, onClose]);

  const submit = async () => {
    if (blocked || busy) return;
    setBusy(true);
    setFailure(null);
    try {
      setOutcome(await send(wish, list, reason.trim()));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  if (outcome && outcome.refused.length > 0) return <Refused word={word} outcome={outcome} onClose={onClose} />;
  return (
    <Dialog
      open
      onClose={onClose}
      focus={first}
      title={only ? `${word} ${only.name}?` : `${word} ${plural(list.length, "agent")}?`}
      description={SAYS[wish.action]}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={wish.action === "kill" ? "alarm" : "primary"} reason={blocked} busy={busy} onClick={() => void submit()}>
            {only ? word : `${word} ${count(list.length)}`}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <FailureNotice
          error={failure}
          denial={{ action: `agent_${wish.action}`, on: only && { kind: "agent", id: only.id, name: only.name } }}
        />
        {away > 0 && (
          <Notice tone="warn">
            {only
              ? "This agent is away: the action fails at once."
              : `${plural(away, "agent is", "agents are")} away: the action fails there at once.`}
          </Notice>
        )}
        <AgentList list={list} />
        <TextArea
          ref={first}
          label={wish.action === "check" ? "Reason (may be empty)" : "Reason"}
          hint="Kept in the audit trail."
          maxLength={500}
          rows={2}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey) {
              event.preventDefault();
              void submit();
            }
          }}
        />
        {many && (
          <TextField
            label={`Type ${list.length} to confirm`}
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="w-40"
          />
        )}
      </form>
    </Dialog>
  );
}

function AgentList({ list }: { list: Agent[] }) {
  return (
    <ul aria-label="Agents it touches" className="max-h-44 overflow-y-auto rounded-lg border border-line">
      {list.slice(0, LISTED).map((agent) => {
        const { tone, word } = agentWords(agent);
        return (
          <li key={agent.id} className="flex h-9 items-center gap-2 border-line2 border-b px-3 last:border-0">
            <span className={TONE_TEXT[tone]}>
              <Mark tone={tone} />
            </span>
            <span className="max-w-[70%] shrink-0 truncate font-medium">{agent.name}</span>
            <span className="truncate text-ink3 text-xs">{agent.workload_title || agent.hostname}</span>
            <span className="ml-auto shrink-0 text-ink2 text-xs">{word}</span>
          </li>
        );
      })}
      {list.length > LISTED && <li className="px-3 py-2 text-ink3">and {count(list.length - LISTED)} more</li>}
    </ul>
  );
}

function Refused({ word, outcome, onClose }: { word: string; outcome: { accepted: number; refused: Refusal[] }; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${word}: ${count(outcome.accepted)} sent, ${count(outcome.refused.length)} refused`}
      footer={
        <Button look="primary" onClick={onClose}>
          Close
        </Button>
      }
    >
      <ul className="max-h-72 overflow-y-auto rounded-lg border border-line">
        {outcome.refused.map((each) => (
          <li key={each.name} className="border-line2 border-b px-3 py-2 last:border-0">
            <span className="font-medium">{each.name}</span> <span className="text-ink2">{each.detail}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
