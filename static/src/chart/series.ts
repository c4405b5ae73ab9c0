// A growing curve in bounded memory. Points come in the order of their step; each has a place (four abscissas), a value, and a spread
// that may be NaN. Values that are not finite are counted and their places kept, and break the curve.
// At `capacity` points, groups of four neighbors are replaced by the smallest and the largest of them at their true
// places: no spike is ever lost, only the small values between spikes. Each point also knows the mean of the finite values since the
// point before it and their number, so that an average over a thinned curve is that of all values, not of its spikes.

export type Abscissa = "step" | "epoch" | "samples" | "time";

/** Where in a run something is. */
export interface Place {
  step: number; // updates
  epoch: number;
  samples: number; // training images seen
  time: number; // seconds since the run began, pauses included
}

export interface Mark extends Place {
  value: number; // NaN, Infinity or -Infinity
}

export type Column = Abscissa | "value" | "spread" | "mean" | "weight";

const names: readonly Column[] = ["step", "epoch", "samples", "time", "value", "spread", "mean", "weight"];
const mostMarks = 1000; // places kept; all are counted
const firstRoom = 1024;

export class Series {
  readonly marks: Mark[] = [];
  notFinite = 0; // values that were NaN or infinite, ever
  received = 0; // values, ever
  low = Infinity; // smallest finite value, ever
  high = -Infinity;
  revision = 0; // changes whenever points that were there before are not what they were
  private size = 0;
  private columns: Record<Column, Float64Array>;

  /** capacity is a multiple of 4. */
  constructor(private readonly capacity = 1 << 17) {
    this.columns = room(Math.min(firstRoom, capacity));
  }

  get length(): number { return this.size; }

  /** column is the storage itself, of which the first `length` entries count; valid until the next push. */
  column(name: Column): Float64Array { return this.columns[name]; }
  step(i: number): number { return this.columns.step[i]!; }
  x(i: number, by: Abscissa): number { return this.columns[by][i]!; }
  value(i: number): number { return this.columns.value[i]!; } // NaN where it was not finite

  place(i: number): Place {
    const c = this.columns;
    return { step: c.step[i]!, epoch: c.epoch[i]!, samples: c.samples[i]!, time: c.time[i]! };
  }

  clear(): void {
    this.size = this.notFinite = this.received = 0;
    this.marks.length = 0;
    this.low = Infinity;
    this.high = -Infinity;
    this.revision++;
  }

  /** push adds a value; mean and weight say what finite values it stands for besides, where it was picked from more. */
  push(at: Place, value: number, spread = NaN, mean = value, weight = Number.isFinite(value) ? 1 : 0): void {
    this.received++;
    if (!Number.isFinite(value)) {
      this.notFinite++;
      if (this.marks.length < mostMarks) this.marks.push({ step: at.step, epoch: at.epoch, samples: at.samples, time: at.time, value });
      value = NaN;
    } else {
      this.low = Math.min(this.low, value);
      this.high = Math.max(this.high, value);
    }
    if (this.size === this.capacity) this.compress();
    if (this.size === this.columns.step.length) this.columns = room(Math.min(this.capacity, 2 * this.size), this.columns);
    const i = this.size++, c = this.columns;
    c.step[i] = at.step;
    c.epoch[i] = at.epoch;
    c.samples[i] = at.samples;
    c.time[i] = at.time;
    c.value[i] = value;
    c.spread[i] = spread;
    c.mean[i] = weight > 0 ? mean : 0;
    c.weight[i] = weight;
  }

  /** tally sets the counts of a curve whose points are a selection of more. */
  tally(received: number, notFinite: number, low: number, high: number): void {
    Object.assign(this, { received, notFinite, low, high });
  }

  /** splice puts a finer piece of the same curve in the place of what lies between its ends. The counts stay. */
  splice(piece: Series): void {
    if (piece.size === 0 || piece.size > this.capacity / 2) return;
    const from = piece.step(0), to = piece.step(piece.size - 1);
    let first = 0, end = 0;
    const fit = (): number => {
      first = this.firstFrom(from, "step");
      end = this.firstFrom(to + 0.5, "step");
      return first + piece.size + this.size - end;
    };
    while (fit() > this.capacity) this.compress();
    const size = fit();
    if (size > this.columns.step.length) this.columns = room(Math.min(this.capacity, Math.max(size, 2 * this.size)), this.columns);
    for (const name of names) {
      const column = this.columns[name];
      column.copyWithin(first + piece.size, end, this.size);
      column.set(piece.columns[name].subarray(0, piece.size), first);
    }
    this.size = size;
    const others = this.marks.filter((m) => m.step < from || m.step > to);
    this.marks.splice(0, this.marks.length, ...[...others, ...piece.marks].sort((a, b) => a.step - b.step).slice(0, mostMarks));
    this.revision++;
  }

  /** compress keeps two of each four points; a group with a value that is not finite keeps that one and the largest. */
  private compress(): void {
    const { mean, weight } = this.columns;
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
      const a = Math.min(low, high), b = Math.max(low, high);
      for (let i = start; i < a; i++) this.fold(i, a);
      for (let i = a + 1; i < end; i++) if (i !== b) this.fold(i, b);
      for (const i of a < b ? [a, b] : [a]) {
        for (const name of names) this.columns[name][kept] = this.columns[name][i]!;
        kept++;
      }
    }
    this.size = kept;
    mean.fill(0, kept);
    weight.fill(0, kept);
    this.revision++;
  }

  /** fold adds what point i stands for to point j. */
  private fold(i: number, j: number): void {
    const { mean, weight } = this.columns, total = weight[i]! + weight[j]!;
    if (total > 0) mean[j] = mean[j]! + ((mean[i]! - mean[j]!) * weight[i]!) / total;
    weight[j] = total;
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

/** room makes columns of that length, with the content of old ones. */
function room(length: number, old?: Record<Column, Float64Array>): Record<Column, Float64Array> {
  const columns = {} as Record<Column, Float64Array>;
  for (const name of names) {
    columns[name] = new Float64Array(length);
    if (old) columns[name].set(old[name]);
  }
  return columns;
}
