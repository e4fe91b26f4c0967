// What a token is limited to: a few usual choices, or patterns over the names of actions.
import { useQuery } from "@tanstack/react-query";
import { actionsQuery } from "../../api/queries";
import { cx } from "../../ui/cx";
import { PatternField } from "../../ui/pattern-field";

const USUAL: readonly (readonly [string, string, readonly string[]])[] = [
  ["Everything", "all that its roles allow", ["*"]],
  ["Read only", "look, never touch", ["*_list", "*_show", "agent_logs", "agent_metrics", "agent_activity", "event_follow", "me_*"]],
  ["Agents", "see and act on agents", ["agent_*", "command_*"]],
];

export function ScopeField({ scopes, onChange }: { scopes: string[]; onChange: (scopes: string[]) => void }) {
  const actions = useQuery(actionsQuery).data?.items ?? [];
  const same = (other: readonly string[]) => other.length === scopes.length && other.every((each) => scopes.includes(each));
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">Scopes</legend>
      <div className="mb-2.5 grid gap-2 sm:grid-cols-3">
        {USUAL.map(([name, says, list]) => (
          <label
            key={name}
            className={cx(
              "flex cursor-pointer flex-col rounded-lg border px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-accent",
              same(list) ? "border-accent bg-accent-soft" : "border-line hover:border-edge",
            )}
          >
            <span className="flex items-center gap-2 font-medium">
              <input type="radio" name="scopes" className="check !rounded-full" checked={same(list)} onChange={() => onChange([...list])} />
              {name}
            </span>
            <span className="text-ink2 text-xs">{says}</span>
          </label>
        ))}
      </div>
      <PatternField
        label="Or exactly these"
        values={scopes}
        mono
        hint="Names of actions; * stands for any part."
        suggestions={actions.map((action) => ({ value: action.name, note: action.text }))}
        onChange={onChange}
      />
    </fieldset>
  );
}
