// A line chart in a figure of the page: uPlot with the page's colors, which follow the theme; the width of its box; an x range that
// stays where it was put while data stream in; and marks at the top for values that are not finite.

import uPlot from "../vendor/uplot/uPlot.esm.js";

export interface Curve {
  label: string;
  color: string; // name of a CSS custom property, such as "--ink-1"
  scale: "left" | "right";
  dash?: number[];
  width?: number;
  stepped?: boolean; // the value holds until the next point
  dots?: boolean; // every point is drawn
  hidden?: boolean; // an edge of a band: not in the legend
  format: (value: number) => string;
}

export interface ChartSpec {
  curves: Curve[];
  band?: { high: number; low: number; color: string }; // 1-based curves, as uPlot counts
  right?: { color: string }; // there is a second y axis
  fromZero?: boolean;
  axisFormat: (value: number) => string;
  rightFormat?: (value: number) => string;
}

export type Range = { from: number; to: number };

const height = 190, compactHeight = 160; // CSS pixels, axes included

export class LineChart {
  private plot: uPlot | null = null;
  private data: uPlot.AlignedData = [[]];
  private range: Range = { from: 0, to: 1 };
  private marks: number[] = [];
  private marked: number | null = null;
  private log = false;
  private ink = new Map<string, string>();
  onZoom: (range: Range | null) => void = () => {}; // null: the whole run
  onMove: (by: number) => void = () => {}; // by that part of the visible width
  onScale: (factor: number) => void = () => {};

  constructor(private readonly host: HTMLElement, private readonly legendHost: HTMLElement, private readonly spec: ChartSpec) {
    new ResizeObserver(() => this.resize()).observe(host);
    host.addEventListener("keydown", (e) => this.key(e));
  }

  /** columns is the width of the drawing in device pixels: what data should be thinned for. */
  get columns(): number { return Math.max(100, Math.round(this.host.clientWidth)); }

  /** show draws data over range; marks are x places of values that are not finite. */
  show(data: uPlot.AlignedData, range: Range, marks: number[]): void {
    this.data = data;
    this.range = range;
    this.marks = marks;
    if (this.plot) this.plot.setData(data); else this.build();
  }

  setLog(log: boolean): void {
    if (log === this.log) return;
    this.log = log;
    this.build();
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
    this.plot = new uPlot(this.options(), this.data, this.host);
    const over = this.plot.over;
    over.addEventListener("dblclick", () => this.onZoom(null));
  }

  private options(): uPlot.Options {
    const { spec } = this;
    const axis = (): Partial<uPlot.Axis> => ({
      stroke: () => this.color("--chart-text"),
      font: "11px system-ui, sans-serif",
      grid: { stroke: () => this.color("--chart-grid"), width: 1 },
      ticks: { stroke: () => this.color("--chart-grid"), width: 1, size: 4 },
      gap: 3,
    });
    const vertical = (format: (v: number) => string): Partial<uPlot.Axis> => ({
      size: 50,
      values: (_, splits) => splits.map((v) => (v === null ? "" : format(v))),
    });
    const range: uPlot.Scale.Range = (_, low, high) => this.valueRange(low, high);
    return {
      ...this.size(),
      legend: { mount: (_, legend) => this.legendHost.replaceChildren(legend) },
      cursor: {
        drag: { x: true, y: false, setScale: false },
        sync: { key: "run" },
        points: { size: 6 },
        bind: { dblclick: () => () => null },
      },
      scales: {
        x: { time: false, range: () => [this.range.from, this.range.to] },
        left: { distr: this.log ? 3 : 1, range },
        ...(spec.right ? { right: { range } } : {}),
      },
      axes: [
        { ...axis(), size: 28, values: (_, splits) => splits.map((v) => v.toLocaleString("en")) },
        { ...axis(), ...vertical(spec.axisFormat), scale: "left" },
        ...(spec.right
          ? [{ ...axis(), ...vertical(spec.rightFormat ?? spec.axisFormat), scale: "right", side: 1 as const, grid: { show: false }, stroke: () => this.color(spec.right!.color) }]
          : []),
      ],
      series: [
        { label: "at", value: (_, v) => (v === null ? "–" : Number(v.toFixed(2)).toLocaleString("en")) },
        ...spec.curves.map((curve): uPlot.Series => ({
          label: curve.label,
          scale: curve.scale,
          stroke: curve.hidden ? "transparent" : () => this.color(curve.color),
          width: curve.hidden ? 0 : curve.width ?? 1.5,
          ...(curve.dash ? { dash: curve.dash } : {}),
          ...(curve.stepped ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
          points: curve.hidden ? { show: false } : curve.dots ? { show: (u, i) => few(u.data[i]!), size: 5 } : { size: 4 },
          ...(curve.hidden ? { class: "chart-edge" } : {}),
          value: (_, v) => (v === null || v === undefined ? "–" : curve.format(v)),
        })),
      ],
      ...(spec.band ? { bands: [{ series: [spec.band.high, spec.band.low] as [number, number], fill: () => this.color(spec.band!.color) }] } : {}),
      hooks: {
        setSelect: [(u) => {
          if (u.select.width < 4) return;
          const from = u.posToVal(u.select.left, "x"), to = u.posToVal(u.select.left + u.select.width, "x");
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (to > from) this.onZoom({ from, to });
        }],
        draw: [(u) => { this.drawMarks(u); this.drawMarked(u); }],
      },
    };
  }

  /** valueRange is what a y axis shows for data between low and high: a little more, from 0 where asked, never an empty interval. */
  private valueRange(low: number | null, high: number | null): uPlot.Range.MinMax {
    if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return this.log ? [0.1, 10] : [0, 1];
    if (this.log) {
      const least = low > 0 ? low : high / 1e6;
      return [least / 1.15, Math.max(high, least) * 1.15];
    }
    const pad = 0.06 * (high - low) || 0.1 * Math.abs(high) || 1;
    return [this.spec.fromZero && low >= 0 ? 0 : low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
  }

  private drawMarks(u: uPlot): void {
    if (this.marks.length === 0) return;
    const { ctx } = u, size = 5 * devicePixelRatio;
    ctx.save();
    ctx.fillStyle = this.color("--chart-alarm");
    let last = -Infinity;
    for (const x of this.marks) {
      const left = u.valToPos(x, "x", true);
      if (left < u.bbox.left - 1 || left > u.bbox.left + u.bbox.width + 1 || left - last < 2) continue;
      last = left;
      ctx.beginPath();
      ctx.moveTo(left - size, u.bbox.top);
      ctx.lineTo(left + size, u.bbox.top);
      ctx.lineTo(left, u.bbox.top + 1.6 * size);
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
    switch (e.key) {
      case "ArrowLeft": this.onMove(e.shiftKey ? -1 : -0.1); break;
      case "ArrowRight": this.onMove(e.shiftKey ? 1 : 0.1); break;
      case "+": case "=": this.onScale(0.5); break;
      case "-": this.onScale(2); break;
      case "Home": case "Escape": this.onZoom(null); break;
      default: return;
    }
    e.preventDefault();
  }
}

const mostDots = 80;

/** few: not more values than can be told apart as dots. */
function few(values: ArrayLike<number | null | undefined>): boolean {
  let count = 0;
  for (let i = 0; i < values.length && count <= mostDots; i++) if (values[i] !== null && values[i] !== undefined) count++;
  return count <= mostDots;
}
