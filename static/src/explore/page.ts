// The Explore page: the state of the view on one side, the worker, the surface and the words on the other.

import { degree, exists, stdDev, type Kernel } from "../kernel";
import { Smoothing, type Frame, type Sampled, type Source } from "../smoothing";
import { limits, read, sizes, write, type ViewState } from "../state";
import { watchTheme } from "../chart/theme";
import { restCamera } from "../surface/camera";
import { SurfaceView, type Blend, type Mode, type Probe } from "../surface/view";
import type { PaletteName } from "../palette.gen";
import { Announcer } from "./announcer";
import { CutPanel } from "./cutpanel";
import { exploreData, fetchPlane, fetchSlice, finite, type ExploreData, type FunctionInfo, type NetworkSlice, type SliceInfo } from "./data";
import { DegreePanel } from "./degree";
import { DescentPanel } from "./descentpanel";
import { FamilyPanel } from "./familypanel";
import { KernelPanel } from "./kernelpanel";
import { Lessons } from "./lessons";
import { Links } from "./links";
import { count, digits, typed } from "../numbers";
import type { Bench, Panel } from "./panel";
import { Parts } from "./parts";
import { PicturesPanel } from "./picturespanel";
import { put } from "./put";
import { MinimaTable } from "./table";
import { VariablesPanel } from "./variablespanel";
import { TalkPanel } from "./talk";
import { Trace } from "./trace";
import * as words from "./words";

export class ExplorePage implements Bench {
  private readonly data: ExploreData = exploreData();
  readonly state: ViewState = read(location.search);
  readonly surface!: SurfaceView;
  private readonly smoothing: Smoothing;
  private readonly degree: DegreePanel;
  private readonly kernels: KernelPanel;
  private readonly table: MinimaTable;
  private readonly announcer: Announcer;
  private readonly lessons: Lessons;
  private readonly panels: readonly Panel[];
  private readonly trace = new Trace();
  network: NetworkSlice | null = null; // of the state's f, where that is a slice
  sampled: Sampled | null = null;
  frame: Frame | null = null;
  source: Source | null = null; // null while it is being fetched
  private readonly links!: Links;
  private readonly parts: Parts;
  private untouched = location.search === ""; // the bare page, until a control is used

  constructor(readonly root: HTMLElement) {
    if (!this.info() && !this.sliceInfo()) this.state.f = this.data.functions[0]!.id;
    this.admit();
    const { state } = this;
    this.parts = new Parts(root, (part) => { Object.assign(state, part); this.link(); });
    this.links = new Links(root, () => write(state));
    this.smoothing = new Smoothing({
      sampled: (sampled) => { this.sampled = sampled; this.frame = null; this.surface.sampled(sampled); this.words(); this.beside(); },
      frame: (frame) => { this.trace.computed(frame.seq, frame.milliseconds); this.frame = frame; this.surface.frame(frame); this.words(); this.beside(); },
      failed: (sentence) => this.warn(sentence),
    });
    void this.load(); // the worker starts while the graphics do
    this.surface = new SurfaceView(this.get("stage"), {
      axes: { x: "x₁", y: "x₂", z: "f" }, camera: state, palette: state.palette, mode: state.view, blend: this.blend, logarithmic: state.log,
      cameraMoved: (camera) => { Object.assign(state, camera); this.link(); },
      probed: (probe) => this.readout(probe),
      knifeMoved: (at) => this.change({ at }),
      tapped: (place) => { this.panels.some((panel) => panel.tapped?.(place)); },
      drawn: (seq) => this.trace.drawn(seq),
    });
    this.degree = new DegreePanel(this.get("degree"), state, () => this.touched());
    this.kernels = new KernelPanel(this.get("kernel"), state, () => this.touched());
    this.table = new MinimaTable(this.get("minima"), this.get("minima-rows"), this.get("minima-note"));
    this.announcer = new Announcer(this.get("spoken"));
    this.lessons = new Lessons(this.get("lessons"), this.data.scenes, (number) => this.open(number));
    this.panels = [new CutPanel(this), new FamilyPanel(this), new DescentPanel(this), new PicturesPanel(this), new VariablesPanel(this), new TalkPanel(this)];
    this.listen();
    this.refresh();
  }

  /** figures of the drags so far: for the measurement of the budgets. */
  get timings(): Trace { return this.trace; }

  get kernel(): Kernel { return { law: this.state.kernel, convention: this.state.convention, alpha: this.state.alpha }; }
  private get blend(): Blend { return this.state.raw ? "raw" : this.state.split ? "split" : "smoothed"; }

  info(id = this.state.f): FunctionInfo | undefined { return this.data.functions.find((f) => f.id === id); }
  private sliceInfo(id = this.state.f): SliceInfo | undefined { return this.data.slices.find((s) => `slice:${s.id}` === id); }

  /** growth of f; the loss of a network of several layers outgrows every |x|^α with α < 2. */
  private get growth(): number { return this.info()?.growth ?? 2; }

  /** admit takes the Gaussian where f̂ does not exist under the kernel that was asked for: no link forces a false picture. */
  private admit(): void {
    if (!exists(this.kernel, this.growth)) this.state.kernel = "gaussian";
    if (this.state.dim > (this.info()?.most ?? 2)) this.state.dim = 2;
  }

  /** limit is the greatest δ of the picture: for a slice, that whose five standard deviations are still inside what was evaluated. */
  private get limit(): number {
    const info = this.info();
    if (info) return info.deltaMax;
    return this.network ? this.network.halo / (5 * (Number.isFinite(stdDev(this.kernel, 1)) ? stdDev(this.kernel, 1) : 1)) : Infinity;
  }

  private get magnification(): number { return this.network ? this.state.m || this.network.magnification || 1 : 1; }

  /** load puts the state's function into the worker and asks for it smoothed; a slice that was just chosen brings its own δ. */
  private async load(chosen = false): Promise<void> {
    const { state } = this, info = this.info(), slice = this.sliceInfo();
    this.sampled = this.frame = this.network = this.source = null;
    this.warn("");
    if (info && state.dim === 2) {
      this.take({ kind: "objective", id: info.id, lo: info.lo, hi: info.hi, halo: info.halo, n: state.n });
    } else {
      try {
        if (info) {
          const { f, dim, n } = state, field = await fetchPlane(info, write({ ...read("?split=0"), f, dim, n }), n);
          if (f !== state.f || dim !== state.dim || n !== state.n) return; // another one was chosen meanwhile
          this.take({ kind: "field", field, n });
        } else if (slice) {
          const network = await fetchSlice(slice);
          if (this.sliceInfo()?.id !== slice.id) return; // another function was chosen meanwhile
          this.network = network;
          if (chosen && network.delta) state.c = clamp(Number((state.c * (network.delta / this.delta)).toPrecision(3)), limits.c);
          const { z, raised } = finite(network), side = network.alphas.length;
          this.take({ kind: "slice", z, side, evaluated: network.viewHalfWidth + network.halo, halfWidth: network.viewHalfWidth, n: state.n });
          if (raised) this.warn(`${count(raised)} of ${count(z.length)} values of this slice are not finite and are drawn as the greatest finite one.`);
        }
      } catch (problem) {
        this.warn(problem instanceof Error ? problem.message : String(problem));
      }
    }
    this.ask();
    if (this.surface) this.refresh();
  }

  private take(source: Source): void {
    this.source = source;
    this.smoothing.load(source);
  }

  /** change takes a part of a new state to the picture, the controls and the link; f̂ is asked for anew only where the part moves it. */
  change(part: Partial<ViewState>): void {
    const before = { ...this.state }, differs = (...keys: (keyof ViewState)[]): boolean => keys.some((key) => before[key] !== this.state[key]);
    Object.assign(this.state, part);
    if (differs("yaw", "pitch", "zoom", "panx", "pany")) this.surface.camera = this.state;
    if (differs("f", "n", "dim")) {
      this.untouched = false;
      this.admit();
      void this.load();
    } else if (differs("eta", "b", "c", "kernel", "alpha", "convention", "m")) this.touched();
    else this.refresh();
  }

  setDelta(delta: number): void { this.degree.choose(delta * this.unit); }

  /** changed takes a new state to the worker, the controls and the link. */
  private changed(): void {
    this.ask();
    this.refresh();
  }

  private ask(): void { if (this.source) this.trace.asked(this.smoothing.smooth({ kernel: this.kernel, delta: this.drawn })); }

  private refresh(): void {
    const { state } = this;
    this.surface.axes = this.network ? { x: "α", y: "β", z: "L" } : { x: "x₁", y: "x₂", z: "f" };
    this.surface.blend = this.blend;
    this.surface.mode = state.view;
    this.surface.palette = state.palette;
    this.surface.logarithmic = state.log;
    this.get<HTMLInputElement>("log").checked = state.log;
    if (this.frame) put(this.get("picture-label"), words.label(this.seen()));
    this.controls();
    this.stage();
    this.beside();
    this.link();
  }

  private beside(): void { for (const panel of this.panels ?? []) panel.refresh(); }

  /** stage shows the open lesson, and the parts that the link leaves; for a class, and in a frame of another page, only δ and one slider. */
  private stage(): void {
    const { state, root } = this, control = this.lessons.scene(state.scene)?.control ?? "b", embedded = root.classList.contains("embedded");
    this.lessons.show(state.scene, state.present);
    document.documentElement.toggleAttribute("data-presenting", state.present && !embedded);
    this.get("present").setAttribute("aria-pressed", String(state.present));
    this.parts.show(state, embedded ? ["sentence", "delta", "tools", control] : state.present ? ["sentence", "delta", "tools", "lessons", control] : null);
    this.get("ratio").hidden = embedded || state.hide.some((h) => h === "eta" || h === "b");
  }

  /** open goes to a lesson; 0 keeps the picture and closes it. */
  private open(number: number): void {
    const { state } = this, scene = this.lessons.scene(number);
    if (scene) Object.assign(state, read(scene.query), { palette: state.palette, n: state.n, present: state.present, hide: state.hide });
    state.scene = number;
    this.untouched = false;
    if (scene) {
      this.surface.camera = state;
      this.admit();
      void this.load();
    } else this.refresh();
  }

  private present(on: boolean): void {
    this.state.present = on;
    this.refresh();
  }

  private touched(): void {
    this.untouched = false;
    this.changed();
  }

  get delta(): number { return degree(this.kernel, this.state.eta, this.state.b, this.state.c); }

  /** unit is the δ that the picture draws as 1. */
  get unit(): number { return this.network ? this.network.norms[0] / this.magnification : 1; }
  private get wanted(): number { return this.delta / this.unit; }
  get drawn(): number { return Math.min(this.wanted, this.limit); }

  private seen(): words.Seen {
    const { sampled, frame } = this;
    return {
      blend: this.blend, kernel: this.kernel, delta: this.delta, wanted: this.wanted, drawn: this.drawn, limit: this.limit, raw: sampled?.minima ?? [], smoothed: frame?.minima ?? [],
      domain: sampled ? [sampled.lo, sampled.hi] : [0, 1], mirrorMass: frame?.mirrorMass ?? 0, log: this.state.log, dim: this.info() ? this.state.dim : 2, pictures: this.state.pictures, slice: this.network !== null, magnification: this.magnification, untouched: this.untouched,
    };
  }

  /** words says what the picture shows, once it shows it. */
  private words(): void {
    const { sampled, frame } = this, raw = this.state.raw;
    if (!sampled || (!raw && !frame)) return;
    const seen = this.seen(), shown = raw ? sampled.minima : frame!.minima;
    put(this.get("count"), count(shown.length));
    put(this.get("count-of"), words.countOf(seen));
    put(this.get("sentence"), words.sentence(seen));
    put(this.get("caution"), words.caution(seen));
    put(this.get("picture-label"), words.label(seen));
    this.root.dataset.blend = this.blend;
    const [rawName, smoothName] = this.network ? ["L", "L smoothed"] : ["f", "f̂"];
    put(this.get("side-raw"), rawName!);
    put(this.get("side-smooth"), smoothName!);
    if (!frame?.coarse) { // what is told at leisure is told of all nodes
      this.root.dataset.seq = String(frame?.seq ?? 0);
      this.announcer.say(words.spoken(seen));
      this.table.show(shown, sampled.hi - sampled.lo);
    }
    this.get("surface").setAttribute("aria-label", `${this.network ? "Slice of a network's loss" : this.info()?.name ?? ""}, ${words.spoken(seen)}. Arrow keys turn it, plus and minus zoom.`);
    this.degree.show(this.kernel, words.spoken(seen));
  }

  private controls(): void {
    const { state } = this, info = this.info();
    this.degree.show(this.kernel, words.spoken(this.seen()));
    this.kernels.show(this.kernel, this.growth, info?.name ?? "the loss of a network");
    this.get<HTMLSelectElement>("function").value = state.f;
    this.get<HTMLSelectElement>("palette").value = state.palette;
    this.get<HTMLSelectElement>("nodes").value = String(state.n);
    for (const formula of this.root.querySelectorAll<HTMLElement>("[data-function]")) formula.hidden = formula.dataset.function !== state.f;
    this.fit();
    for (const radio of this.root.querySelectorAll<HTMLInputElement>("input[name=blend]")) radio.checked = radio.value === this.blend;
    for (const radio of this.root.querySelectorAll<HTMLInputElement>("input[name=view]")) radio.checked = radio.value === state.view;
    this.get("magnification-row").hidden = this.network === null;
    const field = this.get<HTMLInputElement>("magnification");
    if (document.activeElement !== field) field.value = digits(this.magnification);
    put(this.get("slice-facts"), this.network ? this.facts(this.network) : "");
  }

  /** fit writes a long formula smaller, so that it fits its line. */
  private fit(): void {
    const line = this.root.querySelector<HTMLElement>("[data-function]:not([hidden])");
    if (!line || line.style.fontSize !== "") return;
    const part = line.clientWidth / Math.max(1, line.scrollWidth);
    line.style.fontSize = `${Math.max(0.6, 0.95 * (part < 1 ? 0.97 * part : 1))}rem`;
  }

  private facts(network: NetworkSlice): string {
    const parts = [`δ in plot units is m·δ/‖d₁‖ = ${digits(this.wanted)}, with ‖d₁‖ = ${digits(network.norms[0])}; at m = 1 it is ${digits(this.delta / network.norms[0])}.`];
    if (network.lift) parts.push(`The true effect at m = 1 is mostly a lift: ${digits(network.lift.mean)} ± ${digits(network.lift.stdErr, 2)} at δ = ${digits(network.lift.delta)}.`);
    return parts.join(" ");
  }

  /** choose takes another function; C is scaled so that δ is the same part of its range, or the δ of the slice. */
  private choose(f: string): void {
    const { state } = this, part = Math.min(1, this.wanted / this.limit);
    this.untouched = false;
    state.f = f;
    state.m = 0;
    this.admit();
    const info = this.info();
    if (info && part > 0) state.c = clamp(Number((state.c * ((part * info.deltaMax) / this.delta)).toPrecision(2)), limits.c);
    void this.load(true);
  }

  private magnify(m: number): void {
    this.state.m = clamp(m, limits.m);
    this.changed();
  }

  private readout(probe: Probe | null): void {
    const line = this.get("readout");
    line.hidden = probe === null;
    for (const panel of this.panels) panel.probed?.(probe);
    if (!probe) return;
    const [x, y, f] = this.network ? ["α", "β", "L"] : ["x₁", "x₂", "f"];
    put(line, `${x} ${digits(probe.x)}  ${y} ${digits(probe.y)}   ${f} ${digits(probe.raw, 4)}  ${f}̂ ${digits(probe.smoothed, 4)}`);
  }

  /** link tells the panels, and keeps the address current unless one of them holds it. */
  private link(): void {
    const query = write(this.state), held = (this.panels ?? []).filter((panel) => panel.linked?.(query)).length > 0;
    this.links.keep(held);
  }

  warn(sentence: string): void { put(this.get("warning"), sentence); }

  private listen(): void {
    const { state } = this;
    this.get<HTMLSelectElement>("function").addEventListener("change", (e) => this.choose((e.target as HTMLSelectElement).value));
    this.get<HTMLSelectElement>("palette").addEventListener("change", (e) => { state.palette = (e.target as HTMLSelectElement).value as PaletteName; this.changed(); });
    this.get<HTMLSelectElement>("nodes").addEventListener("change", (e) => { state.n = sizes.find((n) => String(n) === (e.target as HTMLSelectElement).value) ?? 201; void this.load(); });
    for (const radio of this.root.querySelectorAll<HTMLInputElement>("input[name=blend]")) radio.addEventListener("change", () => this.show(radio.value as Blend));
    for (const radio of this.root.querySelectorAll<HTMLInputElement>("input[name=view]")) radio.addEventListener("change", () => { state.view = radio.value as Mode; this.changed(); });
    this.get("present").addEventListener("click", () => this.present(!state.present));
    this.get<HTMLInputElement>("log").addEventListener("change", (e) => this.change({ log: (e.target as HTMLInputElement).checked }));
    this.get("reset-view").addEventListener("click", () => this.home());
    const keys = this.get<HTMLDialogElement>("keys-dialog");
    this.get("keys").addEventListener("click", () => keys.showModal());
    const field = this.get<HTMLInputElement>("magnification");
    field.addEventListener("change", () => {
      const m = typed(field.value.replace(/^×/, ""));
      if (m !== null && m >= limits.m[0] && m <= limits.m[1]) this.magnify(m);
      else this.warn(`The magnification must be a number from ${digits(limits.m[0])} to ${digits(limits.m[1])}, found “${field.value.trim()}”. Still ×${digits(this.magnification)}.`);
    });
    this.get("magnification-one").addEventListener("click", () => this.magnify(1));
    this.get("magnification-own").addEventListener("click", () => { state.m = 0; this.changed(); });
    document.addEventListener("keydown", (e) => { if (!e.ctrlKey && !e.metaKey && !e.altKey && !typing(e.target) && this.key(e.key, e.shiftKey)) e.preventDefault(); });
    addEventListener("popstate", () => { Object.assign(state, read(location.search)); this.admit(); void this.load(); });
    addEventListener("resize", () => { for (const line of this.root.querySelectorAll<HTMLElement>("[data-function]")) line.style.fontSize = ""; this.fit(); });
    watchTheme(() => { this.surface.recolor(); for (const panel of this.panels) panel.recolor?.(); });
  }

  private show(blend: Blend): void {
    this.state.raw = blend === "raw";
    this.state.split = blend === "split";
    this.changed();
    this.words();
  }

  /** fill shows the picture, with its tools, on the full screen, or ends that. */
  private fill(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else this.root.querySelector(".picture")!.requestFullscreen().catch(() => this.warn("This browser does not allow the full screen here."));
  }

  private home(): void {
    Object.assign(this.state, restCamera);
    this.surface.camera = restCamera;
    this.link();
  }

  private key(key: string, shift: boolean): boolean {
    switch (key) {
      case "r": case "R": this.show(this.state.raw ? "smoothed" : "raw"); return true;
      case "s": case "S": this.show(this.blend === "split" ? "smoothed" : "split"); return true;
      case "m": case "M": case "3": this.state.view = this.state.view === "map" ? "surface" : "map"; this.changed(); return true;
      case "l": case "L": this.change({ log: !this.state.log }); return true;
      case "[": case "]": if (!this.state.lock.some((part) => part === "eta" || part === "delta")) this.degree.nudge(key === "]" ? 1.05 : 1 / 1.05); return true;
      case "1": if (this.network) { this.magnify(1); return true; } return false;
      case ".": this.lessons.step(1); return true;
      case ",": this.lessons.step(-1); return true;
      case "p": case "P": this.present(!this.state.present); return true;
      case "Escape": if (this.state.present) { this.present(false); return true; } return false;
      case "c": case "C": this.state.palette = this.state.palette === "viridis" ? "cividis" : "viridis"; this.changed(); return true;
      case "f": case "F": this.fill(); return true;
      case "?": this.get<HTMLDialogElement>("keys-dialog").showModal(); return true;
    }
    return this.panels.some((panel) => panel.key?.(key, shift));
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.root.querySelector<T>(`#${id}`)!; }
}

function clamp(v: number, [lo, hi]: readonly [number, number]): number { return Math.min(hi, Math.max(lo, v)); }

/** typing says whether a key belongs to a field that takes text. */
function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=range],[type=radio],[type=checkbox]), select, textarea, [contenteditable]");
}
