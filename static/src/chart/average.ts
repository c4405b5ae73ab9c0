// The smoothed line of a chart: an exponential moving average with bias correction, beside the raw line and never in its place.
//
// With weights that fall by e over τ updates, the value at update t is Σ e^(−(t−s)/τ) x_s / Σ e^(−(t−s)/τ) over the values up to t: so the
// first value counts as it is, instead of being pulled towards 0. A value that is not finite breaks the line, and the average begins anew
// after it: what came before an overflow says nothing about what came after.

import type { Series } from "./series";

/** What the slider offers, in updates; 0 is none. */
export const windows: readonly number[] = [0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

export class MovingAverage {
  private values = new Float64Array(0);
  private window = 0;
  private revision = -1;
  private done = 0; // values that more points do not change
  private sum = 0; // state after them
  private weight = 0;
  private step = NaN; // of the last of them; NaN at the beginning and after a hole

  constructor(private readonly series: Series) {}

  /** over is the average at each point of the series, NaN at its holes; null for a window of 0. Valid until the series grows. */
  over(updates: number): Float64Array | null {
    if (!(updates > 0)) return null;
    const { series } = this, n = series.length;
    if (updates !== this.window || series.revision !== this.revision || n < this.done) {
      this.window = updates;
      this.revision = series.revision;
      this.restart();
    }
    if (this.values.length < n) {
      const longer = new Float64Array(2 * n);
      longer.set(this.values);
      this.values = longer;
    }
    const steps = series.column("step"), ys = series.column("value"), means = series.column("mean"), weights = series.column("weight");
    for (let i = this.done; i < n; i++) {
      const last = i === n - 1, state = [this.sum, this.weight, this.step] as const;
      if (Number.isNaN(ys[i]!)) {
        this.restart(i);
        this.values[i] = NaN;
      } else {
        // The first value stands for as many updates as the next one.
        const since = Number.isNaN(this.step) ? (last ? 1 : steps[i + 1]! - steps[i]!) : steps[i]! - this.step;
        const fresh = -Math.expm1(-Math.max(since, Number.MIN_VALUE) / updates), mean = weights[i]! > 0 ? means[i]! : ys[i]!;
        this.sum += fresh * (mean - this.sum);
        this.weight += fresh * (1 - this.weight);
        this.step = steps[i]!;
        this.values[i] = this.weight > 0 ? this.sum / this.weight : mean;
      }
      if (last) [this.sum, this.weight, this.step] = state; else this.done = i + 1; // what follows the last point is not known yet
    }
    return this.values;
  }

  private restart(done = 0): void {
    this.done = done;
    this.sum = this.weight = 0;
    this.step = NaN;
  }
}
