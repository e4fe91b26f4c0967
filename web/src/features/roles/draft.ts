// A role while it is written: what the form holds, what is sent, and where the server's complaints belong.
import type { RoleForm, RoleInfo, Rule } from "../../api/types";

export interface RuleDraft extends Rule {
  /** Keeps a rule's fields its own while others come and go. */
  key: number;
}

export interface Draft {
  name: string;
  title: string;
  description: string;
  step_up: boolean;
  rules: RuleDraft[];
  /** Cedar text by hand instead of the rules; null: the rules count. */
  cedar: string | null;
  version: number | null;
}

let keys = 0;
function keyed(rule: Rule): RuleDraft {
  keys += 1;
  return { ...rule, key: keys };
}

export function newRule(): RuleDraft {
  return keyed({ effect: "allow", actions: [] });
}

export function draftOf(role: RoleInfo): Draft {
  return {
    name: role.name,
    title: role.title,
    description: role.description,
    step_up: role.step_up,
    rules: role.rules.map(keyed),
    cedar: role.by_hand ? role.cedar : null,
    version: role.version,
  };
}

/** A new role: empty, or the likeness of another. */
export function draftLike(role: RoleInfo | undefined): Draft {
  if (!role) return { name: "", title: "", description: "", step_up: false, rules: [newRule()], cedar: null, version: null };
  return { ...draftOf(role), name: `${role.name}-copy`.slice(0, 40), title: role.title ? `${role.title} (copy)` : "", version: null };
}

function filled(lists: object | null | undefined): boolean {
  return Object.values(lists ?? {}).some((list) => Array.isArray(list) && list.length > 0);
}

/** What is sent: selectors that select nothing in particular are left out. */
export function formOf(draft: Draft): RoleForm {
  const rules = draft.rules.map(({ effect, actions, agents, kubernetes }) => ({
    effect,
    actions,
    ...(filled(agents) ? { agents } : {}),
    ...(filled(kubernetes) ? { kubernetes } : {}),
  }));
  return {
    name: draft.name,
    title: draft.title.trim(),
    description: draft.description.trim(),
    step_up: draft.step_up,
    rules: draft.cedar === null ? rules : [],
    ...(draft.cedar === null ? {} : { cedar: draft.cedar }),
    ...(draft.version === null ? {} : { version: draft.version }),
  };
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

export function roleNameFault(name: string): string | null {
  if (name === "") return "Choose a name.";
  return NAME.test(name) ? null : "Use 1 to 40 of a-z, 0-9 and '-', beginning with a letter.";
}

export interface RoleProblem {
  at: string;
  text: string;
}

/** The complaints about one place, such as `rules[1].actions`; those about parts of it included. */
export function problemsAt(problems: readonly RoleProblem[], place: string): string | undefined {
  const found = problems.filter(({ at }) => at === place || at.startsWith(`${place}[`) || at.startsWith(`${place}.`));
  return found.length > 0 ? found.map((each) => each.text).join(" ") : undefined;
}

/** A rule in a sentence. */
export function ruleWords(rule: Rule): string {
  const list = (values: readonly string[] | undefined, word: string) => (values?.length ? ` ${word} ${values.join(" or ")}` : "");
  const agents = rule.agents;
  const kube = rule.kubernetes;
  const on =
    (agents && filled(agents)
      ? `, on agents${list(agents.names, "named")}${list(agents.tags, "tagged")}${list(agents.groups, "in group")}${list(agents.kinds, "of kind")}${list(agents.owners, "owned by")}`
      : "") +
    (kube && filled(kube)
      ? `, in clusters${list(kube.clusters, "named")}${list(kube.namespaces, "namespace")}${list(kube.resources, "on")}${list(kube.verbs, "doing")}${list(kube.names, "named")}`
      : "");
  return `${rule.effect === "allow" ? "May" : "May never"} ${rule.actions.join(", ") || "…"}${on}`;
}
