// The landscape around a run's parameters: its newest slice, or one that has been gone back to, smoothed at the run's own δ or at one that
// was taken hold of, and everything that is said about it.

import { Announcer } from "../explore/announcer";
import { put } from "../explore/put";
import type { Slice } from "../protocol";
import { DeltaSlider } from "./deltaslider";
import { Glide } from "./glide";
import type { History, Moment } from "./history";
import { KernelMark } from "./kernelmark";
import type { Smooth } from "../smoothing";
import type { RunLog } from "./log";
import { defaultMagnification, finiteGrid, largestDelta, pictures, readMagnification, smoothing, zoomHalfWidth, type Law, type Picture } from "./plane";
import { SpacePictures, type SpaceView } from "./space";
import { SliceStage, type Found } from "./stage";
import * as say from "./slicewords";
import { figureQuery, newestMoment, type RunViewState } from "./viewstate";
import { WayLine } from "./way";

export interface SliceListener {
  changed(): void; // the state of the view
  /** shown is told the update whose slice has come before the reader; null: the newest, as it comes. */
  shown(step: number | null): void;
}

// Buttons that turn a property of the view on and off.
const toggles = [["slice-raw", "raw"], ["slice-zoom", "close"], ["slice-way-toggle", "way"], ["slice-log", "log"]] as const;

export class SlicePanel {
  private slice: Slice | null = null; // that is shown
  private newest: Slice | null = null;
  private wanted: Moment | null = null; // that has been gone back to; null: the newest
  private range: Promise<readonly [number, number] | null> | null = null; // of all kept slices, while one has been gone back to
  private shared: readonly [number, number] | null = null; // the same, once it is known
  private stage: SliceStage | null = null;
  private found: Found | null = null;
  private grid: ReturnType<typeof finiteGrid> | null = null;
  private readonly input: HTMLInputElement;
  private readonly slider: DeltaSlider;
  private readonly glide = new Glide(() => this.draw());
  private readonly kernel: KernelMark;
  private readonly way: WayLine;
  private readonly space: SpacePictures;
  private readonly speaker: Announcer;

  constructor(private readonly page: HTMLElement, private readonly log: RunLog, private readonly history: History, private readonly state: RunViewState, private readonly listener: SliceListener) {
    this.slider = new DeltaSlider(this.get("delta-row"), { held: (delta) => { state.delta = delta ?? 0; this.change(); } });
    this.kernel = new KernelMark(this.get("kernel-mark"));
    this.way = new WayLine(this.get("slice-way"), history);
    this.space = new SpacePictures(page.dataset.fullspace ?? "", () => this.draw());
    this.speaker = new Announcer(this.get("slice-spoken"));
    this.input = this.get<HTMLInputElement>("slice-m");
    this.input.addEventListener("change", () => this.read());
    this.get("slice-controls").addEventListener("submit", (e) => { e.preventDefault(); this.read(); });
    this.get("slice-m-one").addEventListener("click", () => this.magnify(1));
    this.get("slice-m-default").addEventListener("click", () => this.magnify(0));
    for (const [id, key] of toggles) this.get(id).addEventListener("click", () => { state[key] = !state[key]; this.change(); });
    this.get("slice-colors").addEventListener("click", () => { state.palette = state.palette === "viridis" ? "cividis" : "viridis"; this.change(); });
    this.get("slice-fill").addEventListener("click", () => this.fill());
    document.addEventListener("visibilitychange", () => this.draw());
    this.choice<Picture>("picture", (value) => { state.picture = value; this.change(); });
    this.choice<Law>("kernel", (value) => { state.kernel = value; this.change(); });
    this.choice<"surface" | "map">("view", (value) => { state.view = value; this.change(); });
    this.slider.hold(state.delta || null);
  }

  /** restore shows the state after it was changed from outside, as by a link. */
  restore(): void {
    this.slider.hold(this.state.delta || null);
    if (this.stage) this.stage.camera = this.state;
    this.draw();
  }

  /** show takes a newer slice, or a finer one of the same checkpoint. */
  show(slice: Slice): void {
    this.newest = slice;
    if (this.wanted === null) this.put(slice);
  }

  /** goTo shows the slice of a moment, or the newest again; next is fetched before it is asked for. */
  async goTo(moment: Moment | null, next?: Moment): Promise<void> {
    this.wanted = moment;
    this.state.at = moment?.step ?? newestMoment;
    this.listener.changed();
    if (moment === null) {
      this.range = this.shared = null;
      if (this.newest) this.put(this.newest);
      return;
    }
    this.range ??= this.history.range().catch(() => null); // then each has its own
    try {
      const [slice, range] = await Promise.all([this.history.slice(moment), this.range]);
      if (this.wanted !== moment) return;
      this.shared = range;
      this.put(slice);
      if (next) this.history.slice(next).catch(() => {}); // asked for again when it is wanted
    } catch (problem) {
      if (this.wanted === moment) this.fail(problem instanceof Error ? problem.message : String(problem));
    }
  }

  private put(slice: Slice): void {
    this.slice = slice;
    this.grid = finiteGrid(slice);
    this.get("slice-empty").hidden = true;
    this.get("slice-body").hidden = false;
    this.listener.shown(this.wanted?.step ?? null);
    this.draw();
  }

  /** noise follows the run's δ. */
  noise(): void { this.draw(); }

  clear(): void {
    this.space.follow(null);
    this.slice = this.newest = this.found = null;
    this.get("slice-empty").hidden = false;
    this.get("slice-body").hidden = true;
  }

  recolor(): void { this.stage?.recolor(); }

  /** key does what a key of the panel means, and says whether it meant anything. */
  key(key: string): boolean {
    if (!this.slice) return false;
    switch (key) {
      case "1": case "0": this.magnify(Number(key)); return true;
      case "r": case "R": this.get("slice-raw").click(); return true;
      case "z": case "Z": this.get("slice-zoom").click(); return true;
      case "j": case "J": this.get("slice-way-toggle").click(); return true;
      case "a": case "A": this.slider.attach(); return true;
      case "[": this.slider.nudge(1 / 1.05); return true;
      case "]": this.slider.nudge(1.05); return true;
      case "h": case "H": this.get("slice-log").click(); return true;
      case "c": case "C": this.get("slice-colors").click(); return true;
      case "f": case "F": this.fill(); return true;
      case "e": case "E": this.get("slice-figure").click(); return true;
      case "4": this.state.picture = pictures[(pictures.indexOf(this.state.picture) + 1) % (this.page.dataset.fullspace ? 4 : 2)]!; this.change(); return true;
      case "3": case "m": case "M": this.state.view = this.state.view === "map" ? "surface" : "map"; this.change(); return true;
    }
    return false;
  }

  private change(): void {
    this.draw();
    this.listener.changed();
  }

  private fail(sentence: string): void {
    const p = this.get("slice-failure");
    p.hidden = sentence === "";
    put(p, sentence);
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.page.querySelector<T>(`#${id}`)!; }

  private choice<T extends string>(name: string, chosen: (value: T) => void): void {
    for (const radio of this.page.querySelectorAll<HTMLInputElement>(`#slice-controls input[name=${name}]`)) {
      radio.addEventListener("change", () => { if (radio.checked) chosen(radio.value as T); });
    }
  }

  /** m is the magnification: the reader's, or the one that makes the run's first δ a tenth of the half-width. */
  private get m(): number { return this.state.m || (this.slice ? defaultMagnification(this.slice, this.log.firstNoiseLevel) : 1); }

  private read(): void {
    const m = readMagnification(this.input.value), problem = this.get("slice-m-problem");
    problem.hidden = m !== null;
    this.input.setAttribute("aria-invalid", String(m === null));
    if (m === null) problem.textContent = `The magnification must be a number above 0, found “${this.input.value.trim()}”. Still ×${this.m}.`;
    else this.magnify(m);
  }

  /** magnify takes the reader's magnification; 0 goes back to that of the run's first δ. */
  private magnify(m: number): void {
    this.state.m = m;
    this.get("slice-m-problem").hidden = true;
    this.input.setAttribute("aria-invalid", "false");
    this.input.value = String(this.m);
    this.change();
  }

  /** own is the run's δ: at the moment that is shown, else now, else, before the log has one, that of the slice's checkpoint. */
  private own(): number | null {
    if (this.wanted !== null) return this.slice?.delta ?? this.log.then(this.wanted.step).noiseLevel;
    const now = this.log.scheduled?.noiseLevel;
    return now !== undefined && Number.isFinite(now) ? now : this.slice?.delta ?? null;
  }

  private smooth(): Smooth | null {
    const { delta } = this.slider, d = this.log.started?.parameters ?? 0, { picture, kernel } = this.state;
    if (!this.slice || delta === null || (picture === "projected" && d === 0)) return null;
    return smoothing(this.slice, picture, kernel, delta, this.m, d);
  }

  /** draw brings everything up to date with the state; nobody looks at a hidden page. */
  private draw(): void {
    const { slice, state } = this;
    if (!slice || document.hidden) return;
    if (document.activeElement !== this.input) this.input.value = String(this.m);
    const own = this.own();
    this.glide.to(own, this.wanted !== null);
    this.slider.follow(own, this.glide.value, largestDelta(slice, state.picture, state.kernel, this.m, this.log.started?.parameters ?? 0));
    for (const [id, key] of toggles) this.get(id).setAttribute("aria-pressed", String(state[key]));
    this.get("slice-colors").setAttribute("aria-pressed", String(state.palette === "cividis"));
    for (const name of ["picture", "kernel", "view"] as const) {
      for (const radio of this.page.querySelectorAll<HTMLInputElement>(`#slice-controls input[name=${name}]`)) radio.checked = radio.value === state[name];
    }
    this.space.follow(this.spaceView);
    const { seen } = this, hollow = say.hollow(seen);
    this.get("slice-view").toggleAttribute("data-hollow", hollow);
    if (!hollow) this.paint(seen);
    if (this.stage) void this.way.show(this.stage, state.way ? slice : null, this.newest?.step ?? slice.step, this.wanted === null);
    this.words();
  }

  /** spaceView is where pictures in full space are wanted; null where none is. */
  private get spaceView(): SpaceView | null {
    const { slice, grid, state: { picture, kernel: law, raw }, slider: { delta, attached: moves }, m } = this;
    if (!slice || !grid || raw || delta === null || (picture !== "full" && picture !== "measured") || say.hollow({ slice, replaced: grid.replaced })) return null;
    return { slice, grid: grid.z, law, delta, m, moves, live: this.wanted === null };
  }

  private paint({ smooth, space }: say.Seen): void {
    const { state, slice } = this, look = { camera: state, mode: state.view, palette: state.palette, logarithmic: state.log };
    this.stage ??= new SliceStage(this.get("slice-view"), { ...look, moved: (camera) => { Object.assign(state, camera); this.listener.changed(); } },
      (found) => { this.found = found; this.words(); }, (sentence) => this.fail(sentence));
    const { stage } = this;
    stage.mode = state.view;
    stage.palette = state.palette;
    stage.logarithmic = state.log;
    stage.show({ slice: slice!, grid: this.grid!.z, smooth: state.raw ? null : space?.smooth ?? smooth, halfWidth: this.halfWidth(smooth), range: this.scale });
  }

  /** fill shows the picture on the full screen, or ends that. */
  private fill(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else this.get("slice-stage").requestFullscreen().catch(() => this.fail("This browser does not allow the full screen here."));
  }

  private get seen(): say.Seen {
    const { state, found, spaceView } = this;
    return {
      space: spaceView && this.space.seen(state.picture as "full" | "measured"),
      slice: this.slice!, replaced: this.grid?.replaced ?? 0, picture: state.picture, law: state.kernel, m: this.m, delta: this.slider.delta, smooth: this.smooth(),
      raw: state.raw, close: state.close, found, range: this.scale,
    };
  }

  private words(): void {
    if (!this.slice) return;
    const { seen } = this, hollow = say.hollow(seen);
    put(this.get("slice-label"), say.label(seen));
    put(this.get("slice-caption"), say.caption(seen));
    put(this.get("slice-level"), say.evaluated(seen));
    put(this.get("slice-minima"), seen.found === null || hollow ? "–" : `${seen.space?.smooth ? "about " : ""}${seen.found.minima}`);
    this.slider.say(hollow ? "" : say.left(seen));
    put(this.get("slice-lift"), say.lift(seen));
    put(this.get("slice-delta"), say.inPlot(seen));
    put(this.get("slice-sentence"), say.sentence(seen));
    const space = say.inSpace(seen), four = seen.space ? this.space.sentence : "";
    this.get("slice-space").hidden = space === "";
    put(this.get("slice-space"), `${space} ${four}`);
    if (seen.space?.done) this.speaker.say(`${space} ${four}`);
    this.kernel.show(seen.raw || hollow || seen.space?.smooth ? null : seen.smooth, this.halfWidth(seen.smooth));
    this.link();
  }

  /** scale is that of all kept slices while one has been gone back to: so heights and levels stay put while the run plays. Close by each has its own. */
  private get scale(): readonly [number, number] | null { return this.state.close ? null : this.shared; }

  private halfWidth(smooth: Smooth | null): number {
    const slice = this.slice!;
    return this.state.close && smooth ? zoomHalfWidth(slice, smooth) : slice.viewHalfWidth;
  }

  /** link makes the figure and the data those of the view. */
  private link(): void {
    const { page, state, slider, m } = this, figure = this.get<HTMLAnchorElement>("slice-figure"), step = this.wanted?.step ?? null, space = this.seen.space?.smooth;
    put(figure, space ? "Figure of the slice picture (PNG)" : "Figure (PNG)");
    set(figure, `${page.dataset.figure}?${figureQuery(state, m, step, slider.attached ? null : slider.delta)}`);
    set(this.get("slice-data"), space ? this.space.source : `${page.dataset.slice}${step === null ? "" : `?step=${step}`}`);
  }
}

function set(link: HTMLElement, href: string): void { if (link.getAttribute("href") !== href) link.setAttribute("href", href); }
