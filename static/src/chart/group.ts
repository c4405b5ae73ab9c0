// Charts that belong together: one abscissa, one zoom, one cursor, one smoothing. Data that come in never move the zoom; what is out of
// it is not drawn, and what is in it is drawn as finely as the data allow.

import { count } from "../numbers";
import { abscissas } from "./abscissas";
import { MovingAverage } from "./average";
import { LineChart, type ChartSpec, type Curve, type Drawing, type Range } from "./linechart";
import type { Abscissa, Series } from "./series";
import type { Sheet } from "./sheet";
import { TwinTable } from "./table";
import { merge, thin, type Line, type View } from "./thin";

/** What one curve of a chart shows. */
export interface Source {
  series: Series;
  smooth?: boolean; // the slider smooths it
  held?: boolean; // it holds until the end of the run
  edge?: 1 | -1; // the value plus or minus its spread, for a band
  off?: () => boolean; // the reader has put the curve away
}

/** A chart: a source for each curve of the spec, in that order. */
export interface ChartPlan {
  title: string;
  spec: ChartSpec;
  sources: Source[];
}

/** How the reader wants to see the charts. */
export interface Choice {
  by: Abscissa;
  smoothing: number; // updates; 0: none
  logX: boolean;
  logY: boolean;
}

interface Member extends ChartPlan {
  chart: LineChart;
  figure: HTMLElement;
  averages: MovingAverage[];
  table: TwinTable;
}

const pause = 200; // ms between two drawings of streaming data
const rowsOfTable = 200;

export class ChartGroup {
  private readonly members = new Map<string, Member>();
  private choice: Choice = { by: "step", smoothing: 0, logX: false, logY: false };
  private zoom: Range | null = null;
  private marked: number | null = null; // a step
  private drawn = 0; // when
  private waiting = false;
  onZoom: (zoomed: boolean) => void = () => {};
  /** onLook is told which steps are in view, and in how many pixel columns, whenever the reader looks elsewhere. */
  onLook: (from: number, to: number, columns: number) => void = () => {};

  /**
   * figures are the elements with data-chart, as web/charttools.templ makes them; plans has one for each. clocks are the curves whose
   * points say where updates lie on each axis, and where it ends: of several, the longest. run names exported files.
   */
  constructor(figures: Iterable<HTMLElement>, plans: Record<string, ChartPlan>, private readonly clocks: () => readonly Series[], private readonly run: () => string) {
    for (const figure of figures) {
      const name = figure.dataset.chart!, plan = plans[name]!;
      const chart = new LineChart(figure.querySelector<HTMLElement>(".chart-host")!, figure.querySelector<HTMLElement>(".chart-legend")!, plan.spec);
      const reading = figure.querySelector<HTMLElement>(".chart-reading")!;
      chart.onZoom = (range) => this.setZoom(range);
      chart.onMove = (by) => this.move(by);
      chart.onScale = (factor) => this.scale(factor);
      chart.onRead = (sentence) => { reading.textContent = sentence; };
      const table = new TwinTable(figure.querySelector<HTMLDetailsElement>(".chart-data")!, () => this.sheet(name, rowsOfTable));
      this.members.set(name, { ...plan, chart, figure, table, averages: plan.sources.map((s) => new MovingAverage(s.series)) });
    }
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.draw(); });
  }

  /** charts are the names and titles, in the order of the page. */
  get charts(): { name: string; title: string }[] { return [...this.members].map(([name, { title }]) => ({ name, title })); }

  /** choose shows the charts another way; the same part of the run stays in view. */
  choose(choice: Choice): void {
    const before = this.choice;
    if (this.zoom && choice.by !== before.by) {
      const s = this.clock(), at = (x: number): number => s.x(Math.min(s.length - 1, s.firstFrom(x, before.by)), choice.by);
      const zoom = s.length > 1 ? { from: at(this.zoom.from), to: at(this.zoom.to) } : null;
      this.zoom = zoom && zoom.to > zoom.from ? zoom : null;
      this.onZoom(this.zoom !== null);
    }
    this.choice = { ...choice };
    this.draw();
  }

  setZoom(zoom: Range | null): void {
    this.zoom = zoom;
    this.onZoom(zoom !== null);
    this.draw();
    const view = this.view();
    this.onLook(this.stepAt(view.from), this.stepAt(view.to), this.columns);
  }

  /** mark draws a line across all charts at a step, or none: where the picture beside them stands. */
  mark(step: number | null): void {
    this.marked = step;
    const s = this.clock(), { by } = this.choice;
    const x = step === null || by === "step" ? step : s.length > 0 ? s.x(Math.min(s.length - 1, s.firstFrom(step, "step")), by) : null;
    for (const { chart } of this.members.values()) chart.mark(x);
  }

  recolor(): void {
    for (const { chart } of this.members.values()) chart.recolor();
  }

  /** refresh draws soon; calls in quick succession are one drawing. */
  refresh(): void {
    if (this.waiting || document.hidden) return;
    this.waiting = true;
    window.setTimeout(() => requestAnimationFrame(() => { this.waiting = false; this.draw(); }), Math.max(0, this.drawn + pause - performance.now()));
  }

  /** move goes by a part of the visible width, on a logarithmic axis by that part of its length. */
  move(by: number): void {
    if (!this.zoom) return;
    const { to, from, out } = this.ruler(), whole = this.whole(), low = to(whole.from), high = to(whole.to);
    const width = to(this.zoom.to) - to(this.zoom.from), start = Math.min(Math.max(low, from(this.zoom) + by * width), Math.max(low, high - width));
    this.setZoom({ from: out(start), to: out(start + width) });
  }

  /** scale shows more (above 1) or less around the middle. */
  scale(factor: number): void {
    const { to, from, out, log } = this.ruler(), whole = this.whole(), now = this.zoom ?? whole, least = log ? 0.01 : abscissas[this.choice.by].least;
    const middle = (from(now) + to(now.to)) / 2, half = Math.max((factor * (to(now.to) - from(now))) / 2, least / 2);
    const left = Math.max(to(whole.from), middle - half), right = Math.min(to(whole.to), middle + half);
    this.setZoom(left <= to(whole.from) && right >= to(whole.to) ? null : { from: out(left), to: out(right) });
  }

  /** ruler measures along the axis as it is drawn. */
  private ruler(): { to: (x: number) => number; from: (r: Range) => number; out: (x: number) => number; log: boolean } {
    const log = this.choice.logX, to = log ? Math.log : (x: number): number => x, out = log ? Math.exp : (x: number): number => x;
    const least = this.whole().from; // a zoom that was made on a linear axis may begin at 0
    return { to, out, log, from: (r) => to(log ? Math.max(r.from, least) : r.from) };
  }

  private clock(): Series {
    let longest = this.clocks()[0]!;
    for (const s of this.clocks()) if (s.length > 0 && (longest.length === 0 || s.step(s.length - 1) > longest.step(longest.length - 1))) longest = s;
    return longest;
  }

  private whole(): Range {
    const { by, logX } = this.choice;
    let end = abscissas[by].empty, begin = Infinity;
    for (const s of this.clocks()) {
      if (s.length === 0) continue;
      end = Math.max(end, s.x(s.length - 1, by));
      const first = s.firstFrom(Number.MIN_VALUE, by);
      if (first < s.length) begin = Math.min(begin, s.x(first, by));
    }
    if (logX) begin = Math.min(begin, end / 10);
    return { from: logX ? begin : 0, to: end };
  }

  private view(): View {
    const { by, logX } = this.choice, whole = this.whole();
    let { from, to } = this.zoom ?? whole;
    if (logX) { from = Math.max(from, whole.from); to = Math.max(to, 1.0001 * from); }
    return { by, from, to, log: logX };
  }

  private stepAt(x: number): number {
    const s = this.clock();
    return this.choice.by === "step" || s.length === 0 ? x : s.step(Math.min(s.length - 1, s.firstFrom(x, this.choice.by)));
  }

  private get columns(): number { return Math.max(100, ...[...this.members.values()].map((m) => m.chart.columns)); }

  private draw(): void {
    this.drawn = performance.now();
    const view = this.view();
    for (const member of this.members.values()) this.drawOne(member, view);
    this.mark(this.marked);
  }

  /** lines are what a chart's curves look like in a view. */
  private lines({ sources, averages }: Member, view: View, columns: number): Line[] {
    return sources.map((source, k) => {
      const { series } = source;
      if (source.off?.()) return { x: [], y: [], spread: [], smooth: [] };
      const line = thin(series, view, columns, source.smooth ? averages[k]!.over(this.choice.smoothing) : null);
      if (source.edge) line.y = line.y.map((y, i) => y + source.edge! * (Number.isFinite(line.spread[i]!) ? line.spread[i]! : 0));
      const s = this.clock();
      if (source.held && s.length > 0) hold(line, view, s.x(s.length - 1, view.by));
      return line;
    });
  }

  private drawOne(member: Member, view: View): void {
    const { chart, figure, spec, sources } = member, { by } = view, smoothing = this.choice.smoothing > 0, logY = this.choice.logY && !spec.linear;
    const lines = this.lines(member, view, chart.columns), curves = smoothing ? this.curves(member) : spec.curves;
    const unplaced: number[] = [];
    const shown = [...lines, ...(smoothing ? lines.filter((_, k) => sources[k]!.smooth).map((l) => ({ ...l, y: l.smooth })) : [])];
    if (logY) {
      shown.forEach((line, k) => {
        if (!line.y.some((y) => y <= 0)) return;
        if (k < sources.length && !sources[k]!.edge) line.x.forEach((x, i) => { if (line.y[i]! <= 0 && x >= view.from && x <= view.to) unplaced.push(x); });
        line.y = line.y.map((y) => (y <= 0 ? NaN : y));
      });
      unplaced.sort((a, b) => a - b);
    }
    const notFinite = distinct(sources.filter((s) => !s.off?.())).flatMap((s) => s.marks).map((m) => m[by]).sort((a, b) => a - b);
    const drawing: Drawing = { ...merge(shown), view, logY, notFinite, unplaced };
    chart.show(drawing, curves);
    figure.dataset.from = String(view.from);
    figure.dataset.to = String(view.to);
    this.words(member, unplaced.length, view);
    member.table.refresh();
  }

  /** curves are the raw ones, fainter where a smoothed one lies over them, and the smoothed ones. */
  private curves({ spec, sources }: Member): Curve[] {
    const raw = spec.curves.map((c, k): Curve => (sources[k]!.smooth ? { ...c, alpha: 0.4, width: 1 } : c));
    const smoothed = spec.curves.filter((_, k) => sources[k]!.smooth).map((c): Curve => ({ ...c, label: `${c.label}, smoothed`, width: 2.5, dots: false }));
    return [...raw, ...smoothed];
  }

  /** words are the counts beside the title, and the sentence for who cannot see the chart. */
  private words({ figure, sources, spec }: Member, unplaced: number, view: View): void {
    const notFinite = distinct(sources).reduce((sum, s) => sum + s.notFinite, 0), counts: string[] = [];
    if (notFinite > 0) counts.push(`▼ ${count(notFinite)} ${notFinite === 1 ? "value is" : "values are"} not finite`);
    if (unplaced > 0) counts.push(`▲ ${count(unplaced)} drawn ${unplaced === 1 ? "value" : "values"} of 0 or below ${unplaced === 1 ? "has" : "have"} no place on a logarithmic axis`);
    const early = view.log ? distinct(sources).reduce((sum, s) => sum + s.firstFrom(Number.MIN_VALUE, view.by), 0) : 0;
    if (early > 0) counts.push(`${count(early)} at 0 lie before a logarithmic axis`);
    const badge = figure.querySelector<HTMLElement>(".chart-count")!, text = counts.join(" · ");
    badge.hidden = text === "";
    if (badge.textContent !== text) badge.textContent = text;
    const smoothed = this.choice.smoothing > 0 && sources.some((s) => s.smooth) ? ` A smoothed line lies over it: an average over about ${count(this.choice.smoothing)} updates.` : "";
    const sentence = figure.querySelector<HTMLElement>(".chart-sentence")!, said = sources.map((s, k) => (s.off?.() ? "" : summary(spec.curves[k]!, s.series))).filter((text) => text !== "").join(" ") + smoothed;
    if (sentence.textContent !== said) sentence.textContent = said;
  }

  /** sheet is what a chart shows, as numbers: its visible range, on its axis, with at most `rows` rows where given. */
  sheet(name: string, rows = Infinity): Sheet {
    const member = this.members.get(name)!, view = this.view(), { spec, sources } = member;
    for (let columns = member.chart.columns; ; columns = Math.floor(0.6 * columns)) {
      const lines = this.lines(member, view, columns), titles: string[] = [], parts: { x: number[]; y: number[] }[] = [];
      const holes: Map<number, number>[] = [];
      lines.forEach((line, k) => {
        const inside = line.x.flatMap((x, i) => (x >= view.from && x <= view.to ? [i] : [])), x = inside.map((i) => line.x[i]!), { label } = spec.curves[k]!;
        const add = (title: string, y: number[]): void => {
          titles.push(title);
          parts.push({ x, y: inside.map((i) => y[i]!) });
          holes.push(new Map(sources[k]!.series.marks.map((m) => [m[view.by], m.value])));
        };
        add(label, line.y);
        if (this.choice.smoothing > 0 && sources[k]!.smooth) add(`${label}, smoothed over ${this.choice.smoothing} updates`, line.smooth);
      });
      const table = mergeCells(parts, holes);
      if (table.x.length > rows && columns > 4) continue;
      return {
        run: this.run(), chart: name, title: member.title, by: view.by, from: view.from, to: view.to, smoothing: this.choice.smoothing,
        thinned: distinct(sources).some((s) => s.received > s.length) || lines.some((l, k) => l.x.length < inView(sources[k]!.series, view)),
        x: table.x, columns: titles.map((title, k) => ({ title, values: table.columns[k]! })),
      };
    }
  }
}

/** hold draws a value that holds until the next one over all of the view, as far as the run goes: its scale shows what is in view. */
function hold(line: Line, { from, to }: View, end: number): void {
  const parts = [line.x, line.y, line.spread, line.smooth];
  while (line.x.length > 1 && line.x[line.x.length - 1]! > to) for (const part of parts) part.pop();
  if (line.x.length === 0) return;
  if (line.x[0]! < from) line.x[0] = from;
  if (line.x[line.x.length - 1]! >= Math.min(to, end)) return;
  for (const part of parts) part.push(part[part.length - 1]!);
  line.x[line.x.length - 1] = Math.min(to, end);
}

/** mergeCells is merge with the values that are not finite as they are: NaN or ±Infinity; undefined where a curve has no point. */
function mergeCells(parts: { x: number[]; y: number[] }[], holes: Map<number, number>[]): { x: number[]; columns: (number | undefined)[][] } {
  const { x, columns } = merge(parts.map((p) => ({ x: p.x, y: p.x.map((_, i) => i) })));
  return { x, columns: columns.map((c, k) => c.map((i, row) => (i === undefined || i === null ? undefined : Number.isNaN(parts[k]!.y[i]!) ? holes[k]!.get(x[row]!) ?? NaN : parts[k]!.y[i]!))) };
}

function inView(series: Series, view: View): number { return Math.max(0, series.firstFrom(view.to, view.by) - series.firstFrom(view.from, view.by)); }

function distinct(sources: readonly Source[]): Series[] { return [...new Set(sources.map((s) => s.series))]; }

/** summary says in a sentence what a curve shows, for who cannot see it. */
function summary(curve: Curve, series: Series): string {
  if (curve.hidden) return "";
  if (series.length === 0) return `${curve.label}: no value yet.`;
  const first = series.value(0), last = series.value(series.length - 1);
  const word = (v: number): string => (Number.isFinite(v) ? curve.format(v) : "not finite");
  return `${curve.label}: ${count(series.received)} values from ${word(first)} to ${word(last)}, between ${word(series.low)} and ${word(series.high)}` +
    (series.notFinite > 0 ? `, ${count(series.notFinite)} not finite.` : ".");
}
