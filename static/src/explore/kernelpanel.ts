// The choice of kernel: its law, its convention, and what each means.

import { exists, type Kernel, type Convention, type Law } from "../kernel";
import { limits, type ViewState } from "../state";
import { digits } from "../numbers";
import { Slider } from "./slider";
import { put } from "./put";
import { conventionNote, kernelNote } from "./words";

export class KernelPanel {
  private readonly alpha: Slider;
  private readonly laws: HTMLInputElement[];
  private readonly conventions: HTMLInputElement[];

  constructor(private readonly root: HTMLElement, state: ViewState, changed: () => void) {
    this.laws = [...root.querySelectorAll<HTMLInputElement>("input[name=kernel]")];
    this.conventions = [...root.querySelectorAll<HTMLInputElement>("input[name=convention]")];
    for (const radio of this.laws) radio.addEventListener("change", () => { if (radio.checked) { state.kernel = radio.value as Law; changed(); } });
    for (const radio of this.conventions) radio.addEventListener("change", () => { if (radio.checked) { state.convention = radio.value as Convention; changed(); } });
    this.alpha = new Slider(root.querySelector<HTMLElement>("[data-slider=alpha]")!, {
      limits: limits.alpha, log: false, text: (v) => `tail index ${digits(v)}`, changed: (v) => { state.alpha = v; changed(); },
    });
  }

  /** show writes the state into the controls; growth is that of f, and name what it is called. */
  show(kernel: Kernel, growth: number, name: string): void {
    const { root } = this, heavy = exists({ ...kernel, law: "stable" }, growth), possible = growth < limits.alpha[1];
    for (const radio of this.laws) {
      radio.checked = radio.value === kernel.law;
      if (radio.value === "stable") radio.disabled = !possible || radio.dataset.locked !== undefined;
    }
    for (const radio of this.conventions) radio.checked = radio.value === kernel.convention;
    root.querySelector<HTMLElement>("#alpha-row")!.hidden = kernel.law !== "stable";
    root.querySelector<HTMLElement>("#convention-row")!.hidden = kernel.law === "stable";
    this.alpha.value = kernel.alpha;
    put(root.querySelector<HTMLElement>("#kernel-note")!, kernelNote(kernel));
    put(root.querySelector<HTMLElement>("#convention-note")!, conventionNote(kernel));
    const reason = root.querySelector<HTMLElement>("#stable-reason")!;
    reason.hidden = possible && (heavy || kernel.law !== "stable");
    put(reason, `α-stable is not offered here: ${name} grows as |x|${power(growth)}, and under noise without a variance its mean is infinite. There is no f̂ to draw.`);
  }
}

function power(growth: number): string { return growth === 1 ? "" : growth === 2 ? "\u2060²" : growth === 4 ? "\u2060⁴" : ` to the ${growth}`; }
