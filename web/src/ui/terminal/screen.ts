// An xterm.js terminal that fits the page: its colours, its font, its content policy.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useLook } from "../look";
import { rowsStrict, strictDocument, strictly } from "./strict-document";
import { terminalTheme } from "./theme";

export interface Screen {
  term: Terminal;
  /** Takes as many columns and rows as there is room for. */
  fit: () => void;
  dispose: () => void;
}

interface Options {
  readOnly?: boolean;
  /** A fixed size, for what was recorded at one. */
  columns?: number;
  rows?: number;
  label: string;
}

export function screenOpen(parent: HTMLElement, { readOnly = false, columns, rows, label }: Options): Screen {
  const term = new Terminal({
    documentOverride: strictDocument,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-mono") || '"JetBrains Mono", ui-monospace, monospace',
    fontSize: Math.round(useLook.getState().look.font_size * 0.9),
    lineHeight: 1.25,
    theme: terminalTheme(),
    minimumContrastRatio: 4.5,
    cursorBlink: false,
    cursorInactiveStyle: readOnly ? "none" : "outline",
    disableStdin: readOnly,
    scrollback: 10_000,
    screenReaderMode: false,
    ...(columns ? { cols: columns } : {}),
    ...(rows ? { rows } : {}),
  });
  const fitter = new FitAddon();
  term.loadAddon(fitter);
  strictly(() => term.open(parent));
  rowsStrict(term);
  term.textarea?.setAttribute("aria-label", label);
  const unlook = useLook.subscribe(() => {
    term.options.theme = terminalTheme();
  });
  const system = matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => queueMicrotask(() => (term.options.theme = terminalTheme()));
  system.addEventListener("change", recolour);
  return {
    term,
    fit: () => {
      // What is folded away has no size, and must keep the one it had.
      if (parent.clientHeight > 0 && parent.clientWidth > 0) fitter.fit();
    },
    dispose: () => {
      unlook();
      system.removeEventListener("change", recolour);
      term.dispose();
    },
  };
}
