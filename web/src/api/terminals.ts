// The terminals of this page, in the dock at its foot. They belong to no view: going elsewhere leaves them running.
import { create } from "zustand";
import type { Program } from "./kube/session";

export interface TerminalTab {
  id: number;
  title: string;
  program: Program;
}

interface Dock {
  tabs: readonly TerminalTab[];
  active: number;
  /** Folded to its row of tabs. */
  folded: boolean;
  height: number;
}

const HEIGHT = 280;
export const DOCK_LEAST = 120;

export const useDock = create<Dock>(() => ({ tabs: [], active: 0, folded: false, height: HEIGHT }));

let last = 0;

/** The name of a terminal: where it runs. */
export function programTitle(program: Program): string {
  if (program.kind === "kubectl") return `kubectl ${program.command.join(" ")}`;
  return program.container ? `${program.pod}/${program.container}` : program.pod;
}

/** Opens a terminal and shows it. */
export function terminalOpen(program: Program): void {
  last += 1;
  const tab = { id: last, title: programTitle(program), program };
  useDock.setState(({ tabs }) => ({ tabs: [...tabs, tab], active: tab.id, folded: false }));
}

export function terminalClose(id: number): void {
  useDock.setState(({ tabs, active }) => {
    const place = tabs.findIndex((tab) => tab.id === id);
    const left = tabs.filter((tab) => tab.id !== id);
    const next = left[Math.min(place, left.length - 1)]?.id ?? 0;
    return { tabs: left, active: active === id ? next : active };
  });
}

export function terminalShow(id: number): void {
  useDock.setState({ active: id, folded: false });
}

export function dockFold(folded: boolean): void {
  useDock.setState({ folded });
}

/** Sets the dock's height; it leaves room for the page above it. */
export function dockHeight(height: number, most: number): void {
  useDock.setState({ height: Math.round(Math.min(Math.max(height, DOCK_LEAST), Math.max(most, DOCK_LEAST))) });
}

/** Ends all of them, at logout. */
export function terminalsClear(): void {
  useDock.setState({ tabs: [], active: 0, folded: false });
}
