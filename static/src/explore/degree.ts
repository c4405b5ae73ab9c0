// δ with its formula, and the three numbers it is made of.

import { degree, learningRateFor, type Kernel } from "../kernel";
import { limits, type ViewState } from "../state";
import { digits, typed } from "../numbers";
import { put } from "./put";
import { Slider } from "./slider";

export class DegreePanel {
  private readonly eta: Slider;
  private readonly b: Slider;
  private readonly c: Slider;
  private readonly field: HTMLInputElement;
  private readonly problem: HTMLElement;
  private spoken = "";

  constructor(private readonly root: HTMLElement, private readonly state: ViewState, private readonly changed: () => void) {
    const row = (id: string): HTMLElement => root.querySelector<HTMLElement>(`[data-slider=${id}]`)!;
    const slider = (id: "eta" | "b" | "c", name: string): Slider => new Slider(row(id), {
      limits: limits[id], whole: id === "b",
      text: (v) => `${name} ${digits(v, 4)}${this.spoken && `: ${this.spoken}`}`,
      changed: (v) => { state[id] = v; this.changed(); },
    });
    this.eta = slider("eta", "learning rate");
    this.b = slider("b", "batch size");
    this.c = slider("c", "gradient spread");
    this.field = root.querySelector<HTMLInputElement>("#delta")!;
    this.problem = root.querySelector<HTMLElement>("#delta-problem")!;
    this.field.addEventListener("change", () => this.read());
    this.field.addEventListener("focus", () => this.field.select());
  }

  /** show writes the state into the controls. The words are what the sliders add to their values when they are spoken. */
  show(kernel: Kernel, words: string): void {
    const { state, root } = this, delta = degree(kernel, state.eta, state.b, state.c), stable = kernel.law === "stable";
    this.spoken = words;
    this.eta.value = state.eta;
    this.b.value = state.b;
    this.c.value = state.c;
    if (document.activeElement !== this.field || this.problem.hidden) this.field.value = digits(delta, 4);
    for (const math of root.querySelectorAll<HTMLElement>("[data-formula]")) math.toggleAttribute("hidden", (math.dataset.formula === "stable") !== stable);
    put(this.root.querySelector<HTMLElement>("#ratio")!, `Not to be mixed up with the temperature η/b = ${digits(state.eta / state.b)}.`);
  }

  /** choose takes a δ, by way of η, as near as the limits of η allow. */
  choose(delta: number): void {
    const { state } = this;
    this.setEta(learningRateFor({ law: state.kernel, convention: state.convention, alpha: state.alpha }, delta, state.b, state.c));
  }

  /** nudge multiplies δ, by way of η. */
  nudge(factor: number): void { this.setEta(this.state.eta * factor); }

  private read(): void {
    const delta = typed(this.field.value), kernel = this.state, [lo, hi] = limits.eta;
    const k: Kernel = { law: kernel.kernel, convention: kernel.convention, alpha: kernel.alpha };
    const least = degree(k, lo, kernel.b, kernel.c), most = degree(k, hi, kernel.b, kernel.c);
    const wrong = delta === null || delta < least || delta > most;
    this.field.setAttribute("aria-invalid", String(wrong));
    this.problem.hidden = !wrong;
    this.problem.textContent = wrong ? `With this b and C, δ goes from ${digits(least)} to ${digits(most)}; found “${this.field.value.trim()}”. Change b or C for more.` : "";
    if (!wrong) this.setEta(learningRateFor(k, delta, kernel.b, kernel.c));
  }

  private setEta(eta: number): void {
    const [lo, hi] = limits.eta;
    this.state.eta = Math.min(hi, Math.max(lo, Number(eta.toPrecision(6))));
    this.problem.hidden = true;
    this.field.setAttribute("aria-invalid", "false");
    this.changed();
  }
}
