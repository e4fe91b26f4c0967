// The log of a pod's container, in the shared log view.
import { useMemo } from "react";
import type { KubeObject } from "../../api/kube/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { ToolSelect } from "../../ui/field";
import { LogView } from "../../ui/log/log-view";
import { containersOf } from "./pod-containers";
import { podLog } from "./pod-log";

interface Props {
  cluster: string;
  pod: KubeObject;
  search: Search;
  change: (part: Partial<Search>, push?: boolean) => void;
}

export function PodLogs({ cluster, pod, search, change }: Props) {
  const containers = containersOf(pod);
  const container = containers.find((each) => each.name === search.container)?.name ?? containers[0]?.name ?? "";
  const restarts = containers.find((each) => each.name === container)?.restarts ?? 0;
  const previous = search.previous === "1";
  const namespace = pod.metadata.namespace ?? "";
  const name = pod.metadata.name;
  const source = useMemo(
    () => podLog({ cluster, pod: { namespace, name }, container, previous }),
    [cluster, namespace, name, container, previous],
  );
  return (
    <LogView
      key={`${container} ${previous}`}
      base={`/${namespace}/${name}/${container}`}
      name={`${name}, ${container}`}
      compact
      source={source}
    >
      {containers.length > 1 && (
        <ToolSelect
          label="Container"
          value={container}
          options={containers.map((each) => [each.name, each.name] as const)}
          onChange={(event) => change({ container: event.target.value, previous: undefined })}
          className="max-w-40"
        />
      )}
      <Button
        look={previous ? "primary" : "plain"}
        aria-pressed={previous}
        reason={restarts === 0 && !previous ? "The container was not restarted: there is no log before this one." : null}
        onClick={() => change({ previous: previous ? undefined : "1" })}
      >
        Previous
      </Button>
    </LogView>
  );
}
