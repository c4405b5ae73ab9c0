// The charts of a comparison: a line for each group of runs, and around it the band of what its seeds do.

import { ChartGroup, type ChartPlan, type Source } from "../chart/group";
import type { ChartSpec, Curve } from "../chart/linechart";
import { Series } from "../chart/series";
import { count, percent, steady, tick, tickPercent } from "../numbers";
import type { Comparison, Curves, Group } from "./protocol";
import type { BandKind } from "./state";

interface Plan { title: string; of: "updates" | "epochs"; format: (v: number) => string; axis: (v: number) => string; more?: Partial<ChartSpec>; curve?: Partial<Curve>; smooth?: boolean }

const number = (v: number): string => steady(v, 4);

/** The figures of the page by name; web/compare.go says in which order. */
const plans: Record<string, Plan> = {
  testAccuracy: { title: "Test accuracy", of: "epochs", format: (v) => percent(v, 2), axis: tickPercent, more: { linear: true } },
  trainLoss: { title: "Training loss", of: "updates", format: number, axis: tick, smooth: true },
  testLoss: { title: "Test loss", of: "epochs", format: number, axis: tick },
  noiseLevel: { title: "Degree of smoothing δ", of: "updates", format: number, axis: tick, more: { fromZero: true }, smooth: true },
  temperature: { title: "η over b", of: "updates", format: number, axis: tick, more: { fromZero: true }, curve: { stepped: "back" } },
  gradStdDev: { title: "Gradient spread C", of: "updates", format: number, axis: tick, more: { fromZero: true }, smooth: true },
  learningRate: { title: "Learning rate η", of: "updates", format: number, axis: tick, more: { fromZero: true }, curve: { stepped: "back" } },
  batchSize: { title: "Batch size b", of: "updates", format: count, axis: tick, more: { fromZero: true }, curve: { stepped: "back" } },
};

interface Strand { mean: Series; low: Series; high: Series }

const capacity = 2048; // points of a curve: the server sends at most 512

export class CompareCharts {
  readonly group: ChartGroup;
  private readonly strands = new Map<string, Strand[]>(); // of each chart, one for each group
  private hidden: readonly string[] = [];

  constructor(figures: Iterable<HTMLElement>, first: Comparison, name: () => string) {
    const chartPlans: Record<string, ChartPlan> = {};
    for (const [chart, plan] of Object.entries(plans)) {
      const strands = first.groups.map((): Strand => ({ mean: new Series(capacity), low: new Series(capacity), high: new Series(capacity) }));
      this.strands.set(chart, strands);
      chartPlans[chart] = this.plan(plan, first.groups, strands);
    }
    const clocks = this.strands.get("batchSize")!.map((s) => s.mean);
    this.group = new ChartGroup(figures, chartPlans, () => clocks, name);
  }

  private plan(plan: Plan, groups: readonly Group[], strands: readonly Strand[]): ChartPlan {
    const curves: Curve[] = [], sources: Source[] = [], bands: NonNullable<ChartSpec["bands"]> = [];
    groups.forEach((g, i) => {
      const label = `${g.letter} ${g.label}`, off = (): boolean => this.hidden.includes(g.letter), { mean } = strands[i]!;
      curves.push({ label, color: `--ink-${g.ink}`, scale: "left", width: 2, letter: g.letter, ...(g.dash ? { dash: g.dash } : {}), ...plan.curve, format: plan.format });
      sources.push({ series: mean, off, ...(plan.smooth ? { smooth: true } : {}) });
    });
    groups.forEach((g, i) => {
      const off = (): boolean => this.hidden.includes(g.letter), { low, high } = strands[i]!;
      for (const [word, series] of [["band above", high], ["band below", low]] as const) {
        curves.push({ label: `${g.letter} ${g.label}, ${word}`, color: `--ink-${g.ink}`, scale: "left", hidden: true, ...plan.curve, format: plan.format });
        sources.push({ series, off });
      }
      bands.push({ high: curves.length - 1, low: curves.length });
    });
    return { title: plan.title, spec: { axisFormat: plan.axis, curves, bands, ...plan.more }, sources };
  }

  /** show takes the newest curves. hidden are letters of groups. */
  show(news: Comparison, band: BandKind, hidden: readonly string[]): void {
    this.hidden = hidden;
    for (const [chart, strands] of this.strands) {
      news.groups.forEach((g, i) => { if (strands[i]) fill(strands[i], g[plans[chart]!.of], chart, band); });
    }
    this.group.refresh();
  }
}

/** fill writes one quantity of a group into its three curves. */
function fill({ mean, low, high }: Strand, curves: Curves, name: string, kind: BandKind): void {
  for (const s of [mean, low, high]) s.clear();
  const band = curves.bands[name];
  if (!band) return;
  const lost = new Set(name === "trainLoss" || name === "testLoss" ? curves.lost : []);
  for (let i = 0; i < curves.step.length; i++) {
    const at = { step: curves.step[i]!, epoch: curves.epoch[i]!, samples: curves.samples[i]!, time: curves.seconds[i]! }, m = band.mean[i];
    if (lost.has(i)) { // the mean is that of the finite ones
      mean.marks.push({ ...at, value: NaN });
      mean.notFinite++;
    }
    if (m === null || m === undefined) continue;
    mean.push(at, m);
    if (kind === "none") continue;
    const sd = band.sd?.[i], least = band.min?.[i], most = band.max?.[i];
    if (kind === "sd" && typeof sd === "number") { low.push(at, m - sd); high.push(at, m + sd); }
    else if (kind === "range" && typeof least === "number" && typeof most === "number") { low.push(at, least); high.push(at, most); }
    else if (band.sd) { low.push(at, m); high.push(at, m); } // only one run has come so far: the band closes
  }
}
