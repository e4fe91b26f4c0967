// The text of a line as it is shown: without the terminal's colour codes, and cut at what was searched for.

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colour codes begin with
const ANSI = /\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007]*\u0007)/g;

export function plainText(message: string): string {
  return message.includes("\u001b") ? message.replace(ANSI, "") : message;
}

/** A text in pieces, those equal to `q` (in any case) marked. */
export function splitMatch(text: string, q: string): { key: number; part: string; hit: boolean }[] {
  const parts: { key: number; part: string; hit: boolean }[] = [];
  const low = text.toLowerCase();
  const find = q.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(find); find !== "" && at >= 0; at = low.indexOf(find, from)) {
    if (at > from) parts.push({ key: from, part: text.slice(from, at), hit: false });
    parts.push({ key: at, part: text.slice(at, at + find.length), hit: true });
    from = at + find.length;
  }
  if (from < text.length) parts.push({ key: from, part: text.slice(from), hit: false });
  return parts;
}
