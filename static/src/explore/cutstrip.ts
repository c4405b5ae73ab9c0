// The line across the picture as two curves: f behind, f̂ before it, and under them the kernel in the same units, so that its width
// can be seen against the valleys. The place of the line is a slider here and a line to drag in the picture.

import { marginal, type Kernel, type Marginal } from "../kernel";
import type { Frame, Sampled } from "../smoothing";
import { ticks } from "../surface/levels";
import { interpolate } from "../surface/pick";
import type { Knife } from "../surface/view";
import { digits, fixed, tick } from "../numbers";
import { put } from "./put";
import { play } from "./sweep";

/** What the strip shows. */
export interface CutScene {
  sampled: Sampled;
  frame: Frame | null;
  kernel: Kernel;
  delta: number; // as it is drawn, in units of the picture
  knife: Knife;
  names: { x: string; y: string; raw: string; smooth: string };
}

const margin = { left: 46, right: 14, top: 10, bottom: 24 };
const bell = 0.3; // height of the kernel, as a part of the strip's

export class CutStrip {
  private readonly canvas: HTMLCanvasElement;
  private readonly slider: HTMLInputElement;
  private readonly watcher: ResizeObserver;
  private scene: CutScene | null = null;
  private pointer: number | null = null; // place along the line
  private queued = 0;
  private shape: { of: string; marginal: Marginal } | null = null; // of the kernel, whose α-stable density is slow
  private curves: [Float32Array, Float32Array] = [new Float32Array(0), new Float32Array(0)];

  constructor(private readonly root: HTMLElement, moved: (at: number) => void) {
    this.canvas = root.querySelector("canvas")!;
    this.slider = root.querySelector<HTMLInputElement>("#cut-at")!;
    this.slider.addEventListener("input", () => moved(Number(this.slider.value)));
    this.canvas.addEventListener("pointermove", (e) => this.point(e.offsetX));
    this.canvas.addEventListener("pointerdown", (e) => this.point(e.offsetX));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    root.querySelector("#cut-sound")!.addEventListener("click", () => { if (this.scene) play(this.curves[1], extent(...this.curves)); });
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(this.canvas);
  }

  /** show takes what there is to see; null hides the strip. */
  show(scene: CutScene | null): void {
    this.scene = scene;
    this.root.hidden = scene === null;
    if (!scene) return;
    const { sampled: { lo, hi, n }, knife: { along, at }, names } = scene, other = along === "x" ? names.y : names.x, place = clamp(at, lo, hi);
    Object.assign(this.slider, { min: String(lo), max: String(hi), step: String((hi - lo) / (n - 1)) });
    this.slider.value = String(place);
    this.slider.style.setProperty("--part", `${(100 * (place - lo)) / (hi - lo)}%`);
    this.slider.setAttribute("aria-valuetext", `${other} ${fixed(place, 3)}`);
    put(this.root.querySelector<HTMLElement>("#cut-place")!, `${other} = ${fixed(place, 3)}`);
    this.redraw();
  }

  /** redraw draws on the next frame. */
  redraw(): void {
    this.queued ||= requestAnimationFrame(() => {
      this.queued = 0;
      if (this.scene) this.draw(this.scene);
    });
  }

  private point(left: number | null): void {
    const { scene } = this;
    if (!scene) return;
    const { lo, hi } = scene.sampled, wide = this.canvas.clientWidth - margin.left - margin.right;
    this.pointer = left === null ? null : clamp(lo + ((hi - lo) * (left - margin.left)) / wide, lo, hi);
    this.redraw();
  }

  private draw(scene: CutScene): void {
    const { canvas } = this, width = canvas.clientWidth, height = canvas.clientHeight, density = Math.min(2, devicePixelRatio), pen = canvas.getContext("2d");
    if (!pen || width < 80 || height < 40) return;
    if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
      canvas.width = Math.round(width * density);
      canvas.height = Math.round(height * density);
    }
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, height);
    const { sampled, frame } = scene, { lo, hi, n } = sampled;
    if (this.curves[0].length !== n) this.curves = [new Float32Array(n), new Float32Array(n)];
    const [raw, smooth] = this.curves;
    along(sampled.raw, scene, raw);
    along(frame?.heights ?? sampled.raw, scene, smooth);
    const [floor, top] = extent(raw, smooth);
    const style = getComputedStyle(this.root), color = (name: string): string => style.getPropertyValue(name);
    const x = (v: number): number => margin.left + ((v - lo) / (hi - lo)) * (width - margin.left - margin.right);
    const y = (v: number): number => height - margin.bottom - ((v - floor) / (top - floor)) * (height - margin.top - margin.bottom);

    pen.font = `12px ${style.fontFamily}`;
    pen.fillStyle = color("--quiet");
    pen.strokeStyle = color("--line");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.textAlign = "center";
    for (const v of ticks(lo, hi, 6)) { pen.fillText(tick(v), x(v), height - 7); pen.moveTo(x(v), y(floor)); pen.lineTo(x(v), y(floor) + 4); }
    pen.textAlign = "right";
    for (const v of ticks(floor, top, 3)) { pen.fillText(tick(v), margin.left - 8, y(v) + 4); pen.moveTo(margin.left, y(v)); pen.lineTo(width - margin.right, y(v)); }
    pen.stroke();

    const low = lowest(smooth), at = this.pointer ?? lo + ((hi - lo) * low) / (n - 1);
    this.kernel(pen, scene, at, x, height, color("--warm"));
    const plot = (z: Float32Array, ink: string, thick: number): void => {
      pen.strokeStyle = ink;
      pen.lineWidth = thick;
      pen.beginPath();
      for (let i = 0; i < n; i++) pen.lineTo(x(lo + ((hi - lo) * i) / (n - 1)), y(z[i]!));
      pen.stroke();
    };
    plot(raw, color("--quiet"), 1.2);
    plot(smooth, color("--accent"), 2.6);
    const t = ((at - lo) / (hi - lo)) * (n - 1), i = Math.min(n - 2, Math.floor(t)), height1 = smooth[i]! + (t - i) * (smooth[i + 1]! - smooth[i]!), height0 = raw[i]! + (t - i) * (raw[i + 1]! - raw[i]!);
    pen.fillStyle = color("--accent");
    pen.beginPath();
    pen.arc(x(at), y(height1), 4, 0, 2 * Math.PI);
    pen.fill();
    const { names, knife } = scene;
    put(this.root.querySelector<HTMLElement>("#cut-read")!, `${knife.along === "x" ? names.x : names.y} ${fixed(at, 3)}   ${names.raw} ${digits(height0, 4)}   ${names.smooth} ${digits(height1, 4)}`);
  }

  private marginal(kernel: Kernel): Marginal {
    const of = `${kernel.law} ${kernel.convention} ${kernel.alpha}`;
    if (this.shape?.of !== of) this.shape = { of, marginal: table(marginal(kernel)) };
    return this.shape.marginal;
  }

  /** kernel draws the law of δu along the line, centered at a place, as wide as it is. */
  private kernel(pen: CanvasRenderingContext2D, { kernel, delta, sampled: { lo, hi } }: CutScene, at: number, x: (v: number) => number, height: number, ink: string): void {
    if (!(delta > 0)) return;
    const shape = this.marginal(kernel), base = height - margin.bottom, tall = bell * (base - margin.top), steps = 160, reach = Math.min(shape.reach * delta, hi - lo);
    pen.beginPath();
    pen.moveTo(x(Math.max(lo, at - reach)), base);
    for (let i = 0; i <= steps; i++) {
      const s = reach * ((2 * i) / steps - 1);
      if (at + s >= lo && at + s <= hi) pen.lineTo(x(at + s), base - tall * shape.density(s / delta) / shape.density(0));
    }
    pen.lineTo(x(Math.min(hi, at + reach)), base);
    pen.globalAlpha = 0.28;
    pen.fillStyle = ink;
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = ink;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
}

/** table is a marginal with its density at 241 places, linear between them. */
function table({ density, reach }: Marginal): Marginal {
  const half = 120, values = Float64Array.from({ length: half + 2 }, (_, i) => density((reach * i) / half));
  return { reach, density: (s) => { const t = Math.min(half, (Math.abs(s) / reach) * half), i = Math.floor(t); return values[i]! + (t - i) * (values[i + 1]! - values[i]!); } };
}

/** along writes the heights on the line into dst, one for each node. */
function along(z: Float32Array, { sampled: { lo, hi, n }, knife }: CutScene, dst: Float32Array): void {
  const at = (clamp(knife.at, lo, hi) - lo) / (hi - lo);
  for (let i = 0; i < n; i++) dst[i] = knife.along === "x" ? interpolate(z, n, i / (n - 1), at) : interpolate(z, n, at, i / (n - 1));
}

/** extent is the range of heights of both curves. */
function extent(a: Float32Array, b: Float32Array): [number, number] {
  let lo = Infinity, hi = -Infinity;
  for (const z of [a, b]) for (let i = 0; i < z.length; i++) { lo = Math.min(lo, z[i]!); hi = Math.max(hi, z[i]!); }
  return hi > lo ? [lo, hi] : [lo - 0.5, lo + 0.5];
}

function lowest(z: Float32Array): number {
  let best = 0;
  for (let i = 1; i < z.length; i++) if (z[i]! < z[best]!) best = i;
  return best;
}

function clamp(v: number, lo: number, hi: number): number { return Math.min(hi, Math.max(lo, v)); }
