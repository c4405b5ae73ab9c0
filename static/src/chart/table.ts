// The table beside a chart that says the same as the picture, while somebody has it open.

import { digits } from "../numbers";
import { abscissas, valueFormat } from "./abscissas";
import type { Sheet } from "./sheet";

const pause = 1000; // ms between two fillings

export class TwinTable {
  private filled = 0;
  private timer = 0;

  /** box is the details element with a caption, a head row and a body. */
  constructor(private readonly box: HTMLDetailsElement, private readonly sheet: () => Sheet) {
    box.addEventListener("toggle", () => { if (box.open) this.fill(); });
  }

  /** refresh fills the table again soon, if it can be seen. */
  refresh(): void {
    if (!this.box.open || this.timer !== 0) return;
    this.timer = window.setTimeout(() => { this.timer = 0; if (this.box.open) this.fill(); }, Math.max(0, this.filled + pause - performance.now()));
  }

  private fill(): void {
    this.filled = performance.now();
    const sheet = this.sheet(), { by } = sheet, { caption, tHead, tBodies } = this.box.querySelector("table")!;
    caption!.textContent = `${sheet.title}, against ${abscissas[by].title} from ${valueFormat(by, sheet.from)} to ${valueFormat(by, sheet.to)}` +
      (sheet.thinned ? ": the extremes of each stretch" : "");
    tHead!.replaceChildren(row("th", [abscissas[by].column, ...sheet.columns.map((c) => c.title)]));
    const rows = document.createDocumentFragment();
    sheet.x.forEach((x, i) => rows.append(row("td", [valueFormat(by, x), ...sheet.columns.map((c) => written(c.values[i]))])));
    tBodies[0]!.replaceChildren(rows);
  }
}

function written(v: number | undefined): string {
  return v === undefined ? "" : digits(v, 5);
}

function row(kind: "th" | "td", texts: string[]): HTMLTableRowElement {
  const line = document.createElement("tr");
  for (const text of texts) {
    const cell = document.createElement(kind);
    if (kind === "th") cell.setAttribute("scope", "col");
    cell.className = "number";
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}
