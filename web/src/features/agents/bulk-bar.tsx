// What can be done with the selected agents. It slides over the foot of the list, so that nothing above it moves.
import { Activity, OctagonX, RotateCw, X } from "lucide-react";
import { actionAsk } from "../../api/commands";
import { useMe, whyNot } from "../../api/me";
import type { CommandAction } from "../../api/types";
import { Button } from "../../ui/button";
import { count } from "../../ui/format";

export function BulkBar({ selected, onClear }: { selected: ReadonlySet<string>; onClear: () => void }) {
  const me = useMe();
  if (selected.size === 0) return <div aria-live="polite" className="sr-only" />;
  const act = (action: CommandAction) => actionAsk({ action, agents: [...selected] });
  return (
    <div className="pointer-events-none relative h-0">
      <section
        aria-label="Selected agents"
        className="pointer-events-auto absolute inset-x-0 bottom-3 mx-auto flex w-fit max-w-full items-center gap-1.5 rounded-xl border border-line bg-raise py-1.5 pr-1.5 pl-3.5 shadow-pop"
      >
        <span aria-live="polite" className="mr-2 whitespace-nowrap font-medium">
          {count(selected.size)} selected
        </span>
        <Button size="sm" reason={whyNot(me, "agent_restart")} icon={<RotateCw size={14} aria-hidden />} onClick={() => act("restart")}>
          Restart
        </Button>
        <Button size="sm" reason={whyNot(me, "agent_check")} icon={<Activity size={14} aria-hidden />} onClick={() => act("check")}>
          Check
        </Button>
        <Button
          size="sm"
          look="danger"
          reason={whyNot(me, "agent_kill")}
          icon={<OctagonX size={14} aria-hidden />}
          onClick={() => act("kill")}
        >
          Kill
        </Button>
        <Button size="sm" look="ghost" aria-label="Clear the selection" icon={<X size={15} aria-hidden />} onClick={onClear} />
      </section>
    </div>
  );
}
