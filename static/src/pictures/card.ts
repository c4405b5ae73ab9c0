// One of the pictures side by side: its label, where it comes from, the surface, and what it is under the linked cursor.

import { digits } from "../numbers";
import { put } from "../explore/put";
import type { Lattice } from "../field";
import type { Frame, Sampled } from "../smoothing";
import { SurfaceView, type SurfaceOptions } from "../surface/view";
import { valueAt } from "./compare";

export class PictureCard {
  readonly element = document.createElement("figure");
  readonly view: SurfaceView;
  private readonly canvas = document.createElement("canvas");
  private readonly title = document.createElement("h2");
  private readonly source = document.createElement("p");
  private readonly value = document.createElement("p");
  private readonly host = document.createElement("div");
  private drawn = 0; // what was last taken off the heights that are drawn
  frame: Frame | null = null;
  errors: Lattice | null = null;

  constructor(readonly id: string, parent: HTMLElement, options: SurfaceOptions) {
    const { element, canvas, title, source, value, host } = this, caption = document.createElement("figcaption");
    element.className = "picture-card";
    element.dataset.testid = `picture-${id}`;
    source.className = "picture-source";
    value.className = "picture-value";
    value.dataset.testid = `picture-value-${id}`;
    host.className = "picture-host";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    host.append(canvas);
    caption.append(title, source);
    element.append(caption, host, value);
    parent.append(element);
    this.view = new SurfaceView(host, options);
  }

  /** tell writes the label and the source; a stale picture is drawn faintly. */
  tell(label: string, source: string, stale: boolean): void {
    put(this.title, label);
    put(this.source, source);
    this.canvas.setAttribute("aria-label", `${label}. ${source}. Arrow keys turn all pictures, plus and minus zoom.`);
    this.element.classList.toggle("stale", stale || !this.frame);
  }

  sampled(sampled: Sampled): void {
    this.frame = null;
    this.errors = null;
    this.view.sampled(sampled);
    put(this.value, "");
  }

  /** draw shows the frame with a height taken off. */
  draw(off: number): void {
    const { frame } = this;
    if (!frame) return;
    this.drawn = off;
    this.view.frame(off === 0 ? frame : { ...frame, heights: frame.heights.map((z) => z - off), range: [frame.range[0] - off, frame.range[1] - off] });
  }

  /** range of the heights that are drawn. */
  get range(): readonly [number, number] | null { return this.frame && [this.frame.range[0] - this.drawn, this.frame.range[1] - this.drawn]; }

  /** read shows the height under the cursor with its standard error, and how many minima the picture has. */
  read(place: { x: number; y: number }, name: string): void {
    const { frame, errors, value } = this;
    if (!frame) { put(value, "–"); return; }
    const z = valueAt({ ...frame, z: frame.heights }, place.x, place.y), error = errors ? Math.max(0, valueAt(errors, place.x, place.y)) : 0, n = frame.minima.length;
    value.dataset.value = String(z);
    value.dataset.error = String(error);
    const counted = `${errors ? "about " : ""}${n} ${n === 1 ? "minimum" : "minima"}`;
    put(value, `${name} ${digits(z, 4)}${errors ? ` ± ${digits(error, 2)}` : ""} · ${counted}`);
  }

  close(): void {
    this.view.close();
    this.element.remove();
  }
}
