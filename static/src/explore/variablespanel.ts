// The number of variables of a closed form: typed, with what it means for the picture, and the formula for that number.

import { limits } from "../state";
import { typed } from "../numbers";
import type { Bench, Panel } from "./panel";
import { put } from "./put";

export class VariablesPanel implements Panel {
  private readonly input: HTMLInputElement;
  private readonly problem: HTMLElement;
  private readonly formula: HTMLElement;
  private shown = ""; // function and number of the formula that is shown or on its way

  constructor(private readonly bench: Bench) {
    this.input = bench.root.querySelector<HTMLInputElement>("#dim")!;
    this.problem = bench.root.querySelector<HTMLElement>("#dim-problem")!;
    this.formula = bench.root.querySelector<HTMLElement>("#function-general")!;
    this.input.addEventListener("change", () => this.read());
  }

  refresh(): void {
    const { state, root } = this.bench, info = this.bench.info(), many = info !== undefined && info.most > 2, { dim } = state;
    root.querySelector<HTMLElement>("#dim-row")!.hidden = !info;
    this.input.disabled = !many;
    if (document.activeElement !== this.input) this.input.value = String(dim);
    put(root.querySelector<HTMLElement>("#dim-note")!, !info ? "" : !many ? `${info.name} has two variables.` : dim === 2 ? "" : `The picture is the plane of the first two; the other ${dim - 2} stay at the minimum.`);
    this.formula.hidden = !info || dim === 2;
    if (info && dim > 2) for (const plain of root.querySelectorAll<HTMLElement>("[data-function]")) plain.hidden = true;
    const wanted = info && dim > 2 ? `${info.id} ${dim}` : "";
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.formula.replaceChildren();
    if (wanted) void this.write(wanted, info!.id, dim);
  }

  /** write shows the formula, which the server has; without it the picture says enough. */
  private async write(wanted: string, id: string, dim: number): Promise<void> {
    try {
      const answer = await fetch(`/api/objectives?dim=${dim}`), { objectives } = (await answer.json()) as { objectives: { id: string; formula: string }[] };
      const formula = objectives.find((o) => o.id === id)?.formula;
      if (wanted !== this.shown || !formula) return;
      const math = new DOMParser().parseFromString(`<math displaystyle="true"><mi>f</mi><mo>(</mo><mi>x</mi><mo>)</mo><mo>=</mo>${formula}</math>`, "text/html").querySelector("math")!;
      this.formula.replaceChildren(document.adoptNode(math));
    } catch { /* the picture goes without it */ }
  }

  private read(): void {
    const v = typed(this.input.value), [least, most] = limits.dim, good = v !== null && Number.isInteger(v) && v >= least && v <= most;
    this.input.setAttribute("aria-invalid", String(!good));
    this.problem.hidden = good;
    if (good) this.bench.change({ dim: v });
    else put(this.problem, `The number of variables must be a whole number from ${least} to ${most}, found “${this.input.value.trim()}”. Still ${this.bench.state.dim}.`);
  }
}
