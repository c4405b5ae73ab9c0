// A growing curve in bounded memory. Points come in the order of their step; each has two abscissas (updates and epochs),
// a value, and a spread that may be NaN. Values that are not finite are counted and their places kept, and break the curve.
// At `capacity` points, groups of four neighbors are replaced by the smallest and the largest of them at their true
// places: no spike is ever lost, only the small values between spikes.

export type Abscissa = "step" | "epoch";

export interface Mark {
  step: number;
  epoch: number;
  value: number; // NaN, Infinity or -Infinity
}

const mostMarks = 1000; // places kept; all are counted

export class Series {
  readonly marks: Mark[] = [];
  notFinite = 0; // values that were NaN or infinite, ever
  received = 0; // values, ever
  low = Infinity; // smallest finite value, ever
  high = -Infinity;
  private size = 0;
  private columns: Record<"step" | "epoch" | "value" | "spread", Float64Array>;

  /** capacity is a multiple of 4. */
  constructor(private readonly capacity = 1 << 17) {
    this.columns = { step: new Float64Array(1024), epoch: new Float64Array(1024), value: new Float64Array(1024), spread: new Float64Array(1024) };
  }

  get length(): number { return this.size; }

  /** column is the storage itself, of which the first `length` entries count; valid until the next push. */
  column(name: Abscissa | "value" | "spread"): Float64Array { return this.columns[name]; }
  step(i: number): number { return this.columns.step[i]!; }
  x(i: number, by: Abscissa): number { return this.columns[by][i]!; }
  value(i: number): number { return this.columns.value[i]!; } // NaN where it was not finite

  clear(): void {
    this.size = this.notFinite = this.received = 0;
    this.marks.length = 0;
    this.low = Infinity;
    this.high = -Infinity;
  }

  push(step: number, epoch: number, value: number, spread = NaN): void {
    this.received++;
    if (!Number.isFinite(value)) {
      this.notFinite++;
      if (this.marks.length < mostMarks) this.marks.push({ step, epoch, value });
      value = NaN;
    } else {
      this.low = Math.min(this.low, value);
      this.high = Math.max(this.high, value);
    }
    if (this.size === this.capacity) this.compress();
    if (this.size === this.columns.step.length) this.grow();
    const i = this.size++;
    this.columns.step[i] = step;
    this.columns.epoch[i] = epoch;
    this.columns.value[i] = value;
    this.columns.spread[i] = spread;
  }

  private grow(): void {
    for (const name of ["step", "epoch", "value", "spread"] as const) {
      const longer = new Float64Array(Math.min(this.capacity, 2 * this.columns[name].length));
      longer.set(this.columns[name]);
      this.columns[name] = longer;
    }
  }

  /** compress keeps two of each four points; a group with a value that is not finite keeps that one and the largest. */
  private compress(): void {
    let kept = 0;
    for (let start = 0; start < this.size; start += 4) {
      const end = Math.min(start + 4, this.size);
      let low = start, high = start, hole = -1;
      for (let i = start; i < end; i++) {
        const v = this.value(i);
        if (Number.isNaN(v)) hole = i;
        if (v < this.value(low) || Number.isNaN(this.value(low))) low = i;
        if (v > this.value(high) || Number.isNaN(this.value(high))) high = i;
      }
      if (hole >= 0) low = hole;
      if (low === high) high = low === start ? end - 1 : start; // a flat group keeps one end too
      for (const i of low < high ? [low, high] : [high, low]) {
        for (const column of Object.values(this.columns)) column[kept] = column[i]!;
        kept++;
      }
    }
    this.size = kept;
  }

  /** firstFrom is the index of the first point whose abscissa is at least x. */
  firstFrom(x: number, by: Abscissa): number {
    const column = this.columns[by];
    let low = 0, high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (column[middle]! < x) low = middle + 1; else high = middle;
    }
    return low;
  }
}

/** A piece of a curve, thinned for drawing. y is null where the curve breaks. */
export interface Line {
  x: number[];
  y: (number | null)[];
  spread: (number | null)[];
}

/**
 * thin picks what a chart of `columns` pixel columns needs to look the same between from and to: in each column the first, the
 * smallest, the largest and the last point at their true places, and one point beyond each end so that lines go on. Columns with no
 * more than four points are passed on whole; so zooming in shows more and more, up to every point that is kept.
 */
export function thin(series: Series, by: Abscissa, from: number, to: number, columns: number): Line {
  const line: Line = { x: [], y: [], spread: [] };
  const xs = series.column(by), ys = series.column("value"), spreads = series.column("spread");
  const first = Math.max(0, series.firstFrom(from, by) - 1), end = Math.min(series.length, series.firstFrom(to, by) + 2);
  const take = (i: number): void => {
    const y = ys[i]!, spread = spreads[i]!;
    line.x.push(xs[i]!);
    line.y.push(Number.isNaN(y) ? null : y);
    line.spread.push(Number.isNaN(y) || Number.isNaN(spread) ? null : spread);
  };
  if (end - first <= 4 * columns) {
    for (let i = first; i < end; i++) take(i);
    return line;
  }
  const width = (to - from) / columns;
  for (let i = first; i < end; ) {
    const right = xs[i]! < from ? from : from + width * (1 + Math.floor((xs[i]! - from) / width));
    let stop = i + 1, low = i, high = i, hole = Number.isNaN(ys[i]!) ? i : -1, least = ys[i]!, most = ys[i]!;
    for (; stop < end && xs[stop]! < right; stop++) {
      const v = ys[stop]!;
      if (v !== v) { hole = stop; continue; } // NaN
      if (!(v >= least)) { low = stop; least = v; } // also where least is NaN
      if (!(v <= most)) { high = stop; most = v; }
    }
    let last = -1;
    for (const j of [i, low, high, hole, stop - 1].sort((a, b) => a - b)) {
      if (j > last) { take(j); last = j; }
    }
    i = stop;
  }
  return line;
}
