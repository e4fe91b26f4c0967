// Which group or claim gives which role: the first rule that fits decides.
import { Plus, Trash2 } from "lucide-react";
import { useRoleOptions } from "../../api/roles";
import { Button } from "../../ui/button";
import { INPUT } from "../../ui/field";
import type { Form } from "./provider-form";

interface Props {
  rules: Form["rules"];
  groupsClaim: string;
  onChange: (rules: Form["rules"]) => void;
}

const CELL = `${INPUT} h-8 min-w-0 max-md:h-10 max-md:text-base`;

export function RoleRules({ rules, groupsClaim, onChange }: Props) {
  const roles = useRoleOptions();
  const set = (place: number, part: Partial<Form["rules"][number]>) =>
    onChange(rules.map((rule, index) => (index === place ? { ...rule, ...part } : rule)));
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Roles by group</legend>
      <p className="mb-2 text-ink3 text-xs">The first that fits decides; * stands for anything.</p>
      <ol className="flex flex-col gap-2">
        {rules.map((rule, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the rules have no name of their own, and their order is what counts
            key={index}
            className="grid grid-cols-[minmax(0,0.8fr)_minmax(0,1.2fr)_minmax(0,1fr)_32px] items-center gap-2 max-sm:grid-cols-[1fr_32px]"
          >
            <input
              aria-label={`Claim of rule ${index + 1}`}
              placeholder={groupsClaim || "groups"}
              value={rule.claim}
              onChange={(event) => set(index, { claim: event.target.value })}
              className={CELL}
            />
            <input
              aria-label={`Value of rule ${index + 1}`}
              placeholder="ops-*"
              value={rule.value}
              onChange={(event) => set(index, { value: event.target.value })}
              className={`${CELL} max-sm:col-start-1`}
            />
            <select
              aria-label={`Role of rule ${index + 1}`}
              value={rule.role}
              onChange={(event) => set(index, { role: event.target.value })}
              className={`${CELL} max-sm:col-start-1`}
            >
              {roles.map(([name, title]) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
            <Button
              look="ghost"
              aria-label={`Remove rule ${index + 1}`}
              icon={<Trash2 size={14} aria-hidden />}
              className="max-sm:col-start-2 max-sm:row-start-1"
              onClick={() => onChange(rules.filter((_, place) => place !== index))}
            />
          </li>
        ))}
      </ol>
      <Button
        size="sm"
        className="mt-2"
        icon={<Plus size={14} aria-hidden />}
        onClick={() => onChange([...rules, { claim: "", value: "", role: "viewer" }])}
      >
        Add a rule
      </Button>
    </fieldset>
  );
}
