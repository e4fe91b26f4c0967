// The containers of a pod: image, state, restarts; each with its log and its terminal.
import { ScrollText, SquareTerminal } from "lucide-react";
import { useChecks, wish } from "../../api/kube/check";
import type { KubeObject } from "../../api/kube/types";
import type { Reason } from "../../api/me";
import { terminalOpen } from "../../api/terminals";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { Mark, TONE_TEXT, type Tone } from "../../ui/status";

interface ContainerState {
  running?: { startedAt?: string };
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; exitCode?: number; message?: string };
}

export interface Container {
  name: string;
  image: string;
  init: boolean;
  restarts: number;
  tone: Tone;
  state: string;
}

interface RawContainer {
  name: string;
  image?: string;
}
interface RawStatus {
  name: string;
  restartCount?: number;
  ready?: boolean;
  state?: ContainerState;
}

function stateOf(status: RawStatus | undefined): { tone: Tone; state: string } {
  const { running, waiting, terminated } = status?.state ?? {};
  if (running) return status?.ready === false ? { tone: "warn", state: "Running, not ready" } : { tone: "ok", state: "Running" };
  if (terminated) {
    const code = terminated.exitCode ?? 0;
    return code === 0
      ? { tone: "idle", state: terminated.reason ?? "Ended" }
      : { tone: "bad", state: `${terminated.reason ?? "Ended"} (exit code ${code})` };
  }
  if (waiting) {
    const bad = /back|err|invalid|never/i.test(waiting.reason ?? "");
    return { tone: bad ? "bad" : "warn", state: waiting.reason ?? "Waiting" };
  }
  return { tone: "idle", state: "Not started" };
}

export function containersOf(pod: KubeObject): Container[] {
  const spec = (pod.spec ?? {}) as { containers?: RawContainer[]; initContainers?: RawContainer[] };
  const status = (pod.status ?? {}) as { containerStatuses?: RawStatus[]; initContainerStatuses?: RawStatus[] };
  const make = (list: RawContainer[] | undefined, states: RawStatus[] | undefined, init: boolean) =>
    (list ?? []).map(({ name, image = "" }) => {
      const found = states?.find((each) => each.name === name);
      return { name, image, init, restarts: found?.restartCount ?? 0, ...stateOf(found) };
    });
  return [...make(spec.containers, status.containerStatuses, false), ...make(spec.initContainers, status.initContainerStatuses, true)];
}

const PODS = { group: "", plural: "pods" };

/** Why no shell can be opened in this pod; both verbs are asked for by the door. */
export function useExecReason(cluster: string, pod: KubeObject): Reason {
  const ref = { namespace: pod.metadata.namespace ?? "", name: pod.metadata.name };
  const [get, create] = useChecks(cluster, [wish("get", PODS, ref, "exec"), wish("create", PODS, ref, "exec")]);
  return get ?? create;
}

export const SHELL: readonly string[] = ["/bin/sh"];

export function openShell(cluster: string, pod: KubeObject, container: string): void {
  terminalOpen({ kind: "pod", cluster, namespace: pod.metadata.namespace ?? "", pod: pod.metadata.name, container, command: SHELL });
}

interface Props {
  cluster: string;
  pod: KubeObject;
  change: (part: Partial<Search>, push?: boolean) => void;
}

export function Containers({ cluster, pod, change }: Props) {
  const reason = useExecReason(cluster, pod);
  return (
    <ul className="overflow-hidden rounded-lg border border-line">
      {containersOf(pod).map((each) => (
        <li key={each.name} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line2 border-b px-3 py-2 last:border-0">
          <div className="min-w-0 flex-1 basis-52">
            <div className="flex flex-wrap items-center gap-x-2">
              <span className="font-medium">{each.name}</span>
              {each.init && <span className="text-ink3 text-xs">init</span>}
              <span className={`inline-flex items-center gap-1.5 text-xs ${TONE_TEXT[each.tone]}`}>
                <Mark tone={each.tone} size={9} />
                {each.state}
              </span>
              {each.restarts > 0 && <span className="text-warn text-xs">{each.restarts} restarts</span>}
            </div>
            <div className="truncate font-mono text-ink3 text-xs" title={each.image}>
              {each.image}
            </div>
          </div>
          <div className="flex gap-1">
            <Button
              size="sm"
              look="ghost"
              aria-label={`Log of ${each.name}`}
              icon={<ScrollText size={14} aria-hidden />}
              onClick={() => change({ view: "logs", container: each.name })}
            >
              Log
            </Button>
            <Button
              size="sm"
              look="ghost"
              aria-label={`Terminal in ${each.name}`}
              reason={reason}
              icon={<SquareTerminal size={14} aria-hidden />}
              onClick={() => openShell(cluster, pod, each.name)}
            >
              Terminal
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}
