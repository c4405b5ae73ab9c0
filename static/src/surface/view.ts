// A function on a square as a lit surface that turns into a map: one WebGL2 mesh, its minima, its axes. The view keeps f and f̂
// side by side: the cut between them is a place in the picture, so raw, split and smoothed are one drawing.

import { paletteBytes, type PaletteName } from "../palette.gen";
import type { Frame, Sampled } from "../smoothing";
import { Axes, type AxisNames, type AxesScene } from "./axes";
import { lens, restCamera, tall, within, type Camera, type Margins } from "./camera";
import { GestureListener } from "./gestures";
import { Heads } from "./heads";
import { unitOfRange, type HeightScale } from "./heights";
import { roundStep } from "./levels";
import { Loop, type Drawing } from "./loop";
import { Markers } from "./markers";
import { mostMarks, Painter, type Draws, type Picture } from "./painter";
import { Pieces, type PathLine } from "./paths";
import { pick, type Place, type Scene } from "./pick";

export type { Camera } from "./camera";
export type { PathLine } from "./paths";
export type Mode = "surface" | "map";
/** What is drawn: f, f̂, or f left of the cut and f̂ right of it. */
export type Blend = "raw" | "split" | "smoothed";
/** What lies under the pointer: the place, both heights, and where in the picture it is, in pixels. */
export interface Probe { x: number; y: number; raw: number; smoothed: number; left: number; top: number }

/** A line across the picture: along the first axis at a place on the second, or the other way round. */
export interface Knife { along: "x" | "y"; at: number }

/** Heights and contours that several pictures share. */
export interface FixedScale { range: readonly [number, number]; contour: number }

export interface SurfaceOptions {
  axes: AxisNames;
  camera?: Partial<Camera>;
  palette?: PaletteName;
  mode?: Mode;
  blend?: Blend;
  logarithmic?: boolean;
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
export class SurfaceView implements Drawing {
  private readonly canvas: HTMLCanvasElement;
  private readonly painter: Draws | null;
  private readonly overlay: Axes;
  private readonly heads: Heads;
  private readonly pieces = new Pieces();
  private readonly loop = new Loop(this);
  private readonly smoothMarks = new Markers();
  private readonly rawMarks = new Markers();
  private readonly watcher = new ResizeObserver(() => this.resized());
  private readonly gestures: GestureListener;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly picture: Picture; // of the last drawing
  private readonly axesScene: AxesScene; // the same, for the axes
  private readonly scene: Scene; // the same, for what lies under the pointer
  private readonly placedAt = new Float64Array(8).fill(NaN); // the camera, the flatness and the size that the picture's lens is for
  private line: Knife | null = null;
  private ring: { x: number; y: number } | null = null;
  private cursor: { x: number; y: number } | null = null;
  private lines: readonly PathLine[] = [];
  private freshLines = false;
  private sample: Sampled | null = null;
  private newest: Frame | null = null;
  private fixed: FixedScale | null = null;
  private log: boolean;
  private look: Camera;
  private flatness: number; // 0 surface … 1 map, on its way to the mode
  private cut: number; // 0 all f̂ … 1 all f, on its way to the blend
  private wantedMode: Mode;
  private wantedBlend: Blend;
  private wantedPalette: PaletteName;
  private undrawn = 0; // number of a frame whose draw calls are not issued yet

  constructor(private readonly host: HTMLElement, private readonly options: SurfaceOptions) {
    this.canvas = host.querySelector("canvas") ?? host.appendChild(document.createElement("canvas"));
    host.classList.add("surface-host");
    this.overlay = new Axes(host, options.axes);
    this.heads = new Heads(this.overlay.svg);
    this.look = within({ ...restCamera, ...options.camera });
    this.wantedMode = options.mode ?? "surface";
    this.wantedBlend = options.blend ?? "smoothed";
    this.wantedPalette = options.palette ?? "viridis";
    this.log = options.logarithmic ?? false;
    this.flatness = this.wantedMode === "map" ? 1 : 0;
    this.cut = cuts[this.wantedBlend];
    this.painter = Painter.make(this.canvas, (working) => { if (working) this.loop.redraw(); });
    const palette = paletteBytes(this.wantedPalette), first = lens(this.look, this.flatness, 1, 1, margins(1, 1)), scale: HeightScale = { lo: 0, hi: 1, from: 0, unit: 0 };
    this.picture = {
      width: 0, height: 0, density: 1, lens: first, flatness: 0, scale, tall, contour: 1, nodes: 0, cut: -1,
      knife: Float32Array.of(-1, -1), cross: Float32Array.of(-1, -1), brightness: 1, markSize: 1, marks: new Float32Array(4 * mostMarks), markCount: 0,
    };
    this.axesScene = { lens: first, width: 0, height: 0, flatness: 0, domain: [0, 1], scale, palette };
    this.scene = { lens: first, raw: new Float32Array(0), rawNodes: 0, smooth: new Float32Array(0), smoothNodes: 0, cut: 0, scale, tall };
    if (this.painter) this.painter.palette = palette; else this.apologize();
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
    this.recolor();
  }

  /** sampled takes another function; what was shown of the one before is forgotten. */
  sampled(sampled: Sampled): void {
    this.sample = sampled;
    this.newest = null;
    this.freshLines = true;
    this.axesScene.domain = [sampled.lo, sampled.hi];
    this.painter?.raw(sampled.raw, sampled.n);
    this.painter?.smooth(sampled.raw, sampled.n);
    this.rawMarks.replace(sampled.minima);
    this.smoothMarks.replace([]);
    this.loop.redraw();
  }

  /** frame takes newer heights of f̂ for the function that is shown. */
  frame(frame: Frame): void {
    if (!this.sample || frame.source !== this.sample.source) return;
    if (this.newest && !this.calm.matches) this.smoothMarks.update(frame.minima, 0.05 * (frame.hi - frame.lo)); else this.smoothMarks.replace(frame.minima);
    this.newest = frame;
    this.painter?.smooth(frame.heights, frame.n);
    this.undrawn = frame.seq;
    this.loop.soon();
  }

  get mode(): Mode { return this.wantedMode; }
  set mode(mode: Mode) {
    if (mode === this.wantedMode) return; // a drag sets everything anew: what stays the same must not draw
    this.wantedMode = mode;
    this.loop.redraw();
  }

  get blend(): Blend { return this.wantedBlend; }
  set blend(blend: Blend) {
    if (blend === this.wantedBlend) return;
    this.wantedBlend = blend;
    this.loop.redraw();
  }

  get palette(): PaletteName { return this.wantedPalette; }
  set palette(name: PaletteName) {
    if (name === this.wantedPalette) return;
    this.wantedPalette = name;
    this.axesScene.palette = paletteBytes(name);
    if (this.painter) this.painter.palette = this.axesScene.palette;
    this.loop.redraw();
  }

  /** logarithmic draws heights on the scale of heights.ts, which starts at the lowest height of f; what is read stays true. */
  get logarithmic(): boolean { return this.log; }
  set logarithmic(on: boolean) {
    if (on === this.log) return;
    this.log = on;
    this.loop.redraw();
  }

  /** scale fixes heights and contours, for views that share them; null: those of the function. */
  get scale(): FixedScale | null { return this.fixed; }
  set scale(scale: FixedScale | null) {
    if (scale === this.fixed || (scale && this.fixed && scale.range[0] === this.fixed.range[0] && scale.range[1] === this.fixed.range[1] && scale.contour === this.fixed.contour)) return;
    this.fixed = scale;
    this.loop.redraw();
  }

  /** paths are the lines on the surface; the list and its points are kept, not copied: set it again when they have changed. */
  get paths(): readonly PathLine[] { return this.lines; }
  set paths(lines: readonly PathLine[]) {
    if (lines.length === 0 && this.lines.length === 0) return;
    this.lines = lines;
    this.freshLines = true;
    this.loop.redraw();
  }

  get knife(): Knife | null { return this.line; }
  set knife(knife: Knife | null) {
    if (knife?.along === this.line?.along && knife?.at === this.line?.at) return;
    this.line = knife;
    this.loop.redraw();
  }

  /** pointed is the minimum of f̂ that is ringed. */
  set pointed(place: { x: number; y: number } | null) {
    if (place?.x === this.ring?.x && place?.y === this.ring?.y) return;
    this.ring = place;
    this.loop.redraw();
  }

  /** crosshair is the place that another view points at. */
  set crosshair(place: { x: number; y: number } | null) {
    if (place?.x === this.cursor?.x && place?.y === this.cursor?.y) return;
    this.cursor = place;
    this.loop.redraw();
  }

  get camera(): Camera { return this.look; }
  set camera(camera: Partial<Camera>) {
    this.look = within({ ...restCamera, ...camera });
    this.loop.redraw();
  }

  get axes(): AxisNames { return this.overlay.names; }
  set axes(names: AxisNames) {
    const { x, y, z } = this.overlay.names;
    if (names.x === x && names.y === y && names.z === z) return;
    this.overlay.names = names;
    this.loop.redraw();
  }

  /** range of heights from the floor of the box to its top: that of f, widened where f̂ leaves it, so that it stays put while δ moves. */
  get range(): readonly [number, number] {
    const { lo, hi } = this.heights();
    return [lo, hi];
  }

  /** recolor draws anew after the page's colors have changed. */
  recolor(): void {
    this.picture.brightness = isDark(getComputedStyle(this.host).getPropertyValue("--ground")) ? 1 : 1.12;
    this.freshLines = true;
    this.loop.redraw();
  }

  close(): void {
    this.loop.close();
    this.watcher.disconnect();
    this.gestures.close();
    this.painter?.close();
    this.overlay.close();
  }

  private move(camera: Camera): void {
    this.camera = camera;
    this.options.cameraMoved?.(this.look);
  }

  get large(): boolean { return this.picture.width * this.picture.height > 200_000; }

  step(ms: number): boolean {
    const aging = this.smoothMarks.age(ms), flatness = this.wantedMode === "map" ? 1 : 0, cut = cuts[this.wantedBlend];
    this.flatness = this.calm.matches ? flatness : toward(this.flatness, flatness, ms / morph);
    this.cut = this.calm.matches ? cut : toward(this.cut, cut, ms / sweep);
    return aging || this.flatness !== flatness || this.cut !== cut;
  }

  draw(coarse: boolean): void {
    const { sample, picture, axesScene } = this;
    if (!sample) return;
    if (picture.width === 0) this.resized();
    if (picture.width < 2 || picture.height < 2) return;
    this.aim(picture);
    this.heights();
    const smooth = this.newest?.heights ?? sample.raw, smoothNodes = this.newest?.n ?? sample.n;
    picture.nodes = Math.min(sample.n, smoothNodes);
    picture.density = Math.min(2, devicePixelRatio) * (coarse ? 0.6 : 1);
    picture.contour = this.fixed?.contour ?? roundStep(sample.range[1] - sample.range[0], 24);
    this.cutAt(picture.nodes);
    this.locate(picture.knife, picture.nodes, this.line?.along === "y" ? this.line.at : null, this.line?.along === "x" ? this.line.at : null);
    this.locate(picture.cross, picture.nodes, this.cursor?.x ?? null, this.cursor?.y ?? null);
    this.marks(sample, picture);
    if (this.freshLines && this.painter) {
      this.freshLines = false;
      const style = getComputedStyle(this.host), pieces = this.pieces.build(this.lines, sample.lo, sample.hi, (name) => rgb(style.getPropertyValue(name)));
      this.painter.pieces(pieces, this.pieces.count);
    }
    this.painter?.paint(picture);
    const { scene } = this;
    scene.lens = axesScene.lens = picture.lens;
    scene.raw = sample.raw; scene.rawNodes = sample.n; scene.smooth = smooth; scene.smoothNodes = smoothNodes;
    scene.cut = picture.cut / (picture.nodes - 1); scene.tall = tall * (1 - picture.flatness);
    axesScene.width = picture.width; axesScene.height = picture.height; axesScene.flatness = picture.flatness;
    this.overlay.draw(axesScene);
    this.heads.draw(this.lines, scene, sample.lo, sample.hi, picture.width, picture.height);
    if (this.undrawn) {
      this.options.drawn?.(this.undrawn);
      this.undrawn = 0;
    }
  }

  private resized(): void {
    const { picture } = this;
    picture.width = this.host.clientWidth;
    picture.height = this.host.clientHeight;
    picture.markSize = Math.min(1, 0.5 + Math.min(picture.width, picture.height) / 1100);
    this.loop.redraw();
  }

  /** aim makes a new lens where the last one no longer fits. */
  private aim(picture: Picture): void {
    const { look } = this, flatness = ease(this.flatness), placed = this.placedAt;
    if (placed[0] === look.yaw && placed[1] === look.pitch && placed[2] === look.zoom && placed[3] === look.panx && placed[4] === look.pany && placed[5] === flatness && placed[6] === picture.width && placed[7] === picture.height) return;
    placed[0] = look.yaw; placed[1] = look.pitch; placed[2] = look.zoom; placed[3] = look.panx; placed[4] = look.pany; placed[5] = flatness; placed[6] = picture.width; placed[7] = picture.height;
    picture.flatness = flatness;
    picture.lens = lens(look, flatness, picture.width, picture.height, margins(picture.width, picture.height));
  }

  /** heights brings the scale up to date. */
  private heights(): HeightScale {
    const { scale } = this.picture, { sample, newest, fixed } = this, raw = sample?.range;
    let lo = fixed ? fixed.range[0] : raw ? raw[0] : 0, hi = fixed ? fixed.range[1] : raw ? raw[1] : 1;
    scale.from = lo;
    scale.unit = this.log && hi > lo ? unitOfRange * (hi - lo) : 0;
    if (!fixed && newest) { lo = Math.min(lo, newest.range[0]); hi = Math.max(hi, newest.range[1]); }
    scale.lo = hi > lo ? lo : lo - 0.5;
    scale.hi = hi > lo ? hi : lo + 0.5;
    return scale;
  }

  /** cutAt puts the cut between two columns of nodes. */
  private cutAt(nodes: number): void {
    const cut = ease(this.cut);
    this.picture.cut = cut <= 0 ? -1 : cut >= 1 ? nodes + 1 : Math.floor(cut * (nodes - 1)) + 0.5;
  }

  /** locate writes a column and a row, −1 for none; it keeps off the border, where a line would be drawn half. */
  private locate(to: Float32Array, nodes: number, x: number | null, y: number | null): void {
    const { lo, hi } = this.sample!;
    to[0] = x === null ? -1 : Math.min(nodes - 1.5, Math.max(0.5, ((x - lo) / (hi - lo)) * (nodes - 1)));
    to[1] = y === null ? -1 : Math.min(nodes - 1.5, Math.max(0.5, ((y - lo) / (hi - lo)) * (nodes - 1)));
  }

  /** marks writes the minima of the part that shows: those of f left of the cut, those of f̂ where f̂ shows. */
  private marks({ lo, hi }: Sampled, picture: Picture): void {
    const { marks, nodes, cut } = picture, last = nodes - 1;
    let count = cut > 0 ? this.rawMarks.write(marks, 0, mostMarks, lo, hi, -1, (cut - 0.5) / last, true) : 0;
    if (cut <= nodes && this.newest) count = this.smoothMarks.write(marks, count, mostMarks, lo, hi, (cut - 1.5) / last, 2, false);
    if (this.ring) count = mark(marks, count, (this.ring.x - lo) / (hi - lo), (this.ring.y - lo) / (hi - lo), 3);
    if (this.cursor) count = mark(marks, count, (this.cursor.x - lo) / (hi - lo), (this.cursor.y - lo) / (hi - lo), 4);
    picture.markCount = count;
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
    const { width, height } = this.picture;
    return this.sample && this.scene.rawNodes > 0 ? pick(this.scene, (2 * left) / width - 1, 1 - (2 * top) / height) : null;
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

/** mark adds a mark at parts of the way across, and returns how many there are then. */
function mark(to: Float32Array, count: number, u: number, v: number, kind: number): number {
  if (count >= mostMarks || u < 0 || u > 1 || v < 0 || v > 1) return count;
  const o = 4 * count;
  to[o] = u; to[o + 1] = v; to[o + 2] = 1; to[o + 3] = kind;
  return count + 1;
}

/** margins keep room for ticks and names. */
function margins(width: number, height: number): Margins {
  const small = width < 560 || height < 320;
  return small ? { top: 14, right: 52, bottom: 40, left: 16 } : { top: 56, right: 70, bottom: 74, left: 70 };
}

/** rgb reads a color as getComputedStyle resolves it; white where there is none. */
function rgb(color: string): [number, number, number] {
  const [r = 255, g = 255, b = 255] = color.startsWith("#") ? [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)) : (color.match(/[\d.]+/g)?.map(Number) ?? []);
  return [r / 255, g / 255, b / 255];
}

function isDark(color: string): boolean {
  const [r, g, b] = color.trim() === "" ? [0, 0, 0] : rgb(color);
  return 0.3 * r + 0.6 * g + 0.1 * b < 0.5;
}
