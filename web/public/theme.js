// Applies the look remembered in this browser before the first paint; a file of its own because the content policy allows no inline script.
(() => {
  let look = {};
  try {
    look = JSON.parse(localStorage.getItem("mc.look") || "{}") || {};
  } catch {
    // Storage may be forbidden or spoiled; then the default look holds.
  }
  const { dataset, style } = document.documentElement;
  const dark = look.theme === "dark" || (look.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  dataset.theme = dark ? "dark" : "light";
  dataset.accent = look.accent || "blue";
  dataset.motion = look.animations || "system";
  if (look.font_size > 0) style.setProperty("--scale", String(look.font_size / 14));
  if (look.radius >= 0) style.setProperty("--round", String(look.radius / 6));
})();
