// What the page knows about a run: its log, event by event, as curves in bounded memory and as the newest values.

import { Series, type Place } from "../chart/series";
import type { EpochResult, LogEvent, Started, Update } from "../protocol";
import { fill, type Curves, type Quantity } from "./curves";

/** An epoch's result beside what the schedule did then. */
export interface EpochRow {
  step: number;
  result: EpochResult;
  learningRate: number | null;
  batchSize: number | null;
  noiseLevel: number | null;
  gradStdDev: number | null;
}

/** What a run's numbers were at an update; null before the first of each. */
export interface Then {
  trainLoss: number | null;
  testAccuracy: number | null;
  learningRate: number | null;
  batchSize: number | null;
  gradStdDev: number | null;
  noiseLevel: number | null;
}

const rateWindow = 20_000; // ms over which the speed is measured

export class RunLog {
  readonly trainLoss = new Series();
  readonly noiseLevel = new Series(); // δ
  readonly gradStdDev = new Series(); // C with its spread
  readonly learningRate = new Series(1 << 14); // η where it changes, and the newest
  readonly batchSize = new Series(1 << 14); // b likewise
  readonly ratio = new Series(1 << 14); // η/√b likewise
  readonly testLoss = new Series(1 << 14);
  readonly testAccuracy = new Series(1 << 14);
  readonly epochs: EpochRow[] = []; // of a log that was loaded, the oldest of very many are holes
  started: Started | null = null;
  /** The newest update whose batch has the size that the schedule says; the last batch of an epoch may be smaller. */
  scheduled: Update | null = null;
  update: Update | null = null; // the newest
  step = 0;
  firstNoiseLevel: number | null = null;
  gradNorm: number | null = null; // the newest that was measured
  private images = 0; // trained on in this epoch
  private samples = 0; // trained on at all
  private begun: number | null = null; // time of the first event
  private elapsed = 0; // ms since then, at the newest event: never less than before, whatever clocks do
  private epoch = 0;
  private times: { time: number; step: number }[] = [];

  /** curves are all series by their names. */
  get curves(): Record<Quantity, Series> {
    const { trainLoss, noiseLevel, gradStdDev, learningRate, batchSize, ratio, testLoss, testAccuracy } = this;
    return { trainLoss, noiseLevel, gradStdDev, learningRate, batchSize, ratio, testLoss, testAccuracy };
  }

  clear(): void {
    for (const s of Object.values(this.curves)) s.clear();
    this.epochs.length = this.times.length = 0;
    this.started = this.scheduled = this.update = this.firstNoiseLevel = this.gradNorm = null;
    this.step = this.images = this.epoch = this.samples = this.elapsed = 0;
    this.begun = null;
  }

  /** load begins anew with the curves of the log up to an offset; the events from there on follow. started is the newest job. */
  load({ curves, places, after, epochs = [] }: Curves, started: Started | null): void {
    this.clear();
    this.started = started;
    for (const [name, series] of Object.entries(this.curves)) {
      const points = curves[name as Quantity];
      fill(series, points, places);
      series.tally(points.received, points.notFinite, series.low, series.high);
    }
    if (!after) return;
    const { step, epoch, images, samples, elapsed, begun, update, scheduled, gradNorm, firstNoiseLevel } = after;
    Object.assign(this, { step, epoch, images, samples, elapsed, begun, update, scheduled, gradNorm, firstNoiseLevel });
    this.epochs.length = after.epochs - epochs.length;
    this.epochs.push(...epochs);
  }

  /** apply takes events in the order of the log. */
  apply(events: readonly LogEvent[]): void {
    for (const event of events) {
      this.step = Math.max(this.step, event.step);
      this.begun ??= event.time;
      this.elapsed = Math.max(this.elapsed, event.time - this.begun);
      if (event.started) { this.started = event.started; this.times.length = 0; }
      if (event.update) this.takeUpdate(event, event.update);
      if (event.epoch) this.takeEpoch(event, event.epoch);
    }
  }

  private takeUpdate(event: LogEvent, update: Update): void {
    if (update.epoch !== this.epoch) { this.epoch = update.epoch; this.images = 0; }
    this.images += update.batchSize;
    this.samples += update.batchSize;
    const n = this.started?.trainSize ?? 0;
    const at = this.place(event.step, update.epoch + (n > 0 ? Math.min(1, this.images / n) : 0));
    this.update = update;
    this.trainLoss.push(at, update.trainLoss);
    if (update.gradNorm !== undefined && Number.isFinite(update.gradNorm)) this.gradNorm = update.gradNorm;
    this.clock(event);
    // The rest of an epoch makes a smaller batch, for one update. Its own δ says nothing about the schedule and would draw a comb.
    const before = this.scheduled;
    const rest = before !== null && before.epoch === update.epoch && update.batchSize < before.batchSize && this.images >= n;
    if (rest) return;
    this.scheduled = update;
    change(this.learningRate, at, update.learningRate);
    change(this.batchSize, at, update.batchSize);
    change(this.ratio, at, update.learningRate / Math.sqrt(update.batchSize));
    if (update.noiseLevel !== undefined) {
      this.noiseLevel.push(at, update.noiseLevel);
      if (this.firstNoiseLevel === null && Number.isFinite(update.noiseLevel)) this.firstNoiseLevel = update.noiseLevel;
    }
    if (update.gradStdDev !== undefined) this.gradStdDev.push(at, update.gradStdDev, update.gradStdDevErr);
  }

  private takeEpoch(event: LogEvent, result: EpochResult): void {
    const at = this.place(event.step, result.epoch + 1);
    this.testLoss.push(at, result.testLoss);
    this.testAccuracy.push(at, result.testAccuracy);
    const then = this.scheduled;
    this.epochs.push({
      step: event.step, result,
      learningRate: then?.learningRate ?? null, batchSize: then?.batchSize ?? null,
      noiseLevel: then?.noiseLevel ?? null, gradStdDev: then?.gradStdDev ?? null,
    });
  }

  private place(step: number, epoch: number): Place { return { step, epoch, samples: this.samples, time: this.elapsed / 1000 }; }

  private clock(event: LogEvent): void {
    const last = this.times[this.times.length - 1];
    if (last && event.time - last.time < 250) return;
    this.times.push({ time: event.time, step: event.step });
    while (this.times.length > 2 && event.time - this.times[0]!.time > rateWindow) this.times.shift();
  }

  /** then is what was known at an update: the newest values up to it. */
  then(step: number): Then {
    const at = (series: Series): number | null => {
      const i = series.firstFrom(step + 1, "step") - 1;
      return i < 0 ? null : series.value(i);
    };
    return {
      trainLoss: at(this.trainLoss), testAccuracy: at(this.testAccuracy), learningRate: at(this.learningRate), batchSize: at(this.batchSize),
      gradStdDev: at(this.gradStdDev), noiseLevel: at(this.noiseLevel),
    };
  }

  /** speed is in updates per second by the worker's clock, over the last seconds of this job; null before it can be told. */
  speed(): number | null {
    const first = this.times[0], last = this.times[this.times.length - 1];
    if (!first || !last || last.time - first.time < 1000) return null;
    return (1000 * (last.step - first.step)) / (last.time - first.time);
  }

  /** notFinite counts the losses that were NaN or infinite. */
  get notFinite(): number { return this.trainLoss.notFinite + this.testLoss.notFinite; }
}

/** change records a value where it differs from the newest one. */
function change(series: Series, at: Place, value: number): void {
  if (series.length > 0 && series.value(series.length - 1) === value) return;
  series.push(at, value);
}
