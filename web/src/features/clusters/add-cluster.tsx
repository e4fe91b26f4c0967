// How a cluster comes to be here: an agent with a `[kubernetes]` part, as a program beside the API server or by the Helm chart inside.
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useWhyNot } from "../../api/me";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { CodeText } from "../../ui/code-text";
import { CopyButton } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { TabPanel, Tabs } from "../../ui/tabs";

const CONFIG = `name = "dev-cluster"

[kubernetes]
cluster = "dev"                     # its name here
kubeconfig = "/etc/mc-agent/kubeconfig"   # left out: the service account of the pod around it

[allow]
kubernetes = ["read", "write", "connect"]`;

const CHART = `kubectl create secret generic mc-agent-join -n mission-control --from-file=token=/dev/stdin
helm install mc-agent deploy/helm/mc-agent --namespace mission-control \\
  --set cluster=dev \\
  --set central.server=HOST:8444 --set central.caPin=sha256:HEX \\
  --set allow.kubernetes='{read,write,connect}'`;

const TABS = [
  ["helm", "Inside, by Helm"],
  ["agent", "Beside, by an agent"],
] as const;

function Piece({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex flex-col items-end gap-2">
      <CodeText text={text} label={label} className="w-full" />
      <CopyButton text={text} size="sm" />
    </div>
  );
}

export function AddCluster() {
  const [tab, setTab] = useState("helm");
  const navigate = useNavigate();
  const denied = useWhyNot("join_token_create");
  const join = (
    <Button
      size="sm"
      reason={denied}
      icon={<Plus size={14} aria-hidden />}
      onClick={() => void navigate({ to: ".", search: (all: Search) => ({ ...all, new: undefined, join: "1" }) })}
    >
      Make a join token
    </Button>
  );
  return (
    <Tabs value={tab} onChange={setTab} tabs={TABS} label="How to add a cluster">
      <TabPanel value="helm" className="flex flex-col gap-3 pt-3 text-left">
        <p className="text-ink2">
          The chart runs the agent as a pod that may only act as the people who ask, and read what it reports. The first line reads the join
          token from your terminal.
        </p>
        <Piece text={CHART} label="Helm commands" />
        <div className="flex flex-wrap items-center gap-2 text-ink2">
          Token, host and pin are in the command of a new join token. {join}
        </div>
      </TabPanel>
      <TabPanel value="agent" className="flex flex-col gap-3 pt-3 text-left">
        <p className="text-ink2">
          Join an agent on a machine that reaches the API server, and give it these lines in{" "}
          <code className="font-mono text-xs">agent.toml</code>:
        </p>
        <Piece text={CONFIG} label="agent.toml" />
        <div className="flex flex-wrap items-center gap-2 text-ink2">The agent joins like any other. {join}</div>
      </TabPanel>
    </Tabs>
  );
}

export function AddDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open wide onClose={onClose} title="Add a cluster" description="It appears here as soon as its agent is connected.">
      <AddCluster />
    </Dialog>
  );
}
