// Keeps the list of runs current: asks for the page again while somebody looks, and takes over its table.

import { clock } from "./format";

const every = 2000, slowest = 15_000; // ms

export class RunList {
  private pause = every;
  private answered = Date.now();

  constructor(private readonly url: string) {}

  start(): void {
    this.later();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { this.pause = every; void this.refresh(); } });
  }

  private later(): void {
    window.setTimeout(() => { void this.refresh().then(() => this.later()); }, this.pause);
  }

  private async refresh(): Promise<void> {
    if (document.hidden) return;
    try {
      const answer = await fetch(this.url, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#run-table");
      if (fresh) this.takeOver(fresh);
      this.answered = Date.now();
      this.pause = every;
      this.say("");
    } catch {
      this.pause = Math.min(slowest, 1.5 * this.pause);
      this.say(`stale since ${clock(this.answered)}, trying again`);
    }
  }

  /** takeOver replaces what differs, and keeps the focus and the scroll of the table. */
  private takeOver(fresh: Element): void {
    const now = document.querySelector("#run-table")!;
    if (now.innerHTML === fresh.innerHTML) return;
    const focused = now.contains(document.activeElement) ? document.activeElement!.id : "";
    const scroll = now.querySelector(".table-scroll")?.scrollLeft ?? 0;
    now.replaceChildren(...document.adoptNode(fresh).childNodes);
    const box = now.querySelector(".table-scroll");
    if (box) box.scrollLeft = scroll;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  private say(text: string): void {
    const p = document.querySelector("#runs-freshness");
    if (p && p.textContent !== text) p.textContent = text;
  }
}
