// Where the optimizers start, and the seed of what they leave to chance: typed, moved by the arrow keys, or found.

import type { Sampled } from "../smoothing";
import { limits } from "../state";
import { digits, typed } from "../numbers";

export interface StartListener {
  moved(x: number, y: number): void; // it was typed, or carried by a key
  seeded(seed: number): void;
  pressed(): void; // the button itself
  held(place: { x: number; y: number } | null): void; // the button has the focus, so that the keys carry the start; or not
  complained(sentence: string): void; // about what was typed; "" when it is right
}

export class DescentStart {
  private x = 0;
  private y = 0;
  private span = 1; // of the picture

  constructor(private readonly root: HTMLElement, private readonly listener: StartListener) {
    this.number("x", "x₁", limits.x0, false, (v) => listener.moved(v, this.y));
    this.number("y", "x₂", limits.y0, false, (v) => listener.moved(this.x, v));
    this.number("seed", "the seed", limits.seed, true, (v) => listener.seeded(v));
    root.querySelector("#descent-new")!.addEventListener("click", () => listener.seeded(1 + Math.floor(Math.random() * 9999)));
    const start = root.querySelector<HTMLElement>("#descent-start")!;
    start.addEventListener("click", () => listener.pressed());
    start.addEventListener("keydown", (e) => this.carry(e));
    start.addEventListener("focus", () => listener.held({ x: this.x, y: this.y }));
    start.addEventListener("blur", () => listener.held(null));
  }

  show(x: number, y: number, seed: number, span: number): void {
    Object.assign(this, { x, y, span });
    if (document.activeElement?.id === "descent-start") this.listener.held({ x, y });
    for (const [id, v] of [["x", x], ["y", y], ["seed", seed]] as const) {
      const field = this.field(id), text = digits(v, 5);
      if (field.value !== text && field.getAttribute("aria-invalid") !== "true" && document.activeElement !== field) field.value = text;
    }
  }

  /** carry moves the start by a hundredth of the picture, by a tenth with Shift. */
  private carry(e: KeyboardEvent): void {
    const towards = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
    if (!towards || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    const by = (this.span * (e.shiftKey ? 10 : 1)) / 100;
    this.listener.moved(this.x + by * towards[0]!, this.y + by * towards[1]!);
  }

  private number(id: string, name: string, [lo, hi]: readonly [number, number], whole: boolean, take: (v: number) => void): void {
    const field = this.field(id);
    field.addEventListener("focus", () => field.select());
    field.addEventListener("change", () => {
      const v = typed(field.value), wrong = v === null || v < lo || v > hi || (whole && !Number.isInteger(v));
      field.setAttribute("aria-invalid", String(wrong));
      this.listener.complained(wrong ? `Expected for ${name} ${whole ? "a whole number" : "a number"} from ${digits(lo)} to ${digits(hi, 5)}, found “${field.value.trim()}”.` : "");
      if (!wrong) take(v);
    });
  }

  private field(id: string): HTMLInputElement { return this.root.querySelector<HTMLInputElement>(`#descent-${id}`)!; }
}

/** beside is a place beside a local minimum off the middle, so that there is something to escape from. */
export function beside({ lo, hi, minima }: Sampled): [number, number] {
  const span = hi - lo, x = lo + 0.81 * span, y = lo + 0.7 * span, off = (m: { x: number; y: number }): number => Math.hypot(m.x - x, m.y - y);
  const [near] = minima.slice(minima.length > 1 ? 1 : 0).sort((a, b) => off(a) - off(b)), { x: x0, y: y0 } = near ?? { x, y };
  return [Number((x0 + 0.018 * span).toPrecision(2)), Number((y0 + 0.012 * span).toPrecision(2))];
}
