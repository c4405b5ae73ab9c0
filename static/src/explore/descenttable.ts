// The rows of the optimizers: which run, in which color, and what they have come to.

import type { Descent } from "../state";
import { at, stageAt, type Descents } from "./descentdata";
import { digits } from "../numbers";
import { put } from "./put";

export class DescentTable {
  private readonly rows: { id: Descent; box: HTMLInputElement; cells: Record<string, HTMLElement> }[] = [];

  constructor(private readonly root: HTMLElement, chosen: (ids: Descent[]) => void) {
    for (const row of root.querySelectorAll<HTMLElement>("[data-method]")) {
      const cells: Record<string, HTMLElement> = {};
      for (const cell of row.querySelectorAll<HTMLElement>("[data-cell]")) cells[cell.dataset.cell!] = cell;
      this.rows.push({ id: row.dataset.method as Descent, box: row.querySelector("input")!, cells });
    }
    root.addEventListener("change", (e) => { if ((e.target as HTMLElement).matches("input[name=paths]")) chosen(this.rows.filter((r) => r.box.checked).map((r) => r.id)); });
  }

  check(ids: readonly Descent[]): void { for (const row of this.rows) row.box.checked = ids.includes(row.id); }

  /** show writes where the paths are after a step, and where they end. */
  show(descents: Descents | null, step: number): void {
    const away = descents?.paths.some((p) => p.away) ?? false;
    this.root.querySelector<HTMLElement>("#descent-away-head")!.hidden = !away;
    put(this.root.querySelector<HTMLElement>("#descent-now")!, descents ? `f at ${step}` : "f now");
    for (const { id, cells } of this.rows) {
      const path = descents?.paths.find((p) => p.id === id);
      cells.away!.hidden = !away;
      if (!path) { for (const cell of Object.values(cells)) put(cell, ""); continue; }
      const i = at(path, step), value = (f: number | null | undefined): string => (f === null || f === undefined ? "∞" : digits(Math.abs(f) < 1e-9 ? 0 : f, 4));
      put(cells.now!, path.end === "diverged" && step >= path.steps ? `diverged after ${path.steps}` : value(path.f[i]));
      put(cells.off!, path.valley ? `${digits(path.valley.distance, 2)} ${path.valley.global ? "global" : "local"}` : "–");
      put(cells.delta!, digits(stageAt(path, step).noiseLevel));
      put(cells.away!, path.away ? digits(path.away[i] ?? 0, 2) : "");
    }
  }
}
