// A line as a shell would cut it into words: quotes and backslashes, and nothing else. What a shell would do besides (pipes, files,
// variables) is refused in words rather than handed to kubectl, which would take it for a name.

export type Words = { words: string[]; error: null } | { words: null; error: string };

const OPERATORS: Record<string, string> = {
  "|": "Pipes",
  "&": "Background jobs and &&",
  ";": "Several commands in a line",
  "<": "Reading from files",
  ">": "Writing to files",
  "`": "Command substitution",
};

interface Open {
  words: string[];
  word: string;
  /** A word has begun, even an empty one in quotes. */
  begun: boolean;
}

function refused(what: string): string {
  return `${what} cannot be done here: this is kubectl alone, without a shell. Quote the character if it is meant.`;
}

/** Reads what stands in double quotes from `at`; the place behind the closing quote, or -1. */
function inQuotes(line: string, at: number, open: Open): number {
  for (let place = at; place < line.length; place += 1) {
    const char = line[place];
    if (char === '"') return place + 1;
    const next = line[place + 1];
    if (char === "\\" && next !== undefined && '"\\$`'.includes(next)) {
      open.word += next;
      place += 1;
    } else open.word += char;
  }
  return -1;
}

/** Reads one thing at `at`: the place behind it, or what is wrong. */
function step(line: string, at: number, open: Open): number | string {
  const char = line[at] ?? "";
  if (OPERATORS[char]) return refused(OPERATORS[char]);
  if (char === "$" && line[at + 1] === "(") return refused("Command substitution");
  open.begun = true;
  if (char === "'") {
    const end = line.indexOf("'", at + 1);
    if (end < 0) return "A single quote is not closed.";
    open.word += line.slice(at + 1, end);
    return end + 1;
  }
  if (char === '"') {
    const end = inQuotes(line, at + 1, open);
    return end < 0 ? "A double quote is not closed." : end;
  }
  if (char === "\\") {
    if (at + 1 >= line.length) return "The line ends in a backslash.";
    open.word += line[at + 1];
    return at + 2;
  }
  open.word += char;
  return at + 1;
}

export function splitWords(line: string): Words {
  const open: Open = { words: [], word: "", begun: false };
  const close = () => {
    if (open.begun) open.words.push(open.word);
    open.word = "";
    open.begun = false;
  };
  let place = 0;
  while (place < line.length) {
    if (/\s/.test(line[place] ?? "")) {
      close();
      place += 1;
      continue;
    }
    const next = step(line, place, open);
    if (typeof next === "string") return { words: null, error: next };
    place = next;
  }
  close();
  return { words: open.words, error: null };
}

/** The arguments of a line; the word `kubectl` before them may be left out. */
export function kubectlWords(line: string): Words {
  const cut = splitWords(line);
  if (cut.words === null) return cut;
  const [first] = cut.words;
  return { words: first === "kubectl" || first === "k" ? cut.words.slice(1) : cut.words, error: null };
}

/** Whether the command wants a terminal: `exec -it`, `run --stdin --tty`, `edit`. */
export function wantsTerminal(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const flags = end < 0 ? words : words.slice(0, end);
  if (flags[0] === "edit") return true;
  const short = (letter: string) => flags.some((word) => /^-[a-z]+$/i.test(word) && !word.startsWith("--") && word.includes(letter));
  const long = (name: string) => flags.some((word) => word === `--${name}` || word === `--${name}=true`);
  return ["exec", "attach", "run", "debug"].includes(flags[0] ?? "") && (short("t") || long("tty")) && (short("i") || long("stdin"));
}
