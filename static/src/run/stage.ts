// Draws a slice as a map on a canvas.

import { paletteBytes } from "../palette.gen";
import type { Slice } from "../protocol";
import { CosineSmoother } from "./cosine";
import { finiteGrid, type Smoothing } from "./plane";
import { resample } from "./resample";

export interface Scene {
  slice: Slice;
  smoothing: Smoothing | null; // null: raw
  halfWidth: number; // of the view, in units of α
}

const inner = 129; // nodes a side that are drawn

export class SliceStage {
  private slice: Slice | null = null;
  private halfWidth = 0;
  private smoother: CosineSmoother | null = null;
  private field: Float64Array = new Float64Array(0);
  private cells = 0;
  private drawn = "";

  constructor(private readonly canvas: HTMLCanvasElement, private readonly found: (minima: number) => void) {
    new ResizeObserver(() => { this.drawn = ""; }).observe(canvas);
  }

  flatten(_: boolean): void {}
  recolor(): void {}

  show({ slice, smoothing, halfWidth }: Scene): void {
    if (slice !== this.slice || halfWidth !== this.halfWidth) this.load(slice, halfWidth);
    const name = smoothing ? `${smoothing.law} ${smoothing.convention} ${smoothing.delta.toPrecision(4)}` : "raw";
    if (name === this.drawn) return;
    this.drawn = name;
    const m = inner + 2 * this.cells, z = smoothing ? this.smoother!.smooth(smoothing) : this.field;
    const view = new Float64Array(inner * inner);
    let low = Infinity, high = -Infinity;
    for (let row = 0; row < inner; row++) {
      for (let col = 0; col < inner; col++) {
        const v = z[(row + this.cells) * m + col + this.cells]!;
        view[row * inner + col] = v;
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    }
    this.paint(view, low, high);
    this.found(countMinima(view, inner, (high - low) * 1e-7));
  }

  private load(slice: Slice, halfWidth: number): void {
    this.slice = slice;
    this.halfWidth = halfWidth;
    this.drawn = "";
    const step = (2 * halfWidth) / (inner - 1), extent = slice.viewHalfWidth + slice.halo;
    const halo = Math.min(extent - halfWidth, (halfWidth * slice.halo) / slice.viewHalfWidth);
    this.cells = Math.floor(halo / step + 1e-9);
    const m = inner + 2 * this.cells;
    this.field = resample(finiteGrid(slice).z, slice.alphas.length, m, (halfWidth + this.cells * step) / extent);
    this.smoother = new CosineSmoother(this.field, m, step);
  }

  private paint(z: Float64Array, low: number, high: number): void {
    const image = new ImageData(inner, inner), colors = paletteBytes("viridis"), scale = high > low ? 255 / (high - low) : 0;
    for (let row = 0; row < inner; row++) {
      for (let col = 0; col < inner; col++) {
        const c = 4 * Math.round((z[row * inner + col]! - low) * scale), at = 4 * ((inner - 1 - row) * inner + col);
        for (let i = 0; i < 4; i++) image.data[at + i] = colors[c + i]!;
      }
    }
    this.canvas.width = this.canvas.height = inner;
    this.canvas.getContext("2d")!.putImageData(image, 0, 0);
  }
}

function countMinima(z: Float64Array, n: number, noise: number): number {
  let count = 0;
  for (let row = 1; row < n - 1; row++) {
    for (let col = 1; col < n - 1; col++) {
      const v = z[row * n + col]!;
      let lowest = true;
      for (let dr = -1; dr <= 1 && lowest; dr++) for (let dc = -1; dc <= 1; dc++) if ((dr || dc) && z[(row + dr) * n + col + dc]! <= v + noise) { lowest = false; break; }
      if (lowest) count++;
    }
  }
  return count;
}
