// A line chart in a figure of the page: uPlot with the page's colors, which follow the theme; the width of its box; an x range that
// stays where it was put while data stream in; and marks for what a line cannot show: values that are not finite, at the top, and values
// that a logarithmic axis has no place for, at the bottom. It knows nothing of where data come from: ChartGroup feeds it.

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { axisFormat, valueFormat, splitLog, splitSeconds } from "./abscissas";
import { drawLetters } from "./letters";
import type { Cell, View } from "./thin";

export interface Curve {
  label: string;
  color: string; // name of a CSS custom property, such as "--ink-1"
  scale: "left" | "right";
  dash?: number[];
  width?: number;
  alpha?: number;
  stepped?: boolean | "back"; // the value holds until the next point, or since the one before
  dots?: boolean; // every point is drawn
  hidden?: boolean; // an edge of a band: not in the legend
  letter?: string; // stands at the end of the line, by which it is told apart without its color
  format: (value: number) => string;
}

export interface ChartSpec {
  curves: Curve[];
  bands?: { high: number; low: number }[]; // 1-based curves, as uPlot counts, of one color
  right?: { color: string }; // there is a second y axis
  fromZero?: boolean;
  linear?: boolean; // never on a logarithmic y axis
  axisFormat: (value: number) => string;
  rightFormat?: (value: number) => string;
}

export type Range = { from: number; to: number };

/** What a chart shows: a table with a column for each curve, over a view. */
export interface Drawing {
  x: number[];
  columns: Cell[][];
  view: View;
  logY: boolean;
  notFinite: number[]; // x places
  unplaced: number[]; // x places of values that the logarithmic y axis has no place for
}

const height = 190, compactHeight = 160; // CSS pixels, axes included
const axisFont = "11px system-ui, sans-serif";

export class LineChart {
  private plot: uPlot | null = null;
  private drawing: Drawing = { x: [], columns: [], view: { by: "step", from: 0, to: 1 }, logY: false, notFinite: [], unplaced: [] };
  private curves: readonly Curve[];
  private marked: number | null = null;
  private reading: number | null = null; // index of the point that is being read
  private ink = new Map<string, string>();
  onZoom: (range: Range | null) => void = () => {}; // null: the whole run
  onMove: (by: number) => void = () => {}; // by that part of the visible width
  onScale: (factor: number) => void = () => {};
  onRead: (sentence: string) => void = () => {}; // what stands at the cursor of the keyboard; "" when the reading ends

  constructor(private readonly host: HTMLElement, private readonly legendHost: HTMLElement, private readonly spec: ChartSpec) {
    this.curves = spec.curves;
    new ResizeObserver(() => this.resize()).observe(host);
    host.addEventListener("keydown", (e) => this.key(e));
    host.addEventListener("blur", () => this.read(null));
  }

  /** columns is the width of the drawing in device pixels: what data should be thinned for. */
  get columns(): number { return Math.max(100, Math.round(this.host.clientWidth)); }

  /** show draws; curves are the spec's, perhaps with more behind them, one for each column. */
  show(drawing: Drawing, curves: readonly Curve[] = this.spec.curves): void {
    const before = this.drawing;
    const same = before.view.by === drawing.view.by && before.view.log === drawing.view.log && before.logY === drawing.logY && sameCurves(this.curves, curves);
    this.drawing = drawing;
    this.curves = curves;
    if (this.plot && same) this.plot.setData(this.data()); else this.build();
    if (this.reading !== null) this.read(Math.min(this.reading, drawing.x.length - 1), false);
  }

  /** mark draws a vertical line at x, or none: the place in the run that something else on the page shows. */
  mark(x: number | null): void {
    if (x === this.marked) return;
    this.marked = x;
    this.plot?.redraw(false, false);
  }

  /** recolor reads the theme's colors again. */
  recolor(): void {
    this.ink.clear();
    this.plot?.redraw(false, true);
  }

  private color(name: string): string {
    let value = this.ink.get(name);
    if (value === undefined) {
      value = getComputedStyle(this.host).getPropertyValue(name).trim() || "currentColor";
      this.ink.set(name, value);
    }
    return value;
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(120, this.host.clientWidth), height: this.host.clientWidth < 420 ? compactHeight : height };
  }

  private resize(): void {
    const { width, height } = this.size();
    if (this.plot && (this.plot.width !== width || this.plot.height !== height)) this.plot.setSize({ width, height });
  }

  private build(): void {
    this.plot?.destroy();
    this.legendHost.replaceChildren();
    this.plot = new uPlot(this.options(), this.data(), this.host);
    const over = this.plot.over;
    over.addEventListener("dblclick", () => this.onZoom(null));
  }

  private data(): uPlot.AlignedData { return [this.drawing.x, ...this.drawing.columns] as uPlot.AlignedData; }

  private options(): uPlot.Options {
    const { spec, curves } = this, { view: { by, log }, logY } = this.drawing;
    const distr = (logarithmic?: boolean): 1 | 3 => (logarithmic ? 3 : 1);
    const axis = (): Partial<uPlot.Axis> => ({
      stroke: () => this.color("--chart-text"),
      font: axisFont,
      grid: { stroke: () => this.color("--chart-grid"), width: 1 },
      ticks: { stroke: () => this.color("--chart-grid"), width: 1, size: 4 },
      gap: 3,
    });
    const round = (log?: boolean): Partial<uPlot.Axis> => (log ? { splits: (_, __, low, high) => splitLog(low, high) } : {});
    const vertical = (format: (v: number) => string): Partial<uPlot.Axis> => ({
      size: 50, ...round(logY),
      values: (_, splits) => splits.map((v) => (v === null ? "" : format(v))),
    });
    const range: uPlot.Scale.Range = (_, low, high) => this.valueRange(low, high);
    return {
      ...this.size(),
      legend: {
        mount: (_, legend) => this.legendHost.replaceChildren(legend),
        // A piece of the line itself, dashes and all; by name, so that it follows the theme.
        markers: { width: 1, stroke: (_, i) => `var(${curves[i - 1]?.color ?? "--chart-text"})`, fill: () => "transparent", dash: (_, i) => (curves[i - 1]?.dash ? "dashed" : "solid") },
      },
      cursor: {
        drag: { x: true, y: false, setScale: false },
        sync: { key: "run" },
        points: { size: 6 },
        bind: { dblclick: () => () => null },
      },
      scales: {
        x: { time: false, distr: distr(log), range: () => [this.drawing.view.from, this.drawing.view.to] },
        left: { distr: distr(logY), range },
        ...(spec.right ? { right: { distr: distr(logY), range } } : {}),
      },
      axes: [
        {
          ...axis(), size: 28, space: (_, __, ___, high) => (by === "time" || high >= 1e5 ? 70 : 50), ...(by === "time" && !log ? { incrs: splitSeconds } : {}), ...round(log),
          values: (_, splits) => splits.map((v) => (v === null ? "" : axisFormat(by, v))),
        },
        { ...axis(), ...vertical(spec.axisFormat), scale: "left" },
        ...(spec.right
          ? [{ ...axis(), ...vertical(spec.rightFormat ?? spec.axisFormat), scale: "right", side: 1 as const, grid: { show: false }, stroke: () => this.color(spec.right!.color) }]
          : []),
      ],
      series: [
        { label: "at", value: (_, v) => (v === null ? "–" : valueFormat(by, v)) },
        ...curves.map((curve): uPlot.Series => ({
          label: curve.label,
          scale: curve.scale,
          stroke: curve.hidden ? "transparent" : () => this.color(curve.color),
          width: curve.hidden ? 0 : curve.width ?? 1.5,
          ...(curve.alpha ? { alpha: curve.alpha } : {}),
          ...(curve.dash ? { dash: curve.dash } : {}),
          ...(curve.stepped ? { paths: uPlot.paths.stepped!({ align: curve.stepped === "back" ? -1 : 1 }) } : {}),
          points: curve.hidden ? { show: false } : curve.dots ? { show: (u, i) => few(u.data[i]!), size: 5 } : { size: 4 },
          ...(curve.hidden ? { class: "chart-edge" } : {}),
          value: (_, v) => (v === null || v === undefined ? "–" : curve.format(v)),
        })),
      ],
      bands: (spec.bands ?? []).map(({ high, low }) => ({ series: [high, low] as [number, number], fill: () => faint(this.color(spec.curves[low - 1]!.color)) })),
      hooks: {
        setSelect: [(u) => {
          if (u.select.width < 4) return;
          const from = u.posToVal(u.select.left, "x"), to = u.posToVal(u.select.left + u.select.width, "x");
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (to > from) this.onZoom({ from, to });
        }],
        draw: [(u) => { drawLetters(u, curves, (name) => this.color(name)); this.drawMarks(u); this.drawMarked(u); }],
      },
    };
  }

  /** valueRange is what a y axis shows for data between low and high: a little more, from 0 where asked, never an empty interval. */
  private valueRange(low: number | null, high: number | null): uPlot.Range.MinMax {
    const { logY } = this.drawing;
    if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return logY ? [0.1, 10] : [0, 1];
    if (logY) {
      const least = low > 0 ? low : high / 1e6;
      return [least / 1.15, Math.max(high, least) * 1.15];
    }
    const pad = 0.06 * (high - low) || 0.1 * Math.abs(high) || 1;
    return [this.spec.fromZero && low >= 0 ? 0 : low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
  }

  private drawMarks(u: uPlot): void {
    this.triangles(u, this.drawing.notFinite, u.bbox.top, 1);
    this.triangles(u, this.drawing.unplaced, u.bbox.top + u.bbox.height, -1);
  }

  /** triangles point away from an edge of the picture at each x in view. */
  private triangles(u: uPlot, places: number[], edge: number, way: 1 | -1): void {
    if (places.length === 0) return;
    const { ctx } = u, size = 5 * devicePixelRatio;
    ctx.save();
    ctx.fillStyle = this.color(way > 0 ? "--chart-alarm" : "--chart-text");
    let last = -Infinity;
    for (const x of places) {
      if (this.drawing.view.log && x <= 0) continue;
      const left = u.valToPos(x, "x", true);
      if (left < u.bbox.left - 1 || left > u.bbox.left + u.bbox.width + 1 || left - last < 2) continue;
      last = left;
      ctx.beginPath();
      ctx.moveTo(left - size, edge);
      ctx.lineTo(left + size, edge);
      ctx.lineTo(left, edge + way * 1.6 * size);
      ctx.fill();
    }
    ctx.restore();
  }

  private drawMarked(u: uPlot): void {
    if (this.marked === null) return;
    const { ctx, bbox } = u, left = Math.round(u.valToPos(this.marked, "x", true));
    if (left < bbox.left || left > bbox.left + bbox.width) return;
    const size = 4 * devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = this.color("--accent");
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath(); // a handle below, so that the line is told from the cursor's by its form too
    ctx.arc(left, bbox.top + bbox.height, size, 0, 2 * Math.PI);
    ctx.fill();
    ctx.restore();
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (this.reading !== null ? !this.readingKey(e, this.reading) : !this.viewKey(e)) return;
    e.preventDefault();
    e.stopPropagation();
  }

  private viewKey(e: KeyboardEvent): boolean {
    switch (e.key) {
      case "ArrowLeft": this.onMove(e.shiftKey ? -1 : -0.1); break;
      case "ArrowRight": this.onMove(e.shiftKey ? 1 : 0.1); break;
      case "+": case "=": this.onScale(0.5); break;
      case "-": this.onScale(2); break;
      case "Home": case "Escape": this.onZoom(null); break;
      case "Enter": this.read(this.inView()[1]); break;
      default: return false;
    }
    return true;
  }

  /** readingKey goes from point to point. */
  private readingKey(e: KeyboardEvent, at: number): boolean {
    const [first, last] = this.inView(), step = e.shiftKey ? 10 : 1;
    switch (e.key) {
      case "ArrowLeft": this.read(Math.max(first, at - step)); break;
      case "ArrowRight": this.read(Math.min(last, at + step)); break;
      case "Home": this.read(first); break;
      case "End": this.read(last); break;
      case "+": case "=": this.onScale(0.5); break;
      case "-": this.onScale(2); break;
      case "Enter": case "Escape": this.read(null); break;
      default: return false;
    }
    return true;
  }

  /** inView is the first and the last row between the ends of the view; the last is less where there is none. */
  private inView(): [number, number] {
    const { x, view } = this.drawing;
    let first = 0, last = x.length - 1;
    while (first < x.length && x[first]! < view.from) first++;
    while (last >= 0 && x[last]! > view.to) last--;
    return [first, last];
  }

  /** read puts the cursor at a row and says what stands there; null ends the reading. */
  private read(row: number | null, aloud = true): void {
    const plot = this.plot, [first, last] = this.inView();
    if (row === null || !plot || last < first) {
      if (this.reading === null) return;
      this.reading = null;
      if (plot) point(plot, -10, -10);
      this.onRead("");
      return;
    }
    this.reading = Math.min(last, Math.max(first, row));
    const { x, columns, view } = this.drawing, here = x[this.reading]!;
    point(plot, plot.valToPos(here, "x"), plot.over.clientHeight / 2);
    if (!aloud) return;
    const words = this.curves.flatMap((curve, k) => {
      const v = columns[k]?.[this.reading!];
      return curve.hidden || v === undefined ? [] : [`${curve.label} ${v === null ? "not shown: no finite value for this axis" : curve.format(v)}`];
    });
    this.onRead(`${valueFormat(view.by, here, true)}: ${words.join(", ")}`);
  }
}

/** point puts the cursor somewhere, on this chart and on those that share it. */
function point(plot: uPlot, left: number, top: number): void {
  (plot.setCursor as (place: { left: number; top: number }, tell: boolean, share: boolean) => void)({ left, top }, true, true); // the vendored types leave the last one out
}

/** sameCurves: one drawing can go on where the other was. */
function sameCurves(a: readonly Curve[], b: readonly Curve[]): boolean {
  return a === b || (a.length === b.length && a.every((curve, i) => {
    const other = b[i]!;
    return curve.label === other.label && curve.color === other.color && curve.alpha === other.alpha && curve.width === other.width && String(curve.dash) === String(other.dash);
  }));
}

/** faint is a color as CSS computes it, rgb(…), with little cover. */
function faint(color: string): string { return color.replace(/^rgb\((.*)\)$/, "rgba($1, 0.17)"); }

const mostDots = 80;

/** few: not more values than can be told apart as dots. */
function few(values: ArrayLike<number | null | undefined>): boolean {
  let count = 0;
  for (let i = 0; i < values.length && count <= mostDots; i++) if (values[i] !== null && values[i] !== undefined) count++;
  return count <= mostDots;
}
