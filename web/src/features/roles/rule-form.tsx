// One rule: allow or deny, which actions, and on which things.
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { agents as agentRows } from "../../api/agents";
import { actionsQuery } from "../../api/queries";
import { Button } from "../../ui/button";
import { cx } from "../../ui/cx";
import { PatternField, type Suggestion } from "../../ui/pattern-field";
import { Notice } from "../../ui/states";
import { problemsAt, type RoleProblem, type RuleDraft } from "./draft";

interface Props {
  rule: RuleDraft;
  place: number;
  problems: readonly RoleProblem[];
  readOnly: boolean;
  onChange: (rule: RuleDraft | null) => void;
}

const AGENT_FIELDS = [
  ["names", "Named"],
  ["tags", "Tagged"],
  ["groups", "In group"],
  ["kinds", "Of kind"],
  ["owners", "Owned by"],
] as const;
const KUBE_FIELDS = [
  ["clusters", "Clusters"],
  ["namespaces", "Namespaces"],
  ["resources", "Resources"],
  ["verbs", "Verbs"],
  ["names", "Names"],
] as const;
const WORDS: Record<string, readonly string[]> = {
  kinds: ["host", "command", "systemd", "openclaw"],
  verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
  resources: ["pods", "pods/log", "pods/exec", "deployments.apps", "services", "configmaps", "secrets"],
};

type Scope = "any" | "agents" | "kubernetes";

function useActions(): Suggestion[] {
  const items = useQuery(actionsQuery).data?.items;
  return useMemo(() => {
    const families = [...new Set((items ?? []).map((action) => action.name.split("_")[0]))].map((head) => ({
      value: `${head}_*`,
      note: "all of these",
    }));
    return [...(items ?? []).map((action) => ({ value: action.name, note: action.text })), ...families, { value: "*", note: "everything" }];
  }, [items]);
}

/** Names and tags of the agents that are known here, to choose from. */
function known(field: string): Suggestion[] {
  if (field === "names") return [...agentRows.values()].map((agent) => ({ value: agent.name, note: agent.hostname }));
  if (field === "tags") return [...new Set([...agentRows.values()].flatMap((agent) => agent.tags))].sort().map((value) => ({ value }));
  return (WORDS[field] ?? []).map((value) => ({ value }));
}

export function RuleForm({ rule, place, problems, readOnly, onChange }: Props) {
  const actions = useActions();
  const [scope, setScope] = useState<Scope>(rule.agents ? "agents" : rule.kubernetes ? "kubernetes" : "any");
  const at = `rules[${place}]`;
  const own = problems.filter((problem) => problem.at === at).map((problem) => problem.text);
  const choose = (next: Scope) => {
    setScope(next);
    onChange({
      ...rule,
      agents: next === "agents" ? (rule.agents ?? {}) : null,
      kubernetes: next === "kubernetes" ? (rule.kubernetes ?? {}) : null,
    });
  };
  return (
    <li aria-label={`Rule ${place + 1}`} className="flex flex-col gap-3 border-line2 border-b p-4 last:border-0">
      <div className="flex flex-wrap items-center gap-3">
        <span className="font-medium text-ink3">{place + 1}</span>
        <Pair
          label={`Effect of rule ${place + 1}`}
          name={`effect-${rule.key}`}
          options={[
            ["allow", "Allow"],
            ["deny", "Deny"],
          ]}
          value={rule.effect}
          bad={rule.effect === "deny"}
          disabled={readOnly}
          onChange={(effect) => onChange({ ...rule, effect })}
        />
        <span className="text-ink3">on</span>
        <Pair
          label={`Things of rule ${place + 1}`}
          name={`scope-${rule.key}`}
          options={[
            ["any", "Anything"],
            ["agents", "Agents like…"],
            ["kubernetes", "Kubernetes…"],
          ]}
          value={scope}
          disabled={readOnly}
          onChange={choose}
        />
        {!readOnly && (
          <Button
            look="ghost"
            size="sm"
            className="ml-auto"
            aria-label={`Remove rule ${place + 1}`}
            icon={<Trash2 size={14} aria-hidden />}
            onClick={() => onChange(null)}
          />
        )}
      </div>
      {own.length > 0 && <Notice tone="bad">{own.join(" ")}</Notice>}
      <PatternField
        label="Actions"
        mono
        disabled={readOnly}
        values={rule.actions}
        suggestions={actions}
        placeholder="agent_restart, agent_*, …"
        error={problemsAt(problems, `${at}.actions`)}
        onChange={(next) => onChange({ ...rule, actions: next })}
      />
      {scope === "agents" && (
        <div className="grid gap-3 sm:grid-cols-2">
          {AGENT_FIELDS.map(([field, label]) => (
            <PatternField
              key={field}
              label={label}
              disabled={readOnly}
              values={rule.agents?.[field] ?? []}
              suggestions={known(field)}
              placeholder="any"
              error={problemsAt(problems, `${at}.agents.${field}`)}
              onChange={(next) => onChange({ ...rule, agents: { ...rule.agents, [field]: next } })}
            />
          ))}
        </div>
      )}
      {scope === "kubernetes" && (
        <div className="grid gap-3 sm:grid-cols-2">
          {KUBE_FIELDS.map(([field, label]) => (
            <PatternField
              key={field}
              label={label}
              disabled={readOnly}
              values={rule.kubernetes?.[field] ?? []}
              suggestions={field === "names" ? [] : known(field)}
              placeholder="any"
              error={problemsAt(problems, `${at}.kubernetes.${field}`)}
              onChange={(next) => onChange({ ...rule, kubernetes: { ...rule.kubernetes, [field]: next } })}
            />
          ))}
        </div>
      )}
    </li>
  );
}

interface PairProps<T extends string> {
  label: string;
  name: string;
  options: readonly (readonly [T, string])[];
  value: T;
  bad?: boolean;
  disabled: boolean;
  onChange: (value: T) => void;
}

function Pair<T extends string>({ label, name, options, value, bad = false, disabled, onChange }: PairProps<T>) {
  return (
    <fieldset disabled={disabled} className="inline-flex gap-0.5 rounded-lg border border-line bg-bg p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map(([option, text]) => (
        <label
          key={option}
          className={cx(
            "flex h-6 items-center rounded-md px-2.5 has-focus-visible:outline-2 has-focus-visible:outline-accent max-md:h-8",
            !disabled && "cursor-pointer",
            value === option
              ? cx("bg-raise font-medium shadow-[0_0_0_1px_var(--edge)]", bad ? "text-bad" : "text-ink")
              : "text-ink2 hover:text-ink",
          )}
        >
          <input type="radio" name={name} className="sr-only" checked={value === option} onChange={() => onChange(option)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
