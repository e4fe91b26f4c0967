// How the page looks for this user: kept by the server, applied at once, and remembered in this browser so that the next load begins
// with it (`public/theme.js` applies the remembered look before the first paint; the two must agree).
import { create } from "zustand";
import type { Preferences } from "../api/types";
import { timeZoneSet } from "./time";

export type Look = Preferences;

const KEY = "mc.look";
/** The sizes at which `styles.css` is written. */
const PLAIN_TEXT_PX = 14;
const PLAIN_RADIUS_PX = 6;
const system = matchMedia("(prefers-color-scheme: dark)");

export const LOOK: Look = {
  theme: "system",
  accent: "blue",
  font_size: PLAIN_TEXT_PX,
  radius: PLAIN_RADIUS_PX,
  sidebar: "expanded",
  animations: "system",
  time_zone: null,
  views: {},
};

function remembered(): Look {
  try {
    return { ...LOOK, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Look>) };
  } catch {
    return LOOK;
  }
}

function apply(look: Look): void {
  const { dataset, style } = document.documentElement;
  dataset.theme = look.theme === "dark" || (look.theme === "system" && system.matches) ? "dark" : "light";
  dataset.accent = look.accent;
  dataset.motion = look.animations;
  style.setProperty("--scale", String(look.font_size / PLAIN_TEXT_PX));
  style.setProperty("--round", String(look.radius / PLAIN_RADIUS_PX));
  timeZoneSet(look.time_zone ?? "");
}

export const useLook = create<{ look: Look }>(() => ({ look: remembered() }));

/** Shows the look from now on, and remembers it in this browser. */
export function lookShow(change: Partial<Look>): Look {
  const look = { ...useLook.getState().look, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(look));
  } catch {
    // Without storage the next load begins with the default look and changes when the server has answered.
  }
  apply(look);
  useLook.setState({ look });
  return look;
}

apply(useLook.getState().look);
system.addEventListener("change", () => apply(useLook.getState().look));
