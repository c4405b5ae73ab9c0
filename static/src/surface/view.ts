// A function on a square as a lit surface that turns into a map: one WebGL2 mesh, its minima, its axes. The view keeps f and f̂
// side by side: the cut between them is a place in the picture, so raw, split and smoothed are one drawing.

import { paletteBytes, type PaletteName } from "../palette.gen";
import type { Frame, Sampled } from "../smoothing";
import { Axes, type AxisNames, type AxesScene } from "./axes";
import { Aim } from "./aim";
import { restCamera, tall, within, type Camera } from "./camera";
import { isDark, rgb } from "./colors";
import { FlatPainter } from "./flatpainter";
import { GestureListener, type Gestures } from "./gestures";
import { Heads } from "./heads";
import { unitOfRange, type HeightScale } from "./heights";
import { LevelLabels, pixel } from "./levellabels";
import { roundStep } from "./levels";
import { Loop, type Drawing } from "./loop";
import { Motion, type Blend } from "./motion";
import { mostMarks, Painter, type Picture } from "./painter";
import { Pieces, type PathLine } from "./paths";
import { Pins, samePlace } from "./pins";
import { Reader, type Knife } from "./reader";

export type { Camera } from "./camera";
export type { Blend } from "./motion";
export type { PathLine } from "./paths";
export type { Knife } from "./reader";
export type Mode = "surface" | "map";
/** What lies under the pointer: the place, both heights, and where in the picture it is, in pixels. */
export interface Probe { x: number; y: number; raw: number; smoothed: number; left: number; top: number }

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

const mostNodesWhereSlow = 129; // where drawing is slow, a mesh of more nodes a side is thinned while it moves,
const leastCellWhereSlow = 4; // and one whose cells are narrower than so many pixels: there triangles cost more than what they cover

const without = "This browser offers no WebGL2, or has it switched off: a map is drawn in place of the surface.";
const lost = "The browser has taken the graphics away from this page: a map is drawn until they are back.";

/** The surface in its element, in which it keeps a canvas (the first one inside, or a new one) and the labels over it. */
export class SurfaceView implements Drawing {
  private readonly canvas: HTMLCanvasElement;
  private readonly painter: Painter | null;
  private flat: FlatPainter | null = null; // draws the map where the painter cannot
  private readonly note = document.createElement("p");
  private readonly overlay: Axes;
  private readonly heads: Heads;
  private readonly levels: LevelLabels;
  private readonly pieces = new Pieces();
  private readonly loop = new Loop(this);
  private readonly aim = new Aim();
  private readonly pins = new Pins();
  private readonly motion: Motion; // on its way to the mode and the blend
  private readonly watcher = new ResizeObserver(() => this.resized());
  private readonly gestures: GestureListener;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly picture: Picture; // of the last drawing
  private readonly axesScene: AxesScene; // the same, for the axes
  private readonly reader: Reader; // the same, for what is read off it
  private line: Knife | null = null;
  private lines: readonly PathLine[] = [];
  private freshLines = false;
  private changed = true; // what is drawn differs from the last drawing in more than its marks
  private sample: Sampled | null = null;
  private newest: Frame | null = null;
  private fixed: FixedScale | null = null;
  private log: boolean;
  private look: Camera;
  private wantedMode: Mode;
  private wantedBlend: Blend;
  private wantedPalette: PaletteName;
  private undrawn = 0; // number of a frame whose draw calls are not issued yet

  constructor(private readonly host: HTMLElement, private readonly options: SurfaceOptions) {
    this.canvas = host.querySelector("canvas") ?? host.appendChild(document.createElement("canvas"));
    host.classList.add("surface-host");
    this.overlay = new Axes(host, options.axes);
    this.levels = new LevelLabels(this.overlay.svg);
    this.heads = new Heads(this.overlay.svg);
    this.note.className = "surface-note";
    this.note.setAttribute("role", "status");
    this.note.hidden = true;
    host.append(this.note);
    this.look = within({ ...restCamera, ...options.camera });
    this.wantedMode = options.mode ?? "surface";
    this.wantedBlend = options.blend ?? "smoothed";
    this.wantedPalette = options.palette ?? "viridis";
    this.log = options.logarithmic ?? false;
    this.motion = new Motion(this.wantedMode === "map" ? 1 : 0, this.wantedBlend);
    const palette = paletteBytes(this.wantedPalette), scale: HeightScale = { lo: 0, hi: 1, from: 0, unit: 0 }, { lens } = this.aim;
    this.picture = {
      width: 0, height: 0, density: 1, lens, flatness: 0, scale, tall, contour: 1, nodes: 0, cut: -1,
      knife: Float32Array.of(-1, -1), cross: Float32Array.of(-1, -1), brightness: 1, markSize: 1, marks: new Float32Array(4 * mostMarks), markCount: 0,
    };
    this.axesScene = { lens, width: 0, height: 0, flatness: 0, domain: [0, 1], scale, palette };
    this.reader = new Reader({ lens, raw: new Float32Array(0), rawNodes: 0, smooth: new Float32Array(0), smoothNodes: 0, cut: 0, scale, tall });
    this.painter = Painter.make(this.canvas, (working) => this.flatten(working ? "" : lost));
    if (this.painter) this.painter.palette = palette; else this.flatten(without);
    this.gestures = new GestureListener(this.canvas, this.handles());
    this.watcher.observe(host);
    this.recolor();
  }

  /** sampled takes another function; what was shown of the one before is forgotten. */
  sampled(sampled: Sampled): void {
    this.sample = sampled;
    this.newest = null;
    this.axesScene.domain = [sampled.lo, sampled.hi];
    this.reader.lo = sampled.lo;
    this.reader.hi = sampled.hi;
    this.feed();
    this.pins.sampled(sampled);
    this.loop.redraw();
  }

  /** frame takes newer heights of f̂ for the function that is shown. */
  frame(frame: Frame): void {
    if (!this.sample || frame.source !== this.sample.source) return;
    this.pins.frame(frame, this.newest !== null && !this.calm.matches);
    this.newest = frame;
    this.painter?.smooth(frame.heights, frame.n);
    this.flat?.smooth(frame.heights, frame.n);
    this.changed = true;
    this.undrawn = frame.seq;
    this.loop.soon();
  }

  get mode(): Mode { return this.wantedMode; }
  set mode(mode: Mode) {
    if (mode === this.wantedMode) return; // a drag sets everything anew: what stays the same must not draw
    this.wantedMode = mode;
    this.changed = true;
    this.loop.redraw();
  }

  get blend(): Blend { return this.wantedBlend; }
  set blend(blend: Blend) {
    if (blend === this.wantedBlend) return;
    this.wantedBlend = blend;
    this.changed = true;
    this.loop.redraw();
  }

  get palette(): PaletteName { return this.wantedPalette; }
  set palette(name: PaletteName) {
    if (name === this.wantedPalette) return;
    this.wantedPalette = name;
    this.axesScene.palette = paletteBytes(name);
    if (this.painter) this.painter.palette = this.axesScene.palette;
    if (this.flat) this.flat.palette = this.axesScene.palette;
    this.loop.redraw();
  }

  /** logarithmic draws heights on the scale of heights.ts, which starts at the lowest height of f; what is read stays true. */
  get logarithmic(): boolean { return this.log; }
  set logarithmic(on: boolean) {
    if (on === this.log) return;
    this.log = on;
    this.changed = true;
    this.loop.redraw();
  }

  /** scale fixes heights and contours, for views that share them; null: those of the function. */
  get scale(): FixedScale | null { return this.fixed; }
  set scale(scale: FixedScale | null) {
    if (scale === this.fixed || (scale && this.fixed && scale.range[0] === this.fixed.range[0] && scale.range[1] === this.fixed.range[1] && scale.contour === this.fixed.contour)) return;
    this.fixed = scale;
    this.changed = true;
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
    if (samePlace(place, this.pins.ring)) return;
    this.pins.ring = place;
    this.loop.redraw();
  }

  /** crosshair is the place that another view points at. */
  set crosshair(place: { x: number; y: number } | null) {
    if (samePlace(place, this.pins.cursor)) return;
    this.pins.cursor = place;
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
    this.levels.close();
    this.painter?.close();
    this.flat?.close();
    this.overlay.close();
  }

  private move(camera: Camera): void {
    this.camera = camera;
    this.options.cameraMoved?.(this.look);
  }

  get software(): boolean { return this.painter?.software ?? false; }
  get large(): boolean { return this.wide || this.fine(this.sample?.n ?? 0); }
  private fine(nodes: number): boolean { return nodes > mostNodesWhereSlow || this.picture.width < leastCellWhereSlow * (nodes - 1); }
  private get wide(): boolean { return this.picture.width * this.picture.height > 200_000; }

  step(ms: number): boolean {
    const aging = this.pins.age(ms), calm = this.calm.matches;
    return this.motion.step(ms, this.mapped, this.wantedBlend, calm || this.flat !== null, calm) || aging;
  }

  draw(coarse: boolean): void {
    const { sample, picture, axesScene, reader: { scene } } = this;
    if (!sample) return;
    if (picture.width === 0) this.resized();
    const { width, height } = picture;
    if (width < 2 || height < 2) return;
    const { flatness } = this.motion;
    if (this.aim.at(this.look, flatness, width, height, this.flat ? this.note.offsetHeight : 0)) this.changed = true;
    picture.flatness = axesScene.flatness = flatness;
    picture.lens = axesScene.lens = scene.lens = this.aim.lens;
    this.heights();
    scene.raw = sample.raw;
    scene.rawNodes = sample.n;
    scene.smooth = this.newest?.heights ?? sample.raw;
    scene.smoothNodes = this.newest?.n ?? sample.n;
    picture.nodes = Math.min(sample.n, scene.smoothNodes);
    while (coarse && this.fine(picture.nodes) && picture.nodes % 2 === 1) picture.nodes = (picture.nodes + 1) / 2;
    picture.density = coarse ? Math.min(2, devicePixelRatio) * (this.wide ? 0.6 : 1) : this.software ? 2 : Math.min(2, devicePixelRatio);
    picture.contour = this.fixed?.contour ?? roundStep(sample.range[1] - sample.range[0], 24);
    picture.cut = this.motion.cut(picture.nodes);
    scene.cut = picture.cut / (picture.nodes - 1);
    scene.tall = tall * (1 - flatness);
    this.locate(picture.knife, picture.nodes, this.line?.along === "y" ? this.line.at : null, this.line?.along === "x" ? this.line.at : null);
    this.locate(picture.cross, picture.nodes, this.pins.cursor?.x ?? null, this.pins.cursor?.y ?? null);
    this.pins.write(picture, sample, this.newest !== null);
    this.cutLines(sample);
    (this.flat ?? this.painter)?.paint(picture);
    axesScene.width = width;
    axesScene.height = height;
    this.overlay.draw(axesScene);
    this.heads.draw(this.lines, scene, sample.lo, sample.hi, width, height);
    if (this.changed) this.levels.moved(flatness === 1 ? this.number : null);
    this.changed = false;
    if (this.undrawn) {
      this.options.drawn?.(this.undrawn);
      this.undrawn = 0;
    }
  }

  /** number writes the heights of the bold contour lines on the map. */
  private readonly number = (): void => {
    const { picture, reader: { scene } } = this, { width, height, marks } = picture;
    this.levels.write(scene, picture.contour, width, height, { count: picture.markCount, at: (i) => pixel(scene, marks[4 * i]!, marks[4 * i + 1]!, width, height) });
  };

  /** cutLines cuts the paths into pieces where they have changed. */
  private cutLines({ lo, hi }: Sampled): void {
    if (!this.freshLines) return;
    this.freshLines = false;
    const style = getComputedStyle(this.host), pieces = this.pieces.build(this.lines, lo, hi, (name) => rgb(style.getPropertyValue(name)));
    this.painter?.pieces(pieces, this.pieces.count);
    this.flat?.pieces(pieces, this.pieces.count);
  }

  /** flatten draws a map on a 2-D canvas for that reason, or, with "", the picture with WebGL2 again. */
  private flatten(reason: string): void {
    this.flat?.close();
    this.flat = null;
    this.note.textContent = reason;
    this.note.hidden = reason === "";
    if (reason !== "") {
      const canvas = document.createElement("canvas");
      canvas.className = "surface-flat";
      canvas.setAttribute("aria-hidden", "true");
      this.canvas.after(canvas);
      this.flat = new FlatPainter(canvas);
      this.motion.land();
      this.flat.palette = this.axesScene.palette;
    }
    this.feed();
    this.loop.redraw();
  }

  /** feed gives all that is shown to what draws it. */
  private feed(): void {
    const { sample, newest } = this;
    this.freshLines = this.changed = true;
    if (!sample) return;
    for (const drawer of [this.painter, this.flat]) {
      drawer?.raw(sample.raw, sample.n);
      drawer?.smooth(newest?.heights ?? sample.raw, newest?.n ?? sample.n);
    }
  }

  /** mapped: a map is wanted, or nothing else can be drawn. */
  private get mapped(): boolean { return this.wantedMode === "map" || this.flat !== null; }

  private handles(): Gestures {
    const { options, reader } = this, view = this;
    return {
      get flat() { return view.mapped; },
      turn: (yaw, pitch) => { if (!this.mapped) this.move({ ...this.look, yaw: this.look.yaw + yaw, pitch: this.look.pitch + pitch }); },
      pan: (right, down) => this.move(this.aim.panned(this.look, right, down, this.picture.width, this.picture.height)),
      zoom: (factor) => this.move({ ...this.look, zoom: this.look.zoom * factor }),
      reset: () => this.move({ ...restCamera }),
      tap: (left, top) => { const place = reader.under(left, top); if (place) options.tapped?.({ x: place.x, y: place.y }); },
      point: (left, top) => this.probe(left, top),
      leave: () => options.probed?.(null),
      grab: (left, top) => this.line !== null && reader.near(this.line, left, top),
      drag: (left, top) => { const at = this.line && reader.across(this.line, left, top); if (at !== null) options.knifeMoved?.(at); },
    };
  }

  private resized(): void {
    const { picture, host, reader } = this;
    picture.width = reader.width = host.clientWidth;
    picture.height = reader.height = host.clientHeight;
    picture.markSize = Math.min(1, 0.5 + Math.min(picture.width, picture.height) / 1100);
    this.loop.redraw();
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

  /** locate writes a column and a row, −1 for none; it keeps off the border, where a line would be drawn half. */
  private locate(to: Float32Array, nodes: number, x: number | null, y: number | null): void {
    const { lo, hi } = this.sample!;
    to[0] = x === null ? -1 : Math.min(nodes - 1.5, Math.max(0.5, ((x - lo) / (hi - lo)) * (nodes - 1)));
    to[1] = y === null ? -1 : Math.min(nodes - 1.5, Math.max(0.5, ((y - lo) / (hi - lo)) * (nodes - 1)));
  }

  private probe(left: number, top: number): void {
    const { options } = this, place = options.probed && this.reader.under(left, top);
    options.probed?.(place ? { x: place.x, y: place.y, raw: place.raw, smoothed: place.smooth, left, top } : null);
  }
}
