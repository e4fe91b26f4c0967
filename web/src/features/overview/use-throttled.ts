// A number that grows when agents changed, at most so often: for lists that are computed from all rows.
import { useEffect, useState } from "react";
import { agents } from "../../api/agents";

export function useThrottledBatches(everyMs: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = agents.watchBatches(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setTick((now) => now + 1);
      }, everyMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [everyMs]);
  return tick;
}
