// Where the runs ended, side by side: the newest slice of one run of each group, smoothed at its own δ, all with one magnification, one
// camera, one cursor and the same levels. At most four at once: a browser gives a page few WebGL contexts.

import { decodeSlice, type Slice } from "../protocol";
import { put } from "../explore/put";
import { count, digits } from "../numbers";
import { defaultMagnification, finiteGrid, plotDelta, readMagnification, smoothing } from "../run/plane";
import { Smoothing, type Frame, type Sampled } from "../smoothing";
import { roundStep } from "../surface/levels";
import { SurfaceView, type Camera } from "../surface/view";
import type { Comparison, ComparedRun, Group } from "./protocol";
import type { Look } from "./state";

const most = 4, nodes = 129; // web/compare.templ has so many figures

/** What one place of the row shows. */
interface Subject { group: Group; name: string; run: ComparedRun }

export class Landscapes {
  private readonly cells: Cell[];
  private news: Comparison | null = null;
  private look: Look | null = null;
  private seen = false;
  private m = 0; // in use

  /** changed is told what the reader changed of the look. */
  constructor(private readonly section: HTMLElement, changed: (part: Partial<Look>) => void) {
    this.cells = [...section.querySelectorAll<HTMLElement>(".landscape")].map((figure) => new Cell(figure, {
      ready: () => { this.level(); this.words(this.subjects()); },
      camera: (camera, from) => { for (const c of this.cells) if (c !== from && c.view) c.view.camera = camera; },
      cursor: (place) => { for (const c of this.cells) if (c.view) c.view.crosshair = place; },
    }));
    new IntersectionObserver((entries) => { if (entries.some((e) => e.isIntersecting) && !this.seen) { this.seen = true; this.draw(); } }, { rootMargin: "200px" }).observe(section);
    this.get<HTMLSelectElement>("landscape-seed").addEventListener("change", (e) => changed({ seed: (e.target as HTMLSelectElement).value }));
    const m = this.get<HTMLInputElement>("landscape-m");
    m.addEventListener("change", () => {
      const typed = m.value.trim() === "" ? 0 : readMagnification(m.value);
      m.setAttribute("aria-invalid", String(typed === null));
      if (typed !== null) changed({ m: typed });
    });
    this.get("landscape-raw").addEventListener("click", () => { if (this.look) changed({ raw: !this.look.raw }); });
    this.get("landscape-map").addEventListener("click", () => { if (this.look) changed({ map: !this.look.map }); });
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.section.querySelector<T>(`#${id}`)!; }

  show(news: Comparison, look: Look): void {
    this.news = news;
    this.look = look;
    this.get("landscape-raw").setAttribute("aria-pressed", String(look.raw));
    this.get("landscape-map").setAttribute("aria-pressed", String(look.map));
    const select = this.get<HTMLSelectElement>("landscape-seed"), seeds = [...new Set(news.runs.map((r) => r.seed))];
    if ([...select.options].map((o) => o.value).join() !== seeds.join()) select.replaceChildren(...seeds.map((s) => new Option(s, s)));
    select.value = seeds.includes(look.seed) ? look.seed : seeds[0] ?? "";
    select.parentElement!.hidden = seeds.length < 2;
    this.draw();
  }

  recolor(): void { for (const c of this.cells) c.view?.recolor(); }

  /** subjects are the runs to show: of each group that is not hidden the one with the seed, else its first. */
  private subjects(): Subject[] {
    const { news, look } = this, seed = this.get<HTMLSelectElement>("landscape-seed").value;
    if (!news || !look) return [];
    return news.groups.flatMap((group, index) => {
      const runs = news.runs.filter((r) => r.group === group.letter), run = runs.find((r) => r.seed === seed) ?? runs[0];
      return look.hide.includes(group.letter) || !run ? [] : [{ group, name: news.shown.names[index]!, run }];
    });
  }

  private draw(): void {
    const { look } = this, all = this.subjects(), shown = all.slice(0, most);
    if (!look) return;
    this.cells.forEach((c, i) => c.take(shown[i] ?? null, this.seen));
    this.level();
    this.words(all);
  }

  /** words say what is drawn, and what is not. */
  private words(all: readonly Subject[]): void {
    const { look } = this, shown = all.slice(0, most), without = shown.filter(({ run }) => !run.slice).length;
    const words = [look?.raw ? "Raw, not smoothed." : this.m > 0 ? `Each is smoothed at its own δ, all drawn ×${digits(this.m)}: slice smoothing, illustrative.` : ""];
    if (all.length > shown.length) words.push(`Only the first ${most} of ${all.length} groups are drawn: hide one above to see another.`);
    if (without > 0) words.push(`${without} ${without === 1 ? "has" : "have"} no slice yet: the first comes soon after a run's first checkpoint.`);
    put(this.get("landscape-note"), words.join(" "));
  }

  /** level gives all views the same heights, contours, magnification and kind of picture. */
  private level(): void {
    const { look } = this;
    if (!look) return;
    const drawn = this.cells.filter((c) => c.slice && !c.figure.hidden), slices = drawn.map((c) => c.slice!);
    if (slices.length === 0) return;
    this.m = look.m > 0 ? look.m : Math.min(...slices.map((s) => defaultMagnification(s, null)));
    const field = this.get<HTMLInputElement>("landscape-m");
    if (document.activeElement !== field) field.value = String(this.m);
    let low = Infinity, high = -Infinity;
    for (const { sampled } of drawn) if (sampled) { low = Math.min(low, sampled.range[0]); high = Math.max(high, sampled.range[1]); }
    for (const c of drawn) c.draw(look, this.m, high > low ? { range: [low, high], contour: roundStep(high - low, 24) } : null);
  }
}

interface Company { ready(): void; camera(camera: Camera, from: Cell): void; cursor(place: { x: number; y: number } | null): void }

/** One landscape of the row. */
class Cell {
  view: SurfaceView | null = null;
  slice: Slice | null = null;
  sampled: Sampled | null = null;
  private readonly said: HTMLElement;
  private smoother: Smoothing | null = null;
  private subject: Subject | null = null;
  private grid: Float64Array | null = null;
  private frame: Frame | null = null;
  private asked = ""; // run, step and level that were fetched last
  private wanted = ""; // the smoothing that was asked for last

  constructor(readonly figure: HTMLElement, private readonly company: Company) { this.said = this.find("p"); }

  private find(selector: string): HTMLElement { return this.figure.querySelector<HTMLElement>(selector)!; }

  /** take shows the run of a subject; once the row is seen it fetches its slice, where that is newer or finer than what is shown. */
  take(subject: Subject | null, seen: boolean): void {
    const before = this.subject?.run.id;
    this.subject = subject;
    this.figure.hidden = subject === null;
    if (!subject) return;
    if (before !== subject.run.id) { this.slice = this.sampled = this.frame = null; this.asked = ""; this.say(); }
    this.figure.dataset.run = subject.run.id;
    const { group, name, run } = subject;
    this.find("figcaption > span").innerHTML = name;
    put(this.find("small"), `seed ${run.seed}`);
    this.find("canvas").setAttribute("aria-label", `The landscape of ${group.label}, seed ${run.seed}. Arrow keys turn all landscapes, plus and minus zoom.`);
    const wanted = run.slice ? `${run.id} ${run.slice.step} ${run.slice.level}` : "";
    if (wanted === this.asked || !seen) return;
    this.asked = wanted;
    if (wanted !== "") void this.fetch(run.id, wanted); else this.say();
  }

  private async fetch(id: string, wanted: string): Promise<void> {
    try {
      const answer = await fetch(`/api/runs/${encodeURIComponent(id)}/slice`);
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      const slice = decodeSlice(await answer.json());
      if (this.asked !== wanted) return;
      this.slice = slice;
      this.grid = finiteGrid(slice).z;
      this.start();
      this.sampled = this.frame = null;
      this.wanted = "";
      this.smoother!.load({ kind: "slice", z: this.grid, side: slice.alphas.length, evaluated: slice.viewHalfWidth + slice.halo, halfWidth: slice.viewHalfWidth, n: nodes });
    } catch (cause) {
      if (this.asked !== wanted) return;
      this.asked = ""; // the next news tries again
      this.said.textContent = `Its slice cannot be shown now: ${String((cause as Error).message ?? cause)}`;
    }
  }

  private start(): void {
    if (this.view) return;
    this.view = new SurfaceView(this.find(".landscape-host"), {
      axes: { x: "α", y: "β", z: "L" },
      cameraMoved: (camera) => this.company.camera(camera, this),
      probed: (probe) => this.company.cursor(probe && { x: probe.x, y: probe.y }),
    });
    this.smoother = new Smoothing({
      sampled: (sampled) => { this.sampled = sampled; this.view!.sampled(sampled); this.company.ready(); },
      frame: (frame) => { this.frame = frame; this.view!.frame(frame); this.say(); },
      failed: (sentence) => { this.said.textContent = sentence; },
    });
  }

  draw(look: Look, m: number, scale: { range: readonly [number, number]; contour: number } | null): void {
    const { slice, view, sampled } = this;
    if (!slice || !view || !sampled) return;
    const delta = slice.delta, raw = look.raw || delta === null;
    view.mode = look.map ? "map" : "surface";
    view.blend = raw ? "raw" : "smoothed";
    view.scale = scale;
    if (delta !== null) {
      const smooth = smoothing(slice, "slice", "gaussian", delta, m, 0), wanted = smooth.delta.toPrecision(4);
      if (!raw && wanted !== this.wanted) { this.wanted = wanted; this.smoother!.smooth(smooth); }
    }
    this.say(raw, m);
  }

  private raw = false;
  private m = 1;

  /** say is the sentence below the picture. */
  private say(raw = this.raw, m = this.m): void {
    this.raw = raw;
    this.m = m;
    const { slice, subject, frame, sampled } = this;
    let text = subject?.run.slice ? "The slice is on its way." : "No slice yet.";
    if (slice) {
      const found = raw ? sampled?.minima.length : frame?.minima.length, delta = slice.delta;
      text = `Update ${count(slice.step)}` +
        (delta === null ? ", δ not known" : `, δ ${digits(delta)}${raw ? "" : `, drawn ${digits(plotDelta(slice, delta, m))} wide`}`) +
        (slice.loss === null ? "" : `; loss ${digits(slice.loss)} in the middle`) + (found === undefined ? "" : `; ${found} ${found === 1 ? "minimum" : "minima"} in view`) +
        (slice.level < slice.levels - 1 ? "; still coarse" : "") + ".";
    }
    put(this.said, text);
  }
}
