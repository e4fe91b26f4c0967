// The terminal in the page's colours, in both themes.
import type { ITheme } from "@xterm/xterm";

const LIGHT = {
  black: "#10161f",
  red: "#b8242f",
  green: "#0c7049",
  yellow: "#8a5700",
  blue: "#2745c4",
  magenta: "#8a2f9e",
  cyan: "#0b6a70",
  white: "#5f6b7f",
  brightBlack: "#5f6b7f",
  brightRed: "#d33541",
  brightGreen: "#0f8055",
  brightYellow: "#9c6500",
  brightBlue: "#3355e0",
  brightMagenta: "#a03bb5",
  brightCyan: "#0b7a81",
  brightWhite: "#10161f",
};

const DARK = {
  black: "#3b465a",
  red: "#ff858d",
  green: "#55cc9a",
  yellow: "#e6b154",
  blue: "#8aa1ff",
  magenta: "#d59cf0",
  cyan: "#5cc8cc",
  white: "#aeb8c8",
  brightBlack: "#8c97ab",
  brightRed: "#ffa3a9",
  brightGreen: "#7fdcb2",
  brightYellow: "#f0c77c",
  brightBlue: "#a3b5ff",
  brightMagenta: "#e2b8f5",
  brightCyan: "#7fd8db",
  brightWhite: "#ffffff",
};

export function terminalTheme(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const accent = token("--accent");
  return {
    ...(document.documentElement.dataset.theme === "dark" ? DARK : LIGHT),
    background: token("--panel"),
    foreground: token("--ink"),
    cursor: accent,
    cursorAccent: token("--panel"),
    selectionBackground: `${accent}55`,
    scrollbarSliderBackground: `${token("--edge")}99`,
    scrollbarSliderHoverBackground: token("--edge"),
    scrollbarSliderActiveBackground: token("--ink3"),
  };
}
