// What the Tab key completes on the console: the verb, then the kind.
import type { Kind } from "../../api/kube/types";

const VERBS = [
  "annotate",
  "api-resources",
  "apply",
  "auth",
  "autoscale",
  "cordon",
  "create",
  "delete",
  "describe",
  "diff",
  "drain",
  "edit",
  "events",
  "exec",
  "explain",
  "expose",
  "get",
  "label",
  "logs",
  "patch",
  "port-forward",
  "replace",
  "rollout",
  "run",
  "scale",
  "set",
  "taint",
  "top",
  "uncordon",
  "version",
  "wait",
];
const TAKES_KIND = new Set(["get", "describe", "delete", "edit", "label", "annotate", "patch", "scale", "explain", "wait"]);

function shared(words: readonly string[]): string {
  const [first = "", ...rest] = words;
  let length = first.length;
  for (const word of rest) {
    while (!word.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}

/** The line after a press of Tab; null where there is nothing to complete, so that the key goes on to the next control. */
export function complete(line: string, kinds: readonly Kind[]): string | null {
  const words = line.split(" ");
  const word = words.at(-1) ?? "";
  const before = words.slice(0, -1).filter((each) => each !== "" && each !== "kubectl");
  const [verb = ""] = before;
  const offers =
    before.length === 0
      ? VERBS
      : before.length === 1 && TAKES_KIND.has(verb)
        ? kinds.flatMap((kind) => [kind.plural, ...(kind.group ? [kind.id] : [])])
        : [];
  if (word === "") return null;
  const found = [...new Set(offers)].filter((offer) => offer.startsWith(word)).sort();
  if (found.length === 0) return null;
  const end = found.length === 1 ? `${found[0]} ` : shared(found);
  return end === word ? null : [...words.slice(0, -1), end].join(" ");
}
