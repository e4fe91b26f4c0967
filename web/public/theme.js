// Sets the theme before the first paint; it is a file of its own because the content policy allows no inline script.
(() => {
  let wish = "system";
  try {
    wish = localStorage.getItem("mc.theme") || "system";
  } catch {
    // Storage may be forbidden; then the system's theme holds.
  }
  const dark = wish === "dark" || (wish === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
