// A run's curves as the server keeps them: the whole in few points, and any part of it as finely as it was logged. So the page holds a
// bounded number of points of a run of any length, and reads the part that is looked at when somebody looks.

import { Series, type Place } from "../chart/series";
import { decodeNumbers, number, type Update } from "../protocol";
import type { EpochRow } from "./log";

/** A curve as server/curvesapi.go sends it: without mean and weight, every value is there. */
interface Points { received: number; notFinite: number; step: number[]; value: number[]; spread?: number[]; mean?: number[]; weight?: number[] }

/** Where updates lie on the axes; between two rows all grow evenly. */
type Places = Record<keyof Place, number[]>;

export type Quantity = "trainLoss" | "noiseLevel" | "gradStdDev" | "learningRate" | "batchSize" | "ratio" | "testLoss" | "testAccuracy";

/** What the log up to an offset means for the next event, as server/curve.State. */
export interface After {
  step: number; epoch: number; images: number; samples: number; begun: number; elapsed: number; epochs: number;
  update: Update | null; scheduled: Update | null; gradNorm: number | null; firstNoiseLevel: number | null;
}

export interface Curves {
  places: Places;
  curves: Record<Quantity, Points>;
  after?: After | null;
  epochs?: EpochRow[];
}

/** fill adds the points of a curve to a series, up to a step. */
export function fill(series: Series, points: Points, places: Places, last = Infinity): void {
  const { step: steps } = places;
  let row = 0;
  for (let i = 0; i < points.step.length; i++) {
    const step = points.step[i]!;
    if (step > last) break;
    while (row < steps.length - 2 && steps[row + 1]! < step) row++;
    const from = steps[row]!, t = Math.min(1, Math.max(0, (step - from) / (steps[row + 1]! - from))) || 0;
    const at = (x: number[]): number => (t === 0 ? x[row]! : x[row]! + t * (x[row + 1]! - x[row]!));
    series.push({ step, epoch: at(places.epoch), samples: Math.round(at(places.samples)), time: at(places.time) }, points.value[i]!, points.spread?.[i], points.mean?.[i], points.weight?.[i]);
  }
}

/** fetchCurves reads a part of the curves; query is that of /api/runs/{id}/curves. */
export async function fetchCurves(base: string, query: Record<string, number>, signal?: AbortSignal): Promise<Curves> {
  const words = new URLSearchParams(Object.entries(query).map(([key, n]) => [key, String(n)]));
  const answer = await fetch(`${base}/curves?${words}`, signal ? { signal } : {});
  if (!answer.ok) throw new Error(`the curves of the run: the server says ${answer.status}`);
  const all = (await answer.json()) as Curves;
  for (const points of Object.values(all.curves)) {
    points.value = points.value.map(number);
    if (points.spread) points.spread = points.spread.map(number);
  }
  const { after, epochs } = all;
  for (const fields of [after, after?.update, after?.scheduled, ...(epochs ?? []).flatMap((row) => [row, row.result])]) if (fields) decodeNumbers(fields);
  return all;
}

const patience = 120; // ms without another look, before the part is read
const most = 8192; // points

/** CurveWindow reads what is looked at more finely than the page has it. The last look wins, and the old picture stays until it comes. */
export class CurveWindow {
  private timer = 0;
  private reading: AbortController | null = null;
  private seen: [from: number, to: number, columns: number] = [0, 0, 0];
  private revision = -1; // of the curve when it was last as fine as asked for

  /** series are those of the log; newest is its last step; drawn is told that they have become finer. */
  constructor(
    private readonly base: string, private readonly series: Record<Quantity, Series>, private readonly newest: () => number, private readonly drawn: () => void,
  ) {}

  /** look says which steps are in view, and in how many columns. */
  look(from: number, to: number, columns: number): void {
    this.seen = [from, to, columns];
    this.revision = -1;
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.again();
  }

  /** again looks at the same part, if the curves were made coarser meanwhile. */
  again(): void {
    if (this.series.trainLoss.revision !== this.revision) this.timer ||= window.setTimeout(() => { this.timer = 0; void this.read(); }, patience);
  }

  private async read(): Promise<void> {
    this.reading?.abort();
    const { trainLoss } = this.series, [from, to, columns] = this.seen, width = to - from, end = Math.min(to, this.newest());
    this.revision = trainLoss.revision;
    if (!(columns > 0) || gap(trainLoss, from, end) <= Math.max(1, width / columns)) return;
    const stop = (this.reading = new AbortController()), margin = width / 2;
    const range = { from: Math.max(0, Math.floor(from - margin)), to: Math.min(this.newest(), Math.ceil(to + margin)), points: Math.min(most, 4 * columns) };
    try {
      const part = await fetchCurves(this.base, range, stop.signal);
      if (stop.signal.aborted) return;
      for (const [name, series] of Object.entries(this.series)) {
        const piece = new Series(1 << 16), points = part.curves[name as Quantity];
        fill(piece, points, part.places, this.newest());
        series.splice(piece);
      }
      this.revision = trainLoss.revision;
      this.drawn();
    } catch {
      // What is drawn stays. The next look tries again.
    }
  }
}

/** gap is the widest gap between two points of a curve that lies in a range. */
function gap(series: Series, from: number, to: number): number {
  const steps = series.column("step"), end = Math.min(series.length - 1, series.firstFrom(to, "step"));
  let widest = 0;
  for (let i = Math.max(1, series.firstFrom(from, "step")); i <= end; i++) widest = Math.max(widest, steps[i]! - steps[i - 1]!);
  return widest;
}
