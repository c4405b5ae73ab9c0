// Canvases do not follow the page's colors by themselves.

/** watchTheme calls changed after the theme has changed, by the system or by the page's own switch. */
export function watchTheme(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  new MutationObserver(changed).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
}
