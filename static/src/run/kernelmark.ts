// The kernel that smooths the picture, drawn across the picture's own width, so that it can be seen against the valleys.

import { marginal, stdDev } from "../kernel";
import type { Smooth } from "../smoothing";
import { digits } from "../numbers";

const half = 100, tall = 20; // of the drawing, in its own units
const steps = 60;

export class KernelMark {
  private readonly path: SVGPathElement;
  private readonly words: HTMLElement;
  private drawn = "";

  /** The element holds an svg with a path, of viewBox −100 0 200 20, and an element with class "kernel-words". */
  constructor(private readonly root: HTMLElement) {
    this.path = root.querySelector("path")!;
    this.words = root.querySelector<HTMLElement>(".kernel-words")!;
  }

  /** show draws the law of δu along a line of the plane that is halfWidth wide on both sides; null: there is none. */
  show(smooth: Smooth | null, halfWidth: number): void {
    this.root.hidden = smooth === null || !(smooth.delta > 0);
    if (smooth === null || this.root.hidden) return;
    const { kernel, delta } = smooth, of = `${kernel.law} ${kernel.convention} ${(delta / halfWidth).toPrecision(4)} ${halfWidth.toPrecision(3)}`;
    if (of === this.drawn) return;
    this.drawn = of;
    const { density, reach } = marginal(kernel), end = Math.min(reach * delta, halfWidth), points: string[] = [];
    for (let i = 0; i <= steps; i++) {
      const x = end * ((2 * i) / steps - 1);
      points.push(`${((half * x) / halfWidth).toFixed(2)},${(tall - 1 - (tall - 3) * (density(x / delta) / density(0))).toFixed(2)}`);
    }
    this.path.setAttribute("d", `M${-half},${tall - 1}L${points.join("L")}L${half},${tall - 1}`);
    this.words.textContent = `The kernel on the width of the picture, ±${digits(halfWidth)}: standard deviation ${digits(stdDev(kernel, delta))} per axis`;
  }
}
