// Helps while a new run is typed: fills in the model's presets, and says what the typed values mean. The server decides what is valid.

import { count, digits, percent } from "./format";

export interface FormHints {
  presets: { model: string; learningRate: string; batchSize: string; epochs: string; stageEpochs: string }[];
  datasets: { name: string; trainSize: number }[];
}

const presetFields = ["learningRate", "batchSize", "epochs", "stageEpochs"] as const;

/** What a stage of a schedule does to η and b. */
const stageFactors: Record<string, { eta: number; b: number }> = {
  "constant": { eta: 1, b: 1 },
  "lr-decay": { eta: Math.SQRT1_2, b: 1 },
  "batch-growth": { eta: 1, b: 2 },
  "hybrid": { eta: Math.sqrt(3) / 2, b: 1.5 },
};

export class RunForm {
  private model: string;

  constructor(private readonly form: HTMLFormElement, private readonly hints: FormHints) {
    this.model = this.value("model");
    form.addEventListener("input", (e) => {
      if (e.target instanceof HTMLElement) this.forgive(e.target);
      if (this.value("model") !== this.model) this.preset();
      this.hint();
    });
    form.addEventListener("submit", () => { form.querySelector<HTMLButtonElement>("[type=submit]")!.disabled = true; });
    window.addEventListener("pageshow", () => { form.querySelector<HTMLButtonElement>("[type=submit]")!.disabled = false; });
    this.hint();
    form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }

  private value(name: string): string {
    const field = this.form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value.trim() : "";
  }

  /** preset replaces the values that are still those of the model chosen before; what was typed by hand stays. */
  private preset(): void {
    const before = this.hints.presets.find((p) => p.model === this.model);
    this.model = this.value("model");
    const now = this.hints.presets.find((p) => p.model === this.model);
    if (!now) return;
    for (const name of presetFields) {
      const field = this.form.elements.namedItem(name);
      if (field instanceof HTMLInputElement && (field.value === "" || !before || field.value === before[name])) field.value = now[name];
    }
  }

  /** forgive takes back what the server said about a field that is being changed. */
  private forgive(field: HTMLElement): void {
    field.removeAttribute("aria-invalid");
    field.closest(".field")?.querySelector(".field-problem")?.remove();
  }

  private hint(): void {
    const eta = Number(this.value("learningRate")), b = Number(this.value("batchSize")), epochs = Number(this.value("epochs"));
    const n = this.hints.datasets.find((d) => d.name === this.value("dataset"))?.trainSize ?? 0;
    const hint = this.form.querySelector("#new-run-hint")!;
    if (!(eta > 0) || !(b >= 1) || !Number.isInteger(b) || !(epochs >= 1) || !Number.isInteger(epochs)) {
      hint.textContent = "η must be a number above 0; b and the epochs whole numbers from 1.";
      return;
    }
    if (n > 0 && b > n) {
      hint.textContent = `A batch cannot hold more than the ${count(n)} training images.`;
      return;
    }
    hint.textContent = `${this.course(eta, b, epochs, n)}${n > 0 && b / n > 0.05 ? ` b is ${percent(b / n)} of the training images: the noise is smaller than C²/b by (n−b)/(n−1).` : ""}`;
  }

  /** course says how many updates the run takes and what becomes of η/√b. */
  private course(eta: number, b: number, epochs: number, n: number): string {
    const factors = stageFactors[this.value("schedule")] ?? { eta: 1, b: 1 };
    const stageEpochs = Number(this.value("stageEpochs")) || Math.ceil(epochs / 5);
    let updates = 0, size = b, rate = eta;
    for (let epoch = 0; epoch < Math.min(epochs, 100_000); epoch++) {
      if (epoch > 0 && epoch % stageEpochs === 0) { rate *= factors.eta; size = Math.floor(size * factors.b); if (n > 0) size = Math.min(size, n); }
      updates += n > 0 ? Math.ceil(n / size) : 0;
    }
    const start = eta / Math.sqrt(b), end = rate / Math.sqrt(size);
    const span = start === end ? `η/√b = ${digits(start)} throughout` : `η/√b goes from ${digits(start)} to ${digits(end)}, and δ with it`;
    return `${updates > 0 ? `${count(updates)} updates; ` : ""}${span}.`;
  }
}
