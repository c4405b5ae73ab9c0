// Helps while a new run is typed: fills in the model's presets, and shows what the typed values mean. The server computes the preview
// and decides what is valid, so that nothing about schedules is written down twice.

import { count, digits, percent } from "../numbers";
import { drawPreview, type Preview } from "./preview";

export interface FormHints {
  presets: { model: string; learningRate: string; batchSize: string; epochs: string; stageEpochs: string }[];
  preview: string; // address
  models: string; // address
}

/** A built-in network, as /api/models gives it. */
interface ModelView { name: string; parameters: number; text: string }

interface Fault { field?: string; doing: string; expected: string; found: string; advice: string }

const presetFields = ["learningRate", "batchSize", "epochs", "stageEpochs"] as const;
const pause = 180; // ms after the last key before the server is asked
const largestFile = 200_000; // bytes of a network, as the form's field

export class RunForm {
  private model: string;
  private timer = 0;
  private asked = 0; // number of the newest preview that was asked for
  private models: { dataset: string; list: ModelView[] } | null = null;

  constructor(private readonly form: HTMLFormElement, private readonly hints: FormHints) {
    this.model = this.value("model");
    form.addEventListener("input", (e) => {
      if (e.target instanceof HTMLElement) this.forgive(e.target);
      if (this.value("model") !== this.model) this.preset();
      this.summary();
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => { void this.preview(); }, pause);
    });
    form.addEventListener("submit", () => { form.querySelector<HTMLButtonElement>("[type=submit]")!.disabled = true; });
    window.addEventListener("pageshow", () => { form.querySelector<HTMLButtonElement>("[type=submit]")!.disabled = false; });
    this.networks();
    this.summary();
    void this.preview();
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
    const box = field.closest(".field"), problem = box?.querySelector(".field-problem");
    const marked = box?.querySelector<HTMLElement>("[aria-invalid]");
    marked?.removeAttribute("aria-invalid");
    if (problem) {
      problem.remove();
      const help = box!.querySelector(".field-help");
      if (help) marked?.setAttribute("aria-describedby", help.id);
      else marked?.removeAttribute("aria-describedby");
    }
  }

  /** summary says what is set among the fields that are folded away. */
  private summary(): void {
    const said: string[] = [], number = (name: string): number => Number(this.value(name));
    const box = (name: string): boolean => (this.form.elements.namedItem(name) as HTMLInputElement | null)?.checked ?? false;
    if (number("momentum") !== 0) said.push(`${box("nesterov") ? "Nesterov " : ""}μ = ${this.value("momentum")}`);
    if (number("weightDecay") !== 0) said.push(`λ = ${this.value("weightDecay")}`);
    if (this.value("augment") !== "none" && this.value("augment") !== "") said.push(this.value("augment"));
    if (number("warmupEpochs") !== 0) said.push(`warm-up ${this.value("warmupEpochs")}`);
    if (box("lateBatch")) said.push("late b");
    if (this.value("engine") !== "auto" && this.value("engine") !== "") said.push(this.value("engine"));
    const place = this.form.querySelector("#advanced-set");
    if (place) place.textContent = said.length > 0 ? said.join(", ") : "none of them";
  }

  /** preview asks the server what the form means, and shows it. An answer that is no longer the newest is dropped. */
  private async preview(): Promise<void> {
    const asked = ++this.asked, body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") body.set(name, value);
    let answer: Response, text: unknown;
    try {
      answer = await fetch(this.hints.preview, { method: "POST", body, headers: { Accept: "application/json" } });
      text = await answer.json();
    } catch {
      if (asked === this.asked) this.say("The server cannot be reached, so nothing can be said about these values yet.", null);
      return;
    }
    if (asked !== this.asked) return;
    if (answer.ok) {
      const preview = text as Preview;
      this.say(sentence(preview), preview);
      return;
    }
    const faults = (text as { errors?: Fault[] }).errors ?? [];
    this.say(faults.slice(0, 2).map((f) => `${capital(f.doing)}: expected ${f.expected}, found ${f.found}.`).join(" ") || `The server answered with HTTP ${answer.status}.`, null);
  }

  private say(text: string, preview: Preview | null): void {
    const hint = this.form.querySelector("#new-run-hint")!, figure = this.form.querySelector<HTMLElement>("#preview")!;
    if (hint.textContent !== text) hint.textContent = text;
    figure.hidden = preview === null;
    if (preview) drawPreview(figure.querySelector<HTMLElement>("#preview-rows")!, preview);
  }

  /** networks lets one's own network begin with a built-in one, or come from a file. */
  private networks(): void {
    const tools = this.form.querySelector<HTMLElement>("#spec-tools"), field = this.form.querySelector<HTMLTextAreaElement>("#spec");
    const start = this.form.querySelector<HTMLSelectElement>("#spec-start"), file = this.form.querySelector<HTMLInputElement>("#spec-file");
    if (!tools || !field || !start || !file) return;
    tools.hidden = false;
    const put = (text: string): void => {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const list = async (): Promise<void> => {
      const dataset = this.value("dataset");
      if (this.models?.dataset === dataset) return;
      const answer = await fetch(`${this.hints.models}?dataset=${encodeURIComponent(dataset)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      this.models = { dataset, list: ((await answer.json()) as { models: ModelView[] }).models.filter((m) => m.text !== "") };
      start.replaceChildren(start.options[0]!, ...this.models.list.map((m) => new Option(`${m.name}, ${count(m.parameters)} parameters`, m.name)));
    };
    const ready = (): void => { if (this.value("model") === "custom") void list().catch(() => undefined); };
    this.form.addEventListener("change", ready);
    ready();
    start.addEventListener("change", () => {
      const chosen = this.models?.list.find((m) => m.name === start.value);
      if (chosen) put(chosen.text);
      start.selectedIndex = 0;
    });
    file.addEventListener("change", () => {
      const chosen = file.files?.[0];
      if (!chosen) return;
      if (chosen.size > largestFile) this.say(`${chosen.name} has ${count(chosen.size)} bytes; a network may have ${count(largestFile)}.`, null);
      else void chosen.text().then(put);
      file.value = "";
    });
  }
}

/** sentence says in words what the preview draws. */
function sentence(p: Preview): string {
  const last = p.epochs.length - 1, first = p.batchSize[0]!, b = p.batchSize[last]!, noise = p.noiseLevel[last]!;
  const rate = Math.max(...p.learningRate), parts = [`${count(p.totalSteps)} updates of ${count(p.parameters)} parameters.`];
  const moves: string[] = [];
  if (p.learningRate[last] !== rate) moves.push(`η ends at ${digits(p.learningRate[last]!)}`);
  if (b !== first) moves.push(`b at ${count(b)}`);
  parts.push(moves.length > 0 ? `${moves.join(", ")}: δ ends at ${digits(noise)} of its start, if C stays.` : "η and b stay as they are.");
  if (b / p.trainSize > 0.05) parts.push(`b reaches ${percent(b / p.trainSize)} of the training images: there the noise is smaller than C²/b by (n−b)/(n−1).`);
  return parts.join(" ");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
