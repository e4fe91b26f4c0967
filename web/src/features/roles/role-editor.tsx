// The form of a role with its Cedar text beside it: checked while it is written, tried against the past before it is saved.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { api, ask } from "../../api/client";
import { type Reason, reasonText, useWhyNot } from "../../api/me";
import type { RoleInfo } from "../../api/types";
import { Button } from "../../ui/button";
import { CheckField, TextArea, TextField } from "../../ui/field";
import { FailureNotice, ReadOnlyNote } from "../../ui/not-allowed";
import { Section } from "../../ui/section";
import { CedarPane } from "./cedar-pane";
import { type Draft, formOf, newRule, problemsAt, type RuleDraft, roleNameFault } from "./draft";
import { PastDialog } from "./past-dialog";
import { RuleForm } from "./rule-form";
import { useCheck } from "./use-check";

interface Props {
  start: Draft;
  /** The role as it is; absent for a new one. */
  role?: RoleInfo;
  fresh?: boolean;
  onSaved?: (role: RoleInfo) => void;
}

function useDenied(draft: Draft): Reason {
  const on = { kind: "role", id: draft.name, name: draft.name };
  return useWhyNot(draft.version === null ? "role_create" : "role_update", draft.version === null ? undefined : on);
}

function blockedBy(denied: Reason, draft: Draft, changed: boolean, problems: number, busy: boolean): Reason {
  if (denied) return denied;
  if (draft.version === null && roleNameFault(draft.name)) return roleNameFault(draft.name);
  if (!changed) return "Nothing has changed.";
  if (busy) return "It is being checked.";
  return problems > 0 ? "Mend what is wrong first." : null;
}

export function RoleEditor({ start, role, fresh = false, onSaved }: Props) {
  const queries = useQueryClient();
  const built = role?.built_in ?? false;
  const denied = useDenied(start);
  const readOnly = built || Boolean(denied);
  const fixed = built ? "Built-in roles never change. Copy it to a new one." : (reasonText(denied) ?? undefined);
  const mayTry = useWhyNot("simulate_past");
  const [draft, setDraft] = useState(start);
  const [trying, setTrying] = useState(false);
  const [touched, setTouched] = useState(false);
  const form = useMemo(() => formOf(draft), [draft]);
  const checked = useCheck(form, role?.cedar ?? "", readOnly);
  const changed = fresh || JSON.stringify(form) !== JSON.stringify(formOf(start));
  const blocked = blockedBy(denied, draft, changed, checked.problems.length, checked.busy);
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const changeRule = (key: number, next: RuleDraft | null) =>
    setDraft((now) => ({ ...now, rules: now.rules.flatMap((rule) => (rule.key !== key ? [rule] : next ? [next] : [])) }));
  const save = useMutation({
    mutationFn: () =>
      fresh
        ? ask(api.POST("/api/v1/admin/roles", { body: form }))
        : ask(api.PUT("/api/v1/admin/roles/{name}", { params: { path: { name: draft.name } }, body: form })),
    onSuccess: async (saved) => {
      queries.setQueryData(["roles", saved.name], saved);
      onSaved?.(saved);
      await queries.invalidateQueries({ queryKey: ["roles"], exact: true });
    },
  });
  return (
    <>
      {!built && <ReadOnlyNote reason={denied} />}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(320px,0.72fr)]">
        <fieldset aria-description={fixed} className="flex min-w-0 flex-col gap-4">
          <legend className="sr-only">The role</legend>
          <Section title="What it is">
            <div className="grid gap-4 p-4 sm:grid-cols-2">
              <TextField
                label="Name"
                className="font-mono"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={40}
                readOnly={!fresh || readOnly}
                placeholder="night-shift"
                value={draft.name}
                error={fresh && touched ? (roleNameFault(draft.name) ?? problemsAt(checked.problems, "name")) : undefined}
                onBlur={() => setTouched(true)}
                onChange={(event) => change({ name: event.target.value })}
              />
              <TextField
                label="Title"
                autoComplete="off"
                maxLength={80}
                readOnly={readOnly}
                placeholder="Night shift"
                value={draft.title}
                error={problemsAt(checked.problems, "title")}
                onChange={(event) => change({ title: event.target.value })}
              />
              <div className="sm:col-span-2">
                <TextArea
                  label="What it is for"
                  rows={2}
                  maxLength={1000}
                  readOnly={readOnly}
                  value={draft.description}
                  error={problemsAt(checked.problems, "description")}
                  onChange={(event) => change({ description: event.target.value })}
                />
              </div>
              <div className="sm:col-span-2">
                <CheckField
                  label="Ask again who it is before anything that can hurt"
                  hint="Whoever has the role proves it with a password, a code or a passkey."
                  checked={draft.step_up}
                  disabled={readOnly}
                  onChange={(event) => change({ step_up: event.target.checked })}
                />
              </div>
            </div>
          </Section>
          {draft.cedar === null ? (
            <Section
              title="Rules"
              about="A deny beats every allow. What no rule allows is refused."
              action={
                !readOnly && (
                  <Button icon={<Plus size={15} aria-hidden />} onClick={() => change({ rules: [...draft.rules, newRule()] })}>
                    Add a rule
                  </Button>
                )
              }
            >
              <ol aria-label="Rules">
                {draft.rules.map((rule, index) => (
                  <RuleForm
                    key={rule.key}
                    rule={rule}
                    place={index}
                    problems={checked.problems}
                    readOnly={readOnly}
                    onChange={(next) => changeRule(rule.key, next)}
                  />
                ))}
              </ol>
            </Section>
          ) : null}
        </fieldset>
        <CedarPane draft={draft} checked={checked} readOnly={readOnly} onWrite={(cedar) => change({ cedar })} />
      </div>
      {!built && (
        <div className="sticky bottom-0 z-10 mt-4 flex flex-wrap items-center gap-2 border-line border-t bg-bg py-3">
          <Button look="primary" busy={save.isPending} reason={blocked} onClick={() => save.mutate()}>
            {fresh ? "Make the role" : "Save"}
          </Button>
          <Button reason={mayTry ?? (checked.problems.length > 0 ? "Mend what is wrong first." : null)} onClick={() => setTrying(true)}>
            Try it against the past
          </Button>
          {changed && !fresh && (
            <Button look="ghost" onClick={() => setDraft(start)}>
              Undo the changes
            </Button>
          )}
          {save.isSuccess && !changed && (
            <span role="status" className="text-ok">
              Saved
            </span>
          )}
          <FailureNotice error={save.error} denial={{ action: fresh ? "role_create" : "role_update" }} />
        </div>
      )}
      {trying && <PastDialog form={form} onClose={() => setTrying(false)} />}
    </>
  );
}
