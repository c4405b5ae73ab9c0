// A function on a square as a lit surface that turns into a map: one WebGL2 mesh, its minima, its axes. The view keeps f and f̂
// side by side: the cut between them is a place in the picture, so raw, split and smoothed are one drawing.

import { paletteBytes, type PaletteName } from "../palette.gen";
import type { Frame, Sampled } from "../smoothing";
import { Axes, type AxisNames } from "./axes";
import { lens, restCamera, tall, within, type Camera, type Lens, type Margins } from "./camera";
import { GestureListener } from "./gestures";
import { roundStep } from "./levels";
import { Markers } from "./markers";
import { Painter } from "./painter";
import { pick, type Place } from "./pick";

export type { Camera } from "./camera";
export type Mode = "surface" | "map";
/** What is drawn: f, f̂, or f left of the cut and f̂ right of it. */
export type Blend = "raw" | "split" | "smoothed";
/** What lies under the pointer: the place, both heights, and where in the picture it is, in pixels. */
export interface Probe { x: number; y: number; raw: number; smoothed: number; left: number; top: number }

/** A line across the picture: along the first axis at a place on the second, or the other way round. */
export interface Knife { along: "x" | "y"; at: number }

export interface SurfaceOptions {
  axes: AxisNames;
  camera?: Partial<Camera>;
  palette?: PaletteName;
  mode?: Mode;
  blend?: Blend;
  cameraMoved?(camera: Camera): void;
  probed?(probe: Probe | null): void;
  knifeMoved?(at: number): void; // the line was dragged there
  tapped?(place: { x: number; y: number }): void; // the picture was tapped or clicked there, without a drag
  drawn?(seq: number): void; // the draw calls for the frame with that number were issued
}

const cuts: Record<Blend, number> = { smoothed: 0, split: 0.45, raw: 1 };
const morph = 450; // ms from surface to map
const sweep = 380; // ms of the cut across the picture

/** The surface in its element, in which it keeps a canvas (the first one inside, or a new one) and the labels over it. */
export class SurfaceView {
  private readonly canvas: HTMLCanvasElement;
  private readonly painter: Painter;
  private readonly overlay: Axes;
  private readonly smoothMarks = new Markers();
  private readonly rawMarks = new Markers();
  private readonly watcher = new ResizeObserver(() => this.redraw());
  private readonly gestures: GestureListener;
  private line: Knife | null = null;
  private ring: { x: number; y: number } | null = null;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private sample: Sampled | null = null;
  private newest: Frame | null = null;
  private view: Lens | null = null;
  private size: readonly [number, number] = [1, 1];
  private look: Camera;
  private flatness: number; // 0 surface … 1 map, on its way to the mode
  private cut: number; // 0 all f̂ … 1 all f, on its way to the blend
  private wantedMode: Mode;
  private wantedBlend: Blend;
  private wantedPalette: PaletteName;
  private undrawn = 0; // number of a frame whose draw calls are not issued yet
  private queued = 0; // handle of the animation frame that will draw
  private last = 0; // time of the last drawing, ms
  private pace = 0; // running mean of the time between drawings while something moves, ms
  private settle = 0; // timer of the sharp drawing that follows coarse ones

  constructor(private readonly host: HTMLElement, private readonly options: SurfaceOptions) {
    this.canvas = host.querySelector("canvas") ?? host.appendChild(document.createElement("canvas"));
    host.classList.add("surface-host");
    this.overlay = new Axes(host, options.axes);
    this.look = within({ ...restCamera, ...options.camera });
    this.wantedMode = options.mode ?? "surface";
    this.wantedBlend = options.blend ?? "smoothed";
    this.wantedPalette = options.palette ?? "viridis";
    this.flatness = this.wantedMode === "map" ? 1 : 0;
    this.cut = cuts[this.wantedBlend];
    this.painter = new Painter(this.canvas, () => this.redraw());
    this.painter.palette = paletteBytes(this.wantedPalette);
    if (!this.painter.works) this.apologize();
    this.gestures = new GestureListener(this.canvas, {
      turn: (yaw, pitch) => { if (this.wantedMode === "surface") this.move({ ...this.look, yaw: this.look.yaw + yaw, pitch: this.look.pitch + pitch }); },
      zoom: (factor) => this.move({ ...this.look, zoom: this.look.zoom * factor }),
      reset: () => this.move({ ...restCamera }),
      tap: (left, top) => { const place = this.under(left, top); if (place) options.tapped?.(this.located(place)); },
      point: (left, top) => this.probe(left, top),
      leave: () => options.probed?.(null),
      grab: (left, top) => this.onLine(left, top),
      drag: (left, top) => { const at = this.across(left, top); if (at !== null) options.knifeMoved?.(at); },
    });
    this.watcher.observe(host);
  }

  /** sampled takes another function; what was shown of the one before is forgotten. */
  sampled(sampled: Sampled): void {
    this.sample = sampled;
    this.newest = null;
    this.painter.raw(sampled.raw, sampled.n);
    this.painter.smooth(sampled.raw, sampled.n);
    this.rawMarks.replace(sampled.minima);
    this.smoothMarks.replace([]);
    this.redraw();
  }

  /** frame takes newer heights of f̂ for the function that is shown. */
  frame(frame: Frame): void {
    if (!this.sample || frame.source !== this.sample.source) return;
    if (this.newest && !this.calm.matches) this.smoothMarks.update(frame.minima, 0.05 * (frame.hi - frame.lo)); else this.smoothMarks.replace(frame.minima);
    this.newest = frame;
    this.painter.smooth(frame.heights, frame.n);
    this.undrawn = frame.seq;
    // Draw calls need not wait for the next animation frame; the browser shows them with it. At most one drawing in 8 ms.
    const now = performance.now();
    if (now - this.last < 8 || document.hidden) this.redraw(); else this.animate(now);
  }

  get mode(): Mode { return this.wantedMode; }
  set mode(mode: Mode) {
    if (mode === this.wantedMode) return; // a drag sets everything anew: what stays the same must not draw
    this.wantedMode = mode;
    this.redraw();
  }

  get blend(): Blend { return this.wantedBlend; }
  set blend(blend: Blend) {
    if (blend === this.wantedBlend) return;
    this.wantedBlend = blend;
    this.redraw();
  }

  get palette(): PaletteName { return this.wantedPalette; }
  set palette(name: PaletteName) {
    if (name === this.wantedPalette) return;
    this.wantedPalette = name;
    this.painter.palette = paletteBytes(name);
    this.redraw();
  }

  get knife(): Knife | null { return this.line; }
  set knife(knife: Knife | null) {
    if (knife?.along === this.line?.along && knife?.at === this.line?.at) return;
    this.line = knife;
    this.redraw();
  }

  /** pointed is the minimum of f̂ that is ringed. */
  set pointed(place: { x: number; y: number } | null) {
    if (place?.x === this.ring?.x && place?.y === this.ring?.y) return;
    this.ring = place;
    this.redraw();
  }

  get camera(): Camera { return this.look; }
  set camera(camera: Camera) { this.look = within(camera); this.redraw(); }

  get axes(): AxisNames { return this.overlay.names; }
  set axes(names: AxisNames) {
    const { x, y, z } = this.overlay.names;
    if (names.x === x && names.y === y && names.z === z) return;
    this.overlay.names = names;
    this.redraw();
  }

  /** range of heights from the floor of the box to its top: that of f, widened where f̂ leaves it, so that it stays put while δ moves. */
  get range(): readonly [number, number] {
    const raw = this.sample?.range ?? [0, 1], smooth = this.newest?.range ?? raw, lo = Math.min(raw[0], smooth[0]), hi = Math.max(raw[1], smooth[1]);
    return hi > lo ? [lo, hi] : [lo - 0.5, lo + 0.5];
  }

  /** recolor draws anew after the page's colors have changed. */
  recolor(): void { this.redraw(); }

  close(): void {
    cancelAnimationFrame(this.queued);
    this.watcher.disconnect();
    this.gestures.close();
    this.painter.close();
    this.overlay.close();
    window.clearTimeout(this.settle);
  }

  private move(camera: Camera): void {
    this.camera = camera;
    this.options.cameraMoved?.(this.look);
  }

  /** redraw draws on the next frame; many calls before it are one drawing, and without a call nothing is drawn. */
  private redraw(): void {
    this.queued ||= requestAnimationFrame((now) => this.animate(now));
  }

  private animate(now: number): void {
    cancelAnimationFrame(this.queued);
    this.queued = 0;
    const elapsed = Math.max(0, now - this.last), ms = Math.min(60, elapsed);
    this.last = now;
    this.pace = elapsed < 500 ? 0.7 * this.pace + 0.3 * elapsed : this.pace;
    const aging = this.smoothMarks.age(ms);
    const flatness = this.wantedMode === "map" ? 1 : 0, cut = cuts[this.wantedBlend];
    this.flatness = this.calm.matches ? flatness : toward(this.flatness, flatness, ms / morph);
    this.cut = this.calm.matches ? cut : toward(this.cut, cut, ms / sweep);
    const moving = aging || this.flatness !== flatness || this.cut !== cut;
    // Where drawing a large picture is slow, what moves is drawn coarser, and once more sharply when it stands.
    const coarse = this.pace > 45 && elapsed < 500 && this.size[0] * this.size[1] > 200_000;
    this.draw(coarse ? 0.6 : 1);
    window.clearTimeout(this.settle);
    if (moving) this.redraw();
    else if (coarse) this.settle = window.setTimeout(() => { this.last = 0; this.redraw(); }, 250 + 4 * this.pace);
  }

  private draw(sharpness: number): void {
    const { sample } = this, width = this.host.clientWidth, height = this.host.clientHeight;
    if (!sample || width < 2 || height < 2) return;
    const flatness = ease(this.flatness), range = this.range;
    this.size = [width, height];
    this.view = lens(this.look, flatness, width, height, margins(width, height));
    const dark = isDark(getComputedStyle(this.host).getPropertyValue("--ground"));
    this.painter.paint({
      width, height, density: Math.min(2, devicePixelRatio) * sharpness, lens: this.view, flatness, range, tall,
      contour: roundStep(sample.range[1] - sample.range[0], 24),
      cut: this.nodesOfCut(sample.n), knife: this.nodesOfLine(sample), brightness: dark ? 1 : 1.12, markSize: Math.min(1, 0.5 + Math.min(width, height) / 1100),
    }, (to, room) => this.marks(sample, to, room));
    this.overlay.draw({ lens: this.view, width, height, flatness, domain: [sample.lo, sample.hi], range, palette: this.painter.palette });
    if (this.undrawn) {
      this.options.drawn?.(this.undrawn);
      this.undrawn = 0;
    }
  }

  /** nodesOfCut puts the cut between two columns of nodes. */
  private nodesOfCut(n: number): number {
    const cut = ease(this.cut);
    return cut <= 0 ? -1 : cut >= 1 ? n + 1 : Math.floor(cut * (n - 1)) + 0.5;
  }

  /** nodesOfLine is where the line across lies, in nodes; it keeps off the border, where it would be drawn half. */
  private nodesOfLine({ n, lo, hi }: Sampled): [number, number] {
    const { line } = this;
    if (!line) return [-1, -1];
    const node = Math.min(n - 1.5, Math.max(0.5, ((line.at - lo) / (hi - lo)) * (n - 1)));
    return line.along === "x" ? [-1, node] : [node, -1];
  }

  /** onLine says whether a place of the picture is within a finger's breadth of the line across. */
  private onLine(left: number, top: number): boolean {
    const at = this.across(left, top);
    return at !== null && Math.abs(at - this.line!.at) < 0.035 * (this.sample!.hi - this.sample!.lo);
  }

  /** across is the place on the axis that the line crosses; null where there is no line, or no surface under that place. */
  private across(left: number, top: number): number | null {
    const place = this.line && this.under(left, top);
    if (!place) return null;
    const { lo, hi } = this.sample!;
    return lo + (hi - lo) * (this.line!.along === "x" ? place.v : place.u);
  }

  /** marks writes the minima of the part that shows: those of f left of the cut, those of f̂ where f̂ shows. Returns how many. */
  private marks(sample: Sampled, to: Float32Array, room: number): number {
    const { n, lo, hi } = sample, cut = this.nodesOfCut(n);
    let kept = 0;
    const scratch = new Float32Array(4 * (this.rawMarks.count + this.smoothMarks.count));
    let end = cut > 0 ? this.rawMarks.write(scratch, 0, lo, hi, n, true) : 0;
    const raws = end;
    if (cut <= n && this.newest) end = this.smoothMarks.write(scratch, end, lo, hi, n, false);
    for (let i = 0; i < end && kept < room; i += 4) {
      const raw = i < raws;
      if (raw ? scratch[i]! > cut - 0.5 : scratch[i]! < cut - 1.5) continue;
      to.set(scratch.subarray(i, i + 4), 4 * kept++);
    }
    if (this.ring && kept < room) to.set([((this.ring.x - lo) / (hi - lo)) * (n - 1), ((this.ring.y - lo) / (hi - lo)) * (n - 1), 1, 3], 4 * kept++);
    return kept;
  }

  private probe(left: number, top: number): void {
    const { sample, options } = this, place = options.probed && this.under(left, top);
    if (!options.probed || !sample) return;
    if (!place) { options.probed(null); return; }
    options.probed({ ...this.located(place), raw: place.raw, smoothed: place.smooth, left, top });
  }

  private located(place: Place): { x: number; y: number } {
    const { lo, hi } = this.sample!;
    return { x: lo + (hi - lo) * place.u, y: lo + (hi - lo) * place.v };
  }

  /** under is what lies under a place of the picture. */
  private under(left: number, top: number): Place | null {
    const { sample, view } = this, [width, height] = this.size;
    if (!sample || !view) return null;
    const scene = { lens: view, n: sample.n, raw: sample.raw, smooth: this.newest?.heights ?? sample.raw, cut: this.nodesOfCut(sample.n), range: this.range, tall: tall * (1 - ease(this.flatness)) };
    return pick(scene, (2 * left) / width - 1, 1 - (2 * top) / height);
  }

  private apologize(): void {
    const note = document.createElement("p");
    note.className = "surface-missing";
    note.textContent = "This browser has WebGL2 switched off or does not offer it, so the surface cannot be drawn. The numbers, the sentence and the table of minima are right all the same. Any current browser with hardware acceleration shows the picture.";
    this.host.append(note);
  }
}

/** toward moves a value to its goal by at most a step. */
function toward(value: number, goal: number, step: number): number {
  return Math.abs(goal - value) <= step ? goal : value + Math.sign(goal - value) * step;
}

function ease(t: number): number { return t * t * (3 - 2 * t); }

/** margins keep room for ticks and names. */
function margins(width: number, height: number): Margins {
  const small = width < 560 || height < 320;
  return small ? { top: 14, right: 52, bottom: 40, left: 16 } : { top: 56, right: 70, bottom: 74, left: 70 };
}

function isDark(color: string): boolean {
  const [r = 0, g = 0, b = 0] = color.match(/[\d.]+/g)?.map(Number) ?? [];
  return 0.3 * r + 0.6 * g + 0.1 * b < 128;
}
