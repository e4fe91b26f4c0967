// What the server takes as names and tags, said before it has to refuse them.

const AGENT = /^[a-z0-9][a-z0-9.-]{0,62}$/;
const TAG = /^[a-z0-9][a-z0-9._:=/-]{0,62}$/;

export function agentNameFault(name: string): string | null {
  return AGENT.test(name) ? null : "Use 1 to 63 of a-z, 0-9, '.' and '-', beginning with a letter or digit.";
}

/** Tags as typed: separated by spaces or commas. */
export function tagsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))].sort();
}

export function tagsFault(text: string): string | null {
  const wrong = tagsOf(text).find((tag) => !TAG.test(tag));
  return wrong === undefined
    ? null
    : `“${wrong}” is not a tag: use a-z, 0-9, '.', '_', ':', '=', '/' and '-', beginning with a letter or digit.`;
}
