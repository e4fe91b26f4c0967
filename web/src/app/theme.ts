// The theme: light, dark, or as the system says. `public/theme.js` applies the same choice before the first paint.
import { create } from "zustand";

export type ThemeWish = "light" | "dark" | "system";

const KEY = "mc.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function stored(): ThemeWish {
  try {
    const wish = localStorage.getItem(KEY);
    return wish === "light" || wish === "dark" ? wish : "system";
  } catch {
    return "system";
  }
}

function apply(wish: ThemeWish): void {
  document.documentElement.dataset.theme = wish === "dark" || (wish === "system" && system.matches) ? "dark" : "light";
}

export const useTheme = create<{ wish: ThemeWish; choose: (wish: ThemeWish) => void }>((set) => ({
  wish: stored(),
  choose: (wish) => {
    try {
      localStorage.setItem(KEY, wish);
    } catch {
      // Without storage the choice holds until the page is closed.
    }
    apply(wish);
    set({ wish });
  },
}));

system.addEventListener("change", () => apply(useTheme.getState().wish));
