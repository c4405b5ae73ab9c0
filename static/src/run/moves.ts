// Pause, resume, stop: forms that work without a script, sent here without leaving the page.

import type { Move } from "../protocol";

export class Moves {
  /** box holds one form for each move, with data-action; refuse is told the sentence when the server says no, "" when it says yes. */
  constructor(private readonly box: HTMLElement, private readonly refuse: (sentence: string) => void) {
    for (const form of box.querySelectorAll("form")) form.addEventListener("submit", (e) => { e.preventDefault(); void this.send(form); });
  }

  /** accept shows the moves that the run's status accepts; the focus stays on a button where there is one. */
  accept(moves: readonly Move[]): void {
    const focused = this.box.contains(document.activeElement);
    for (const form of this.box.querySelectorAll("form")) {
      form.hidden = !moves.includes(form.dataset.action as Move);
      form.querySelector("button")!.disabled = false;
    }
    if (focused && !this.box.contains(visible(document.activeElement))) this.box.querySelector<HTMLElement>("form:not([hidden]) button")?.focus();
  }

  private async send(form: HTMLFormElement): Promise<void> {
    const button = form.querySelector("button")!;
    button.disabled = true; // until the status that it brings about arrives
    this.refuse("");
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { Accept: "text/html" } });
      if (answer.ok) {
        window.setTimeout(() => { button.disabled = false; }, 3000);
        return;
      }
      this.refuse(sentence(await answer.text()) || `The server refused to ${form.dataset.action} the run (HTTP ${answer.status}).`);
    } catch {
      this.refuse(`The server could not be reached, so the run was not asked to ${form.dataset.action}. Try again when the badge says connected.`);
    }
    button.disabled = false;
  }
}

function visible(element: Element | null): Element | null {
  return element instanceof HTMLElement && element.offsetParent !== null ? element : null;
}

/** sentence is the title and the first paragraph of an error page of ours. */
function sentence(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html").querySelector("[data-testid=error-page]");
  return [page?.querySelector("h1"), page?.querySelector("h1 ~ p")].map((e) => e?.textContent?.trim() ?? "").filter((t) => t !== "").join(". ");
}
