// The minima as a table, for who cannot see the picture.

import type { Minimum } from "../minima";
import { count, fixed } from "../numbers";

const most = 200; // rows

export class MinimaTable {
  private shown: readonly Minimum[] | null = null;

  constructor(private readonly details: HTMLDetailsElement, private readonly body: HTMLTableSectionElement, private readonly note: HTMLElement) {
    details.addEventListener("toggle", () => this.fill());
  }

  /** show takes the minima, lowest first; the rows are written when the table is open. */
  show(minima: readonly Minimum[], span: number): void {
    if (this.shown === minima) return;
    this.shown = minima;
    this.note.textContent = minima.length === 0 ? "No strict minimum." : minima.length > most ? `The ${most} lowest of ${count(minima.length)}.` : "The lowest first.";
    this.decimals = span > 100 ? 1 : span > 10 ? 2 : 3;
    this.fill();
  }

  private decimals = 3;

  private fill(): void {
    if (!this.details.open || !this.shown) return;
    this.body.replaceChildren(...this.shown.slice(0, most).map((m, i) => {
      const row = document.createElement("tr");
      for (const text of [String(i + 1), fixed(m.x, this.decimals), fixed(m.y, this.decimals), fixed(m.z, 4)]) row.appendChild(document.createElement("td")).textContent = text;
      return row;
    }));
  }
}
