// A number on a logarithmic slider with the same number typed beside it.

import { digits, typed } from "../numbers";

export interface SliderOptions {
  limits: readonly [number, number];
  log?: boolean; // default true
  whole?: boolean; // integers only
  text(value: number): string; // aria-valuetext
  changed(value: number): void;
}

const notches = 1000; // steps of the range input

export class Slider {
  private readonly range: HTMLInputElement;
  private readonly field: HTMLInputElement;
  private readonly problem: HTMLElement;
  private current = NaN;

  /** The row holds an input of type range, one for typing, and an element with class "problem". */
  constructor(row: HTMLElement, private readonly options: SliderOptions) {
    this.range = row.querySelector<HTMLInputElement>("input[type=range]")!;
    this.field = row.querySelector<HTMLInputElement>("input.typed")!;
    this.problem = row.querySelector<HTMLElement>(".problem")!;
    this.range.min = "0";
    this.range.max = String(notches);
    this.range.step = "1";
    this.range.addEventListener("input", () => { this.accept(this.fromPart(Number(this.range.value) / notches)); });
    this.field.addEventListener("change", () => this.read());
    this.field.addEventListener("keydown", (e) => {
      if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
      e.preventDefault();
      const step = this.options.log === false ? 0.01 : this.options.whole ? 0.12 : 0.04, up = e.key === "ArrowUp" ? 1 : -1;
      this.accept(this.clamp(this.options.log === false ? this.current + up * step : this.nudged(this.current * Math.exp(up * step), up)));
    });
    this.field.addEventListener("focus", () => this.field.select());
  }

  get value(): number { return this.current; }

  /** value sets what is shown; changed is not called. */
  set value(v: number) {
    this.current = v;
    const part = String(Math.round(this.toPart(v) * notches));
    if (this.range.value !== part) this.range.value = part;
    if (document.activeElement !== this.field || this.field.getAttribute("aria-invalid") !== "true") this.field.value = digits(v, 4);
    this.range.setAttribute("aria-valuetext", this.options.text(v));
    this.range.style.setProperty("--part", `${(Number(part) / notches) * 100}%`);
    this.complain("");
  }

  private nudged(v: number, up: number): number { return this.options.whole && Math.round(v) === this.current ? this.current + up : v; }

  private read(): void {
    const v = typed(this.field.value), [lo, hi] = this.options.limits, kind = this.options.whole ? "a whole number" : "a number";
    if (v === null || v < lo || v > hi || (this.options.whole && !Number.isInteger(v))) {
      this.complain(`Expected ${kind} from ${digits(lo)} to ${digits(hi, 5)}, found “${this.field.value.trim()}”. Still ${digits(this.current, 4)}.`);
      return;
    }
    this.value = v;
    this.options.changed(v);
  }

  private accept(v: number): void {
    this.field.setAttribute("aria-invalid", "false");
    this.value = v;
    this.options.changed(v);
  }

  private complain(sentence: string): void {
    this.field.setAttribute("aria-invalid", String(sentence !== ""));
    if (this.problem.textContent !== sentence) this.problem.textContent = sentence;
    this.problem.hidden = sentence === "";
  }

  private clamp(v: number): number {
    const [lo, hi] = this.options.limits, inside = Math.min(hi, Math.max(lo, v));
    return this.options.whole ? Math.round(inside) : Number(inside.toPrecision(4));
  }

  private fromPart(part: number): number {
    const [lo, hi] = this.options.limits, v = this.options.log === false ? lo + (hi - lo) * part : lo * Math.pow(hi / lo, part);
    return this.options.whole ? Math.round(v) : Number(v.toPrecision(3));
  }

  private toPart(v: number): number {
    const [lo, hi] = this.options.limits, part = this.options.log === false ? (v - lo) / (hi - lo) : Math.log(v / lo) / Math.log(hi / lo);
    return Math.min(1, Math.max(0, part));
  }
}
