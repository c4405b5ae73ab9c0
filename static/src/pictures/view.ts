// Up to four pictures of one plane side by side, linked: same heights and levels, same cursor, same camera, same colors. The view knows
// where heights come from as little as what they mean: it is told a source, and what each picture asks of it.

import { Announcer } from "../explore/announcer";
import { digits, typed } from "../numbers";
import { put } from "../explore/put";
import type { Lattice } from "../field";
import type { PaletteName } from "../palette.gen";
import type { Frame, Sampled, Smooth, Source } from "../smoothing";
import type { AxisNames } from "../surface/axes";
import { roundStep } from "../surface/levels";
import type { Camera, Mode } from "../surface/view";
import { PictureCard } from "./card";
import { PictureQueue } from "./queue";
import { labels, sentences, type Facts, type PictureId } from "./words";

/** One picture: what is asked of the source, and what is said of it. */
export interface PictureSpec {
  id: PictureId;
  source: string; // where it comes from: "exact", "Monte Carlo, 46 draws, ± 0.8 % of the range"
  smooth: Smooth | null; // null: not known yet, or refused
  errors: Lattice | null; // standard errors; null: exact
  stale: boolean; // it is of another view, or not there
}

export interface Look { axes: AxisNames; camera: Partial<Camera>; palette: PaletteName; mode: Mode; logarithmic: boolean }
export interface PicturesListener { cameraMoved?(camera: Camera): void; failed(sentence: string): void }

export class FourPictures {
  private readonly grid = document.createElement("div");
  private readonly sentence = document.createElement("p");
  private readonly inputs: readonly [HTMLInputElement, HTMLInputElement];
  private readonly names: readonly [HTMLElement, HTMLElement];
  private readonly level = document.createElement("button");
  private readonly announcer: Announcer;
  private readonly cards = new Map<PictureId, PictureCard>();
  private readonly queue: PictureQueue;
  private sample: Sampled | null = null;
  private specs: readonly PictureSpec[] = [];
  private facts: Facts | null = null;
  private about = ""; // what the words were last about, besides the frames
  private pinned = { x: 0, y: 0 }; // the cursor where nobody points
  private place = this.pinned;
  private lifts = false; // taken off

  constructor(private readonly host: HTMLElement, private look: Look, private readonly listener: PicturesListener) {
    this.queue = new PictureQueue({
      sampled: (sampled) => this.sampled(sampled),
      frame: (id, frame) => this.framed(id as PictureId, frame),
      failed: (sentence) => listener.failed(sentence),
    });
    const foot = document.createElement("div"), row = document.createElement("p"), spoken = document.createElement("p");
    this.grid.className = "pictures-grid";
    foot.className = "pictures-foot";
    row.className = "row";
    this.sentence.className = "pictures-sentence";
    this.sentence.dataset.testid = "pictures-sentence";
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    this.announcer = new Announcer(spoken);
    const place = (testid: string): [HTMLElement, HTMLInputElement] => {
      const label = document.createElement("label"), name = document.createElement("i"), input = document.createElement("input");
      input.className = "typed";
      input.inputMode = "decimal";
      input.autocomplete = "off";
      input.dataset.testid = testid;
      label.append("Cursor ", name, " ", input);
      input.addEventListener("change", () => this.type());
      row.append(label);
      return [name, input];
    };
    const [x, y] = [place("pictures-x"), place("pictures-y")];
    this.names = [x[0], y[0]];
    this.inputs = [x[1], y[1]];
    this.level.type = "button";
    this.level.textContent = "Take the lifts off";
    this.level.title = "Draw each picture at the mean height of f: then only their shapes differ";
    this.level.dataset.testid = "pictures-level";
    this.level.setAttribute("aria-pressed", "false");
    this.level.addEventListener("click", () => {
      this.lifts = !this.lifts;
      this.level.setAttribute("aria-pressed", String(this.lifts));
      for (const card of this.cards.values()) this.draw(card);
      this.share();
    });
    row.append(this.level);
    foot.append(row, this.sentence, spoken);
    host.replaceChildren(this.grid, foot);
    host.classList.add("pictures");
  }

  /** load takes another function; what was shown of the one before is forgotten. */
  load(source: Source): void {
    this.sample = null;
    put(this.sentence, "");
    for (const card of this.cards.values()) card.frame = null;
    this.queue.load(source);
  }

  /** show says which pictures there are, in their order, and what is to be said of them. */
  show(specs: readonly PictureSpec[], facts: Facts): void {
    this.specs = specs;
    this.facts = facts;
    for (const [id, card] of this.cards) {
      if (specs.some((spec) => spec.id === id)) continue;
      card.close();
      this.cards.delete(id);
      this.queue.drop(id);
    }
    for (const spec of specs) {
      const card = this.cards.get(spec.id) ?? this.open(spec.id);
      card.errors = spec.errors;
      card.tell(labels[spec.id], spec.source, spec.stale);
    }
    this.host.dataset.count = String(specs.length);
    this.ask();
    this.read();
    const about = JSON.stringify([facts, specs.map((spec) => [spec.id, spec.stale])]);
    if (about === this.about) return;
    this.about = about;
    this.words();
  }

  /** set takes a new look to all pictures. */
  set(look: Look): void {
    const moved = (["yaw", "pitch", "zoom", "panx", "pany"] as const).some((key) => look.camera[key] !== this.look.camera[key]);
    this.look = { ...look, camera: { ...look.camera } };
    for (const { view } of this.cards.values()) {
      view.axes = look.axes;
      view.mode = look.mode;
      view.palette = look.palette;
      view.logarithmic = look.logarithmic;
      if (moved) view.camera = look.camera;
    }
    put(this.names[0], look.axes.x);
    put(this.names[1], look.axes.y);
  }

  /** cursor is where all pictures are read while nobody points at one of them. */
  set cursor(place: { x: number; y: number }) {
    this.pinned = place;
    this.point(place);
  }

  recolor(): void { for (const { view } of this.cards.values()) view.recolor(); }

  close(): void {
    this.queue.close();
    for (const card of this.cards.values()) card.close();
    this.host.replaceChildren();
  }

  private open(id: PictureId): PictureCard {
    const { look } = this, card = new PictureCard(id, this.grid, {
      axes: look.axes, camera: look.camera, palette: look.palette, mode: look.mode, logarithmic: look.logarithmic,
      cameraMoved: (camera) => {
        for (const other of this.cards.values()) if (other !== card) other.view.camera = camera;
        this.look = { ...this.look, camera: { ...camera } };
        this.listener.cameraMoved?.(camera);
      },
      probed: (probe) => this.point(probe ?? this.pinned),
      tapped: (place) => { this.cursor = place; },
    });
    this.cards.set(id, card);
    const order = this.specs.map((spec) => this.cards.get(spec.id)?.element).filter((e) => e !== undefined);
    this.grid.append(...order); // in the order of the pictures
    if (this.sample) card.sampled(this.sample);
    card.view.crosshair = this.place;
    return card;
  }

  private sampled(sampled: Sampled): void {
    this.sample = sampled;
    for (const card of this.cards.values()) card.sampled(sampled);
    const { x, y } = this.pinned, inside = [x, y].every((v) => v >= sampled.lo && v <= sampled.hi);
    if (!inside) this.pinned = { x: (sampled.lo + sampled.hi) / 2, y: (sampled.lo + sampled.hi) / 2 };
    this.point(this.pinned);
    this.show(this.specs, this.facts!);
  }

  /** ask wants anew what has changed. */
  private ask(): void {
    if (!this.sample) return;
    for (const { id, smooth } of this.specs) if (smooth) this.queue.want(id, smooth);
  }

  private framed(id: PictureId, frame: Frame): void {
    const card = this.cards.get(id), spec = this.specs.find((s) => s.id === id);
    if (!card || !spec || frame.source !== this.sample?.source) return;
    card.frame = frame;
    card.tell(labels[id], spec.source, spec.stale);
    this.draw(card);
    this.share();
    this.read();
    this.words();
  }

  private draw(card: PictureCard): void { card.draw(this.lifts && card.frame && this.sample ? mean(card.frame.heights) - mean(this.sample.raw) : 0); }

  /** share gives all pictures one range of heights and one step of contours. */
  private share(): void {
    const { sample } = this;
    if (!sample) return;
    let [lo, hi] = sample.range;
    for (const { range } of this.cards.values()) if (range) [lo, hi] = [Math.min(lo, range[0]), Math.max(hi, range[1])];
    const scale = { range: [lo, hi] as const, contour: roundStep(sample.range[1] - sample.range[0], 24) };
    for (const { view } of this.cards.values()) view.scale = scale;
  }

  private point(place: { x: number; y: number }): void {
    this.place = { x: place.x, y: place.y };
    for (const { view } of this.cards.values()) view.crosshair = this.place;
    this.read();
  }

  private read(): void {
    const { place, inputs } = this, name = `${this.look.axes.z}̂`;
    for (const card of this.cards.values()) card.read(place, name);
    for (const [i, value] of [place.x, place.y].entries()) if (document.activeElement !== inputs[i]) inputs[i]!.value = digits(value);
  }

  private type(): void {
    const [x, y] = this.inputs.map((input) => typed(input.value)), { sample } = this;
    const good = sample && [x, y].every((v) => v !== null && v! >= sample.lo && v! <= sample.hi);
    for (const [i, value] of [x, y].entries()) this.inputs[i]!.setAttribute("aria-invalid", String(!sample || value === null || value! < sample.lo || value! > sample.hi));
    if (good) this.cursor = { x: x!, y: y! };
  }

  private words(): void {
    const { sample, facts } = this;
    if (!sample || !facts) return;
    const range = sample.range[1] - sample.range[0] || 1, waiting = this.specs.some((spec) => spec.stale);
    const text = sentences(facts, range, (id) => {
      const card = this.cards.get(id), spec = this.specs.find((s) => s.id === id);
      if (!card?.frame || !spec || spec.stale) return null;
      return { ...card.frame, errors: spec.errors };
    });
    put(this.sentence, text);
    if (!waiting) this.announcer.say(text);
  }
}

function mean(z: Float32Array): number {
  let sum = 0;
  for (const v of z) sum += v;
  return sum / z.length;
}
