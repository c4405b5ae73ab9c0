// The five charts of a run. They share one x axis (updates or epochs), one zoom and one cursor.

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { LineChart, type ChartSpec, type Range } from "../chart/linechart";
import { Series, thin, type Abscissa, type Line } from "../chart/series";
import { count, digits, percent, tick } from "./format";
import type { RunLog } from "./log";

type Name = "loss" | "accuracy" | "schedule" | "noise" | "spread";

const specs: Record<Name, ChartSpec> = {
  loss: {
    axisFormat: tick,
    curves: [
      { label: "training, each batch", color: "--ink-1", scale: "left", width: 1, format: (v) => digits(v, 4) },
      { label: "test, each epoch", color: "--ink-2", scale: "left", width: 2, dash: [6, 3], dots: true, format: (v) => digits(v, 4) },
    ],
  },
  accuracy: {
    axisFormat: (v) => percent(v, 0),
    curves: [{ label: "test accuracy", color: "--ink-2", scale: "left", width: 2, dots: true, format: (v) => percent(v, 2) }],
  },
  schedule: {
    axisFormat: tick, rightFormat: tick, fromZero: true, right: { color: "--ink-2" },
    curves: [
      { label: "η", color: "--ink-1", scale: "left", width: 2, stepped: true, format: (v) => digits(v, 4) },
      { label: "b (right)", color: "--ink-2", scale: "right", width: 2, dash: [6, 3], stepped: true, format: count },
    ],
  },
  noise: {
    axisFormat: tick, rightFormat: tick, fromZero: true, right: { color: "--ink-2" },
    curves: [
      { label: "δ = ηC/√b", color: "--ink-3", scale: "left", width: 2, format: (v) => digits(v, 4) },
      { label: "η/√b (right)", color: "--ink-2", scale: "right", dash: [6, 3], stepped: true, format: (v) => digits(v, 4) },
    ],
  },
  spread: {
    axisFormat: tick, fromZero: true, band: { high: 2, low: 3, color: "--ink-1-faint" },
    curves: [
      { label: "C", color: "--ink-1", scale: "left", width: 2, format: (v) => digits(v, 4) },
      { label: "C + spread", color: "--ink-1", scale: "left", hidden: true, format: (v) => digits(v, 4) },
      { label: "C − spread", color: "--ink-1", scale: "left", hidden: true, format: (v) => digits(v, 4) },
    ],
  },
};

const pause = 200; // ms between two drawings of streaming data

export class RunCharts {
  private readonly charts = new Map<Name, { chart: LineChart; figure: HTMLElement }>();
  private by: Abscissa = "step";
  private zoom: Range | null = null;
  private marked: number | null = null; // a step
  private drawn = 0; // when
  private waiting = false;

  /** figures are the elements with data-chart; onZoom is told whether only a part of the run is in view. */
  constructor(private readonly log: RunLog, figures: Iterable<HTMLElement>, private readonly onZoom: (zoomed: boolean) => void) {
    for (const figure of figures) {
      const name = figure.dataset.chart as Name, host = figure.querySelector<HTMLElement>(".chart-host")!;
      const chart = new LineChart(host, figure.querySelector<HTMLElement>(".chart-legend")!, specs[name]);
      chart.onZoom = (range) => this.setZoom(range);
      chart.onMove = (by) => this.move(by);
      chart.onScale = (factor) => this.scale(factor);
      this.charts.set(name, { chart, figure });
    }
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.draw(); });
  }

  setAbscissa(by: Abscissa): void {
    if (by === this.by) return;
    if (this.zoom) { // keep looking at the same part of the run
      const s = this.log.trainLoss, at = (x: number): number => s.x(Math.min(s.length - 1, s.firstFrom(x, this.by)), by);
      const zoom = s.length > 1 ? { from: at(this.zoom.from), to: at(this.zoom.to) } : null;
      this.zoom = zoom && zoom.to > zoom.from ? zoom : null;
    }
    this.by = by;
    this.draw();
  }

  setLog(log: boolean): void {
    this.charts.get("loss")?.chart.setLog(log);
    this.draw();
  }

  setZoom(zoom: Range | null): void {
    this.zoom = zoom;
    this.onZoom(zoom !== null);
    this.draw();
  }

  /** mark draws a line across all charts at a step, or none: where the picture beside them stands. */
  mark(step: number | null): void {
    this.marked = step;
    const x = this.place(step);
    for (const { chart } of this.charts.values()) chart.mark(x);
  }

  /** place is where a step lies on the axis in use. */
  private place(step: number | null): number | null {
    const s = this.log.trainLoss;
    if (step === null || this.by === "step") return step;
    return s.length > 0 ? s.x(Math.min(s.length - 1, s.firstFrom(step, "step")), this.by) : null;
  }

  recolor(): void {
    for (const { chart } of this.charts.values()) chart.recolor();
  }

  /** refresh draws soon; calls in quick succession are one drawing. */
  refresh(): void {
    if (this.waiting || document.hidden) return;
    this.waiting = true;
    window.setTimeout(() => requestAnimationFrame(() => { this.waiting = false; this.draw(); }), Math.max(0, this.drawn + pause - performance.now()));
  }

  private whole(): Range {
    const s = this.log.trainLoss;
    const end = s.length > 0 ? s.x(s.length - 1, this.by) : 0;
    return { from: 0, to: Math.max(end, this.by === "step" ? 10 : 0.1) };
  }

  private move(by: number): void {
    if (!this.zoom) return;
    const whole = this.whole(), width = this.zoom.to - this.zoom.from;
    const from = Math.min(Math.max(whole.from, this.zoom.from + by * width), Math.max(whole.from, whole.to - width));
    this.setZoom({ from, to: from + width });
  }

  private scale(factor: number): void {
    const whole = this.whole(), now = this.zoom ?? whole;
    const middle = (now.from + now.to) / 2, half = Math.max((factor * (now.to - now.from)) / 2, this.by === "step" ? 1 : 0.01);
    const from = Math.max(whole.from, middle - half), to = Math.min(whole.to, middle + half);
    this.setZoom(from <= whole.from && to >= whole.to ? null : { from, to });
  }

  private draw(): void {
    this.drawn = performance.now();
    const { log, by } = this, range = this.zoom ?? this.whole();
    const line = (name: Name, series: Series): Line => thin(series, by, range.from, range.to, this.charts.get(name)!.chart.columns);
    // What holds until it changes is drawn to the end of the run.
    const held = (name: Name, series: Series): Line => {
      const l = line(name, series), s = log.trainLoss;
      if (l.x.length > 0 && s.length > 0) {
        const end = s.x(s.length - 1, by);
        if (end > l.x[l.x.length - 1]! && series.firstFrom(range.to, by) >= series.length) { l.x.push(end); l.y.push(l.y[l.y.length - 1]!); l.spread.push(null); }
      }
      return l;
    };
    this.show("loss", range, [line("loss", log.trainLoss), line("loss", log.testLoss)], [log.trainLoss, log.testLoss]);
    this.show("accuracy", range, [line("accuracy", log.testAccuracy)], [log.testAccuracy]);
    this.show("schedule", range, [held("schedule", log.learningRate), held("schedule", log.batchSize)], [log.learningRate]);
    this.show("noise", range, [line("noise", log.noiseLevel), held("noise", log.ratio)], [log.noiseLevel]);
    const c = line("spread", log.gradStdDev);
    const edge = (sign: number): Line => ({ ...c, y: c.y.map((y, i) => (y === null ? null : y + sign * (c.spread[i] ?? 0))) });
    this.mark(this.marked);
    this.show("spread", range, [c, edge(1), edge(-1)], [log.gradStdDev]);
  }

  private show(name: Name, range: Range, lines: Line[], sources: Series[]): void {
    const { chart, figure } = this.charts.get(name)!;
    const tables = lines.map((l): uPlot.AlignedData => [l.x, l.y]);
    const data = tables.length === 1 ? tables[0]! : uPlot.join(tables, tables.map(() => [0, 2] as [0, 2])); // 2: a null breaks the line
    const marks = sources.flatMap((s) => s.marks).map((m) => m[this.by]);
    chart.show(data, range, marks);
    figure.dataset.from = String(range.from);
    figure.dataset.to = String(range.to);
    const notFinite = sources.reduce((sum, s) => sum + s.notFinite, 0);
    const badge = figure.querySelector<HTMLElement>(".chart-count")!;
    badge.hidden = notFinite === 0;
    if (notFinite > 0) badge.textContent = `▼ ${count(notFinite)} ${notFinite === 1 ? "value is" : "values are"} not finite`;
    const sentence = figure.querySelector<HTMLElement>(".visually-hidden")!;
    sentence.textContent = sources.map((s, i) => summary(specs[name].curves[i]!, s)).join(" ");
  }
}

/** summary says in a sentence what a curve shows, for who cannot see it. */
function summary(curve: ChartSpec["curves"][number], series: Series): string {
  if (series.length === 0) return `${curve.label}: no value yet.`;
  const first = series.value(0), last = series.value(series.length - 1);
  const word = (v: number): string => (Number.isFinite(v) ? curve.format(v) : "not finite");
  return `${curve.label}: ${series.received} values from ${word(first)} to ${word(last)}, between ${word(series.low)} and ${word(series.high)}` +
    (series.notFinite > 0 ? `, ${series.notFinite} not finite.` : ".");
}
