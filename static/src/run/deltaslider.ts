// δ as a slider that the run moves. Taking hold of it detaches it; a button or a key attaches it again.

import { Slider } from "../explore/slider";
import { steady } from "../numbers";

export interface DeltaListener {
  /** held is told the δ that was taken hold of; null: the run's own again. */
  held(delta: number | null): void;
}

export class DeltaSlider {
  private readonly slider: Slider;
  private range: [number, number] = [1e-3, 1];
  private own: number | null = null; // the run's δ
  private seen: number | null = null; // where the picture is on its way to it
  private free: number | null = null; // the δ that was taken hold of
  private words = "";

  constructor(private readonly root: HTMLElement, private readonly listener: DeltaListener) {
    const range = (): readonly [number, number] => this.range;
    this.slider = new Slider(root, {
      get limits() { return range(); },
      text: (v) => `δ ${steady(v)}${this.words && `, ${this.words}`}`,
      changed: (v) => { this.free = v; this.mark(); this.listener.held(v); },
    });
    this.get("delta-attach").addEventListener("click", () => this.attach());
  }

  /** delta is what the picture is smoothed by; null while C is not known and nobody holds the slider. */
  get delta(): number | null { return this.free ?? this.seen; }
  get attached(): boolean { return this.free === null; }

  /** hold takes a δ as a link says; null leaves it to the run. */
  hold(delta: number | null): void {
    this.free = delta;
    this.show();
  }

  attach(): void {
    this.free = null;
    this.show();
    this.listener.held(null);
  }

  /** nudge takes hold of δ where it is, times a factor. */
  nudge(factor: number): void {
    const { delta } = this, [lo, hi] = this.range;
    if (delta === null) return;
    this.hold(Number(Math.min(hi, Math.max(lo, delta * factor)).toPrecision(4)));
    this.listener.held(this.free);
  }

  /** follow marks the run's δ and, while nobody holds the slider, moves it to what is seen of it, which may go as far as `most` in the picture. */
  follow(own: number | null, seen: number | null, most: number): void {
    this.own = own;
    this.seen = seen;
    if (most > 0 && Number.isFinite(most)) this.range = [most / 1000, most];
    this.show();
  }

  /** say is what the slider adds to its value when it is spoken, such as "three minima left". */
  say(words: string): void {
    if (words === this.words) return;
    this.words = words;
    this.show();
  }

  private show(): void {
    const { delta } = this;
    this.root.hidden = delta === null;
    if (delta !== null) this.slider.value = delta;
    this.mark();
  }

  /** mark shows where the run's own δ is, and who holds the slider. */
  private mark(): void {
    const tick = this.get("delta-own"), [lo, hi] = this.range, { own, attached } = this;
    this.root.dataset.attached = String(attached);
    this.get("delta-attach").hidden = attached;
    tick.hidden = own === null || !(own > 0);
    if (own !== null && own > 0) tick.style.setProperty("--at-part", String(Math.min(1, Math.max(0, Math.log(own / lo) / Math.log(hi / lo)))));
    const state = this.get("delta-state");
    const text = attached ? "set by the run" : own === null ? "detached; the run's δ is not known" : `detached; the run's δ is ${steady(own)}`;
    if (state.textContent !== text) state.textContent = text;
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.root.querySelector<T>(`#${id}`)!; }
}
