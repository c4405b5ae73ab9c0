// The theme: as the system, light or dark; remembered in this browser. Runs before the first paint, on every page.

type Theme = "auto" | "light" | "dark";
const names: Record<Theme, string> = { auto: "as the system", light: "light", dark: "dark" };

function remembered(): Theme {
  try {
    const stored = localStorage.getItem("theme");
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return "auto"; // storage is switched off
  }
}

function apply(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const name = document.getElementById("theme-name"), button = document.getElementById("theme-toggle");
  if (name) name.textContent = `Theme: ${names[theme]}`;
  if (button) button.title = `Theme: ${names[theme]} (T)`;
}

/** toggle goes to the other theme than the one that shows; back at the system's own it follows the system again. */
function toggle(): void {
  const systemDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const shown = document.documentElement.dataset.theme ?? (systemDark ? "dark" : "light");
  const wanted = shown === "dark" ? "light" : "dark";
  const theme: Theme = wanted === (systemDark ? "dark" : "light") ? "auto" : wanted;
  try {
    if (theme === "auto") localStorage.removeItem("theme"); else localStorage.setItem("theme", theme);
  } catch { /* not remembered, still shown */ }
  apply(theme);
}

apply(remembered());
document.addEventListener("DOMContentLoaded", () => {
  apply(remembered());
  document.getElementById("theme-toggle")?.addEventListener("click", toggle);
  document.addEventListener("keydown", (e) => {
    const field = e.target instanceof HTMLElement && e.target.matches("input:not([type=range],[type=radio],[type=checkbox]), select, textarea");
    if (e.key.toLowerCase() === "t" && !e.ctrlKey && !e.metaKey && !e.altKey && !field) toggle();
  });
});
