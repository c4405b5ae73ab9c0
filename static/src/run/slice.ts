// The live slice: the landscape around a run's newest checkpoint, smoothed at the run's own δ, and everything that is said about it.

import type { Slice } from "../protocol";
import { count, digits, percent, withError } from "./format";
import type { Smooth } from "../smoothing";
import type { RunLog } from "./log";
import { defaultMagnification, finiteGrid, plotDelta, readMagnification, smoothing, zoomHalfWidth, type Law, type Picture } from "./plane";
import { SliceStage, type Found } from "./stage";

const labels: Record<Picture, string> = {
  slice: "slice smoothing (illustrative): the picture convolved in its plane",
  projected: "projected: the picture convolved with what the kernel leaves in this plane",
};

/** A slice of a small network: server/sliceplan.go leaves out what a larger one would take too long for. */
const usualImages = 512, usualLevels = 4;

export class SlicePanel {
  private slice: Slice | null = null;
  private m = 1;
  private typed = false; // the reader chose m; else it follows the run's first δ
  private picture: Picture = "slice";
  private law: Law = "gaussian";
  private raw = false;
  private zoomed = false;
  private stage: SliceStage | null = null;
  private found: Found | null = null;
  private grid: ReturnType<typeof finiteGrid> | null = null;
  private readonly input: HTMLInputElement;

  constructor(private readonly page: HTMLElement, private readonly log: RunLog) {
    this.input = this.get<HTMLInputElement>("slice-m");
    this.input.addEventListener("change", () => this.read());
    this.get("slice-controls").addEventListener("submit", (e) => { e.preventDefault(); this.read(); });
    this.get("slice-m-one").addEventListener("click", () => this.magnify(1));
    this.get("slice-m-default").addEventListener("click", () => this.byFirst());
    this.get("slice-raw").addEventListener("click", () => { this.raw = !this.raw; this.draw(); });
    this.get("slice-zoom").addEventListener("click", () => { this.zoomed = !this.zoomed; this.draw(); });
    this.choice<Picture>("picture", (value) => { this.picture = value; this.draw(); });
    this.choice<Law>("kernel", (value) => { this.law = value; this.draw(); });
    this.choice<"surface" | "map">("view", (value) => this.stage?.flatten(value === "map"));
  }

  /** show takes a newer slice, or a finer one of the same checkpoint. */
  show(slice: Slice): void {
    this.slice = slice;
    this.grid = finiteGrid(slice);
    if (!this.typed) this.m = defaultMagnification(slice, this.log.firstNoiseLevel);
    this.get("slice-empty").hidden = true;
    this.get("slice-body").hidden = false;
    if (!this.stage) {
      this.stage = new SliceStage(this.get("slice-view"), (found) => { this.found = found; this.words(); }, (sentence) => this.fail(sentence));
      if (this.page.querySelector<HTMLInputElement>("input[name=view]:checked")?.value === "map") this.stage.flatten(true);
    }
    this.draw();
  }

  /** noise follows the run's δ. */
  noise(): void {
    if (!this.slice) return;
    if (!this.typed) this.m = defaultMagnification(this.slice, this.log.firstNoiseLevel);
    this.draw();
  }

  clear(): void {
    this.slice = null;
    this.found = null;
    this.get("slice-empty").hidden = false;
    this.get("slice-body").hidden = true;
  }

  recolor(): void { this.stage?.recolor(); }

  /** key does what a key of the panel means, and says whether it meant anything. */
  key(key: string): boolean {
    if (!this.slice) return false;
    switch (key) {
      case "1": this.magnify(1); return true;
      case "0": this.byFirst(); return true;
      case "r": case "R": this.get("slice-raw").click(); return true;
      case "z": case "Z": this.get("slice-zoom").click(); return true;
    }
    return false;
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

  private read(): void {
    const m = readMagnification(this.input.value), problem = this.get("slice-m-problem");
    problem.hidden = m !== null;
    this.input.setAttribute("aria-invalid", String(m === null));
    if (m === null) problem.textContent = `The magnification must be a number above 0, found “${this.input.value.trim()}”. Still ×${this.m}.`;
    else this.magnify(m);
  }

  private magnify(m: number): void {
    this.typed = true;
    this.m = m;
    this.get("slice-m-problem").hidden = true;
    this.input.setAttribute("aria-invalid", "false");
    this.input.value = String(m);
    this.draw();
  }

  private byFirst(): void {
    if (!this.slice) return;
    this.magnify(defaultMagnification(this.slice, this.log.firstNoiseLevel));
    this.typed = false;
  }

  /** delta is the run's δ now, or, before the log has one, that of the slice's checkpoint. */
  private delta(): number | null {
    const now = this.log.scheduled?.noiseLevel;
    return now !== undefined && Number.isFinite(now) ? now : this.slice?.delta ?? null;
  }

  private smooth(): Smooth | null {
    const delta = this.delta(), d = this.log.started?.parameters ?? 0;
    if (!this.slice || delta === null || (this.picture === "projected" && d === 0)) return null;
    return smoothing(this.slice, this.picture, this.law, delta, this.m, d);
  }

  private draw(): void {
    const { slice } = this;
    if (!slice || !this.stage) return;
    if (document.activeElement !== this.input) this.input.value = String(this.m);
    this.get("slice-raw").setAttribute("aria-pressed", String(this.raw));
    this.get("slice-zoom").setAttribute("aria-pressed", String(this.zoomed));
    const smooth = this.smooth();
    this.stage.show({
      slice, grid: this.grid!.z,
      smooth: this.raw ? null : smooth,
      halfWidth: this.zoomed && smooth ? zoomHalfWidth(slice, smooth) : slice.viewHalfWidth,
    });
    this.words();
  }

  private words(): void {
    const { slice } = this;
    if (!slice) return;
    const delta = this.delta(), kernel = this.smooth(), smoothed = !this.raw && kernel !== null;
    const n = slice.alphas.length, evaluated = 1 + slice.halo / slice.viewHalfWidth;
    put(this.get("slice-label"), this.raw ? "raw: the loss as it was evaluated" : delta === null ? "raw: δ is not known yet, because C is not" : labels[this.picture]);
    const law = this.law === "gaussian" ? "Gaussian" : "uniform ball";
    const written = kernel && delta !== null
      ? this.picture === "slice"
        ? `δ = ${digits(delta)}, drawn ×${this.m}: ${digits(plotDelta(slice, delta, this.m))} (${law}, vector convention)`
        : `δ = ${digits(delta)}, drawn ×${this.m}: ${digits(kernel.delta)} standard deviation per axis (δ/√${this.law === "gaussian" ? "d" : "(d+2)"}, ${law})`
      : "";
    put(this.get("slice-caption"), `${smoothed ? written : "raw, not smoothed"} · update ${count(slice.step)}`);
    put(this.get("slice-level"), `${n} × ${n} points (level ${slice.level + 1} of ${slice.levels}) over ±${digits(evaluated * slice.viewHalfWidth)}, ${count(slice.images)} images, at update ${count(slice.step)}`);
    put(this.get("slice-minima"), this.found === null ? "–" : count(this.found.minima));
    put(this.get("slice-lift"), slice.lift ? `${withError(slice.lift.mean, slice.lift.stdErr)} at δ = ${digits(slice.lift.delta)} (${count(slice.lift.pairs)} pairs)` : "not measured yet");
    put(this.get("slice-delta"), delta === null ? "not known yet" : `m·δ/‖d₁‖ = ${digits(plotDelta(slice, delta, this.m))}; ${digits(plotDelta(slice, delta, 1))} at m = 1`);
    put(this.get("slice-sentence"), this.sentence(slice, smoothed));
    this.link();
  }

  private sentence(slice: Slice, smoothed: boolean): string {
    const parts = [`L(θ + α·d₁ + β·d₂) around update ${count(slice.step)}, both directions filter-normalised, ‖d₁‖ = ${digits(slice.norms[0])}.`];
    const finest = 6 * 2 ** (slice.levels - 1) + 1;
    if (slice.images < usualImages || slice.levels < usualLevels) {
      parts.push(`This network is large, so the picture is coarse: ${count(slice.images)} images behind each loss and at most ${finest} × ${finest} points.`);
    }
    if (slice.loss !== null) parts.push(`The loss at the center is ${digits(slice.loss, 4)}.`);
    const replaced = this.grid?.replaced ?? 0;
    if (replaced > 0) parts.push(`${count(replaced)} of ${count(slice.z.length)} points ${replaced === 1 ? "is" : "are"} not finite and drawn as the largest finite one.`);
    if (smoothed && this.found && this.found.mirrorMass > 1e-4) {
      parts.push(`${percent(this.found.mirrorMass)} of the kernel reaches past the evaluated plane, where the picture is mirrored.`);
    }
    if (this.zoomed) parts.push("Zoomed to ±8δ; between the evaluated points the picture is interpolated.");
    return parts.join(" ");
  }

  private link(): void {
    const link = this.get<HTMLAnchorElement>("slice-figure"), query = new URLSearchParams();
    query.set("m", String(this.m));
    query.set("kernel", this.law);
    query.set("convention", "vector");
    if (this.picture === "projected") query.set("picture", "projected");
    if (this.raw) query.set("raw", "1");
    const href = `${this.page.dataset.figure}?${query}`;
    if (link.getAttribute("href") !== href) link.setAttribute("href", href);
  }
}

function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
