// Puts a slice on the page: the worker smooths it, the surface draws it.

import type { Slice } from "../protocol";
import type { PaletteName } from "../palette.gen";
import { Smoothing, type Frame, type Sampled, type Smooth } from "../smoothing";
import { roundStep } from "../surface/levels";
import { SurfaceView, type Camera, type Mode, type PathLine } from "../surface/view";

export interface Scene {
  slice: Slice;
  grid: Float64Array; // the slice's values, all finite
  smooth: Smooth | null; // null: raw
  halfWidth: number; // of the view, in units of α
  range: readonly [number, number] | null; // of the heights, for pictures that share it; null: that of the slice
}

/** What was found in the picture that is shown. */
export interface Found { minima: number; mirrorMass: number }

const nodes = 129; // a side

export class SliceStage {
  private readonly view: SurfaceView;
  private readonly smoothing: Smoothing;
  private slice: Slice | null = null;
  private halfWidth = 0;
  private range: Scene["range"] = null;
  private wanted = ""; // the kernel and δ that were asked for last
  private plus: Smooth["plus"]; // and what is added to it
  private sampled: Sampled | null = null;
  private held: Sampled | null = null; // waits for its first frame, so that no raw picture flashes between two smoothed ones
  private frame: Frame | null = null;

  constructor(host: HTMLElement, look: { camera: Camera; mode: Mode; palette: PaletteName; logarithmic: boolean; moved(camera: Camera): void }, private readonly found: (found: Found) => void, failed: (sentence: string) => void) {
    this.view = new SurfaceView(host, { axes: { x: "α", y: "β", z: "L" }, camera: look.camera, mode: look.mode, palette: look.palette, logarithmic: look.logarithmic, cameraMoved: look.moved });
    this.smoothing = new Smoothing({
      sampled: (sampled) => { this.sampled = this.held = sampled; if (this.view.blend === "raw") this.release(); this.report(); },
      frame: (frame) => { failed(""); this.frame = frame; this.release(); this.view.frame(frame); this.report(); },
      failed,
    });
  }

  set mode(mode: Mode) { this.view.mode = mode; }
  set camera(camera: Camera) { this.view.camera = camera; }
  set palette(name: PaletteName) { this.view.palette = name; }
  set logarithmic(on: boolean) { this.view.logarithmic = on; }
  set paths(lines: readonly PathLine[]) { this.view.paths = lines; }

  recolor(): void { this.view.recolor(); }

  show({ slice, grid, smooth, halfWidth, range }: Scene): void {
    this.range = range;
    if (slice !== this.slice || Math.abs(halfWidth - this.halfWidth) > 0.02 * halfWidth) {
      this.slice = slice;
      this.halfWidth = halfWidth;
      this.wanted = "";
      this.sampled = this.held = this.frame = null;
      this.smoothing.load({ kind: "slice", z: grid, side: slice.alphas.length, evaluated: slice.viewHalfWidth + slice.halo, halfWidth, n: nodes });
    }
    this.view.blend = smooth ? "smoothed" : "raw";
    if (!smooth || this.frame) this.release();
    const wanted = smooth ? `${smooth.kernel.law} ${smooth.kernel.convention} ${smooth.delta.toPrecision(4)}` : "";
    if (smooth && (wanted !== this.wanted || smooth.plus !== this.plus)) this.smoothing.smooth(smooth);
    this.wanted = wanted || this.wanted;
    this.plus = smooth?.plus;
    this.report();
  }

  private release(): void {
    if (this.held) this.view.sampled(this.held);
    this.held = null;
    const { range, frame, plus } = this, [lo, hi] = (plus && frame?.range) ?? [Infinity, -Infinity]; // full space lies higher than the loss
    this.view.scale = range && { range: [Math.min(range[0], lo), Math.max(range[1], hi)], contour: roundStep(range[1] - range[0], 24) };
  }

  private report(): void {
    if (this.view.blend === "raw" && this.sampled) this.found({ minima: this.sampled.minima.length, mirrorMass: 0 });
    if (this.view.blend === "smoothed" && this.frame) this.found({ minima: this.frame.minima.length, mirrorMass: this.frame.mirrorMass });
  }
}
