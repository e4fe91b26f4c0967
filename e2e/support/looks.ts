// How every page must look: in both themes, wide and narrow, axe finds nothing and nothing is wider than the window.
import { expect, type Page, test } from "@playwright/test";
import type { House } from "./house";
import { expectAccessible } from "./test";

/** Name, path, and a text that says that the view is there. */
export type View = readonly [string, string, string];

export interface Look {
  theme: "light" | "dark";
  width: number;
}

export const LOOKS: readonly Look[] = (["light", "dark"] as const).flatMap((theme) => [1440, 390].map((width) => ({ theme, width })));

export async function expectGoodLooks(page: Page, house: House, { theme, width }: Look, views: readonly View[]): Promise<void> {
  await page.setViewportSize({ width, height: width > 1000 ? 900 : 844 });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  for (const [name, path, sign] of views) {
    await test.step(name, async () => {
      await page.goto("about:blank");
      await page.goto(house.url + path);
      await expect(page.getByText(sign).first()).toBeVisible();
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    });
  }
}
