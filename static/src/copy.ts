// Texts into the clipboard, from a button that says how it went.

/** copyText copies a text and says so on the button for a moment. False: the browser refuses its clipboard; otherwise is what the button says then. */
export async function copyText(button: HTMLElement, text: string, otherwise: string): Promise<boolean> {
  const before = button.dataset.text ?? (button.dataset.text = button.textContent ?? "");
  let copied = true;
  try { await navigator.clipboard.writeText(text); } catch { copied = false; }
  button.textContent = copied ? "Copied" : otherwise;
  window.setTimeout(() => { button.textContent = before; }, 1600);
  return copied;
}
