// The command palette: any agent, any action, any place, by a few letters. Loaded when it is first opened.
import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Activity, Boxes, CircleUser, CornerDownLeft, Hand, Lock, Moon, OctagonX, Plus, RotateCw, ScrollText, Server } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { agents } from "../api/agents";
import { actionAsk } from "../api/commands";
import { accessAsk, type Target, useMay, useMe, whyAsk, whyNot } from "../api/me";
import { preferencesChange } from "../api/preferences";
import { clustersQuery } from "../api/queries";
import type { Agent, CommandAction } from "../api/types";
import { cx } from "../ui/cx";
import { agentWords, Mark, TONE_TEXT } from "../ui/status";
import { usePlaces } from "./nav";

const AGENTS_SHOWN = 7;
const VERBS: readonly CommandAction[] = ["restart", "check", "kill"];
const VERB_ICON: Record<CommandAction, ReactNode> = {
  restart: <RotateCw size={15} aria-hidden />,
  check: <Activity size={15} aria-hidden />,
  kill: <OctagonX size={15} aria-hidden />,
};

/** Agents whose name begins with the words, then those that have them anywhere. */
export function findAgents(all: Iterable<Agent>, text: string, most: number): Agent[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const first: Agent[] = [];
  const rest: Agent[] = [];
  for (const agent of all) {
    const hay = `${agent.name} ${agent.hostname.toLowerCase()} ${agent.tags.join(" ")}`;
    if (!words.every((word) => hay.includes(word))) continue;
    if (words[0] && agent.name.startsWith(words[0])) first.push(agent);
    else if (rest.length < most) rest.push(agent);
    if (first.length >= most) break;
  }
  return [...first.sort((a, b) => (a.name < b.name ? -1 : 1)), ...rest].slice(0, most);
}

/** `restart gw` is the verb restart on agents like "gw". */
function split(text: string): { verb: CommandAction | null; rest: string } {
  const [head = "", ...tail] = text.trim().toLowerCase().split(/\s+/);
  const verb = head.length >= 3 ? VERBS.find((each) => each.startsWith(head)) : undefined;
  return verb ? { verb, rest: tail.join(" ") } : { verb: null, rest: text };
}

function Item({
  value,
  icon,
  onSelect,
  children,
  note,
  denied = false,
}: {
  value: string;
  icon: ReactNode;
  onSelect: () => void;
  children: ReactNode;
  note?: ReactNode;
  /** One's role does not allow it: choosing it says why. */
  denied?: boolean;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-9 cursor-default items-center gap-2.5 rounded-lg px-2.5 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent max-md:h-11"
    >
      <span className="grid w-4 place-items-center opacity-80">{icon}</span>
      <span className={cx("min-w-0 truncate", denied && "text-ink3")}>{children}</span>
      {note && !denied && <span className="ml-auto shrink-0 text-ink3 text-xs">{note}</span>}
      {denied && (
        <span className="ml-auto flex shrink-0 items-center gap-1.5 text-ink3 text-xs">
          <Lock size={12} aria-hidden /> not for your role
        </span>
      )}
    </Command.Item>
  );
}

const HEADING =
  "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-ink3";

export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const places = usePlaces();
  const me = useMe();
  const { verb, rest } = split(text);
  const found = useMemo(() => findAgents(agents.values(), text, AGENTS_SHOWN), [text]);
  const targets = useMemo(() => (verb ? findAgents(agents.values(), rest, AGENTS_SHOWN) : []), [verb, rest]);
  const low = text.trim().toLowerCase();
  const fits = (name: string) => low === "" || name.toLowerCase().includes(low);
  const goTo = places.filter((place) => fits(place.name));
  const run = (work: () => void) => () => {
    onClose();
    work();
  };
  /** What may not be done is offered all the same, and says why it is refused. */
  const gated = (action: string, work: () => void, on?: Target) => {
    const reason = whyNot(me, action, on);
    if (!reason || typeof reason === "string") return { denied: false, onSelect: run(work) };
    return {
      denied: true,
      onSelect: () => {
        // The answer appears where the question was typed.
        whyAsk(reason, document.activeElement ?? document.body);
        onClose();
      },
    };
  };
  const act = (action: CommandAction, agent: Agent) =>
    gated(`agent_${action}`, () => actionAsk({ action, agents: [agent.id] }), { kind: "agent", id: agent.id, name: agent.name });
  const dark = document.documentElement.dataset.theme === "dark";
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-veil" />
        <Dialog.Popup
          aria-label="Search or run anything"
          className="-translate-x-1/2 fixed top-[12vh] left-1/2 z-50 w-[600px] max-w-[94vw] overflow-hidden rounded-xl border border-line bg-panel shadow-pop outline-none max-md:top-3"
        >
          <Command shouldFilter={false} loop label="Search or run anything">
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="An agent, a cluster, a page, or “restart gw-research”"
              className="h-12 w-full border-line border-b bg-transparent px-4 text-base outline-none focus-visible:outline-none"
            />
            <Command.List className="max-h-[56vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-ink3">Nothing is called that.</Command.Empty>
              {verb && targets.length > 0 && (
                <Command.Group heading="Actions" className={HEADING}>
                  {targets.map((agent) => (
                    <Item
                      key={agent.id}
                      value={`${verb} ${agent.id}`}
                      icon={VERB_ICON[verb]}
                      {...act(verb, agent)}
                      note={agentWords(agent).word}
                    >
                      {verb.charAt(0).toUpperCase() + verb.slice(1)} <b className="font-semibold">{agent.name}</b>
                    </Item>
                  ))}
                </Command.Group>
              )}
              {low !== "" && found.length > 0 && (
                <Command.Group heading="Agents" className={HEADING}>
                  {found.map((agent) => (
                    <AgentItem
                      key={agent.id}
                      agent={agent}
                      onSelect={run(() => void navigate({ to: "/agents/$name", params: { name: agent.name }, search: {} }))}
                    />
                  ))}
                  {found[0] && found.length === 1 && (
                    <Item
                      value={`logs ${found[0].id}`}
                      icon={<ScrollText size={15} aria-hidden />}
                      onSelect={run(
                        () => void navigate({ to: "/agents/$name", params: { name: found[0]?.name ?? "" }, search: { tab: "logs" } }),
                      )}
                    >
                      Logs of <b className="font-semibold">{found[0].name}</b>
                    </Item>
                  )}
                </Command.Group>
              )}
              {low !== "" && <Clusters low={low} onGo={run} />}
              {(goTo.length > 0 || fits("Agents that need attention")) && (
                <Command.Group heading="Go to" className={HEADING}>
                  {goTo.map((place) => (
                    <Item
                      key={place.to}
                      value={`go ${place.to}`}
                      icon={<CornerDownLeft size={14} aria-hidden />}
                      onSelect={run(() => void navigate({ to: place.to, search: {} }))}
                      note={`g ${place.key}`}
                    >
                      {place.name}
                    </Item>
                  ))}
                  {fits("Agents that need attention") && (
                    <Item
                      value="go attention"
                      icon={<Server size={14} aria-hidden />}
                      onSelect={run(() => void navigate({ to: "/agents", search: { status: "offline,degraded" } }))}
                    >
                      Agents that need attention
                    </Item>
                  )}
                </Command.Group>
              )}
              {(fits("Join an agent") || fits("Switch theme") || fits("Your account") || fits("Request access")) && (
                <Command.Group heading="Do" className={HEADING}>
                  {fits("Join an agent") && (
                    <Item
                      value="do join"
                      icon={<Plus size={15} aria-hidden />}
                      {...gated("join_token_create", () => void navigate({ to: ".", search: (all) => ({ ...all, join: "1" }) }))}
                    >
                      Join an agent
                    </Item>
                  )}
                  {fits("Your account") && (
                    <Item
                      value="do account"
                      icon={<CircleUser size={15} aria-hidden />}
                      onSelect={run(() => void navigate({ to: "/account", search: {} }))}
                    >
                      Your account
                    </Item>
                  )}
                  {fits("Request access") && (
                    <Item value="do request" icon={<Hand size={15} aria-hidden />} {...gated("access_request_create", () => accessAsk({}))}>
                      Request access
                    </Item>
                  )}
                  {fits("Switch theme") && (
                    <Item
                      value="do theme"
                      icon={<Moon size={15} aria-hidden />}
                      onSelect={run(() => void preferencesChange({ theme: dark ? "light" : "dark" }).catch(() => undefined))}
                    >
                      Switch to the {dark ? "light" : "dark"} theme
                    </Item>
                  )}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const CLUSTERS_SHOWN = 5;
const CLUSTER_TABS = [
  ["resources", "Resources of"],
  ["console", "kubectl in"],
] as const;

/** Clusters by name; of the only one that fits, also what people go there for. */
function Clusters({ low, onGo }: { low: string; onGo: (work: () => void) => () => void }) {
  const navigate = useNavigate();
  const { data } = useQuery({ ...clustersQuery, enabled: useMay("kube_request") });
  const words = low.split(/\s+/);
  const fits = (name: string) => words.every((word) => name.includes(word) || "cluster kubectl resources pods".includes(word));
  const found = (data?.items ?? []).filter((cluster) => fits(cluster.name)).slice(0, CLUSTERS_SHOWN);
  if (found.length === 0) return null;
  const go = (name: string, tab?: string) =>
    onGo(() => void navigate({ to: "/clusters/$name", params: { name }, search: tab ? { tab } : {} }));
  const only = found.length === 1 ? found[0] : undefined;
  return (
    <Command.Group heading="Clusters" className={HEADING}>
      {found.map((cluster) => (
        <Item
          key={cluster.name}
          value={`cluster ${cluster.name}`}
          icon={<Boxes size={15} aria-hidden />}
          onSelect={go(cluster.name)}
          note={cluster.status}
        >
          <b className="font-semibold">{cluster.name}</b> <span className="text-ink3">{cluster.version}</span>
        </Item>
      ))}
      {only &&
        CLUSTER_TABS.map(([tab, text]) => (
          <Item
            key={tab}
            value={`cluster ${only.name} ${tab}`}
            icon={<CornerDownLeft size={14} aria-hidden />}
            onSelect={go(only.name, tab)}
          >
            {text} <b className="font-semibold">{only.name}</b>
          </Item>
        ))}
    </Command.Group>
  );
}

function AgentItem({ agent, onSelect }: { agent: Agent; onSelect: () => void }) {
  const { tone, word } = agentWords(agent);
  return (
    <Item
      value={`agent ${agent.id}`}
      icon={
        <span className={TONE_TEXT[tone]}>
          <Mark tone={tone} />
        </span>
      }
      onSelect={onSelect}
      note={word}
    >
      <b className="font-semibold">{agent.name}</b> <span className="text-ink3">{agent.hostname}</span>
    </Item>
  );
}
