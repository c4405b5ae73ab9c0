// What of a curve is drawn: as few points as look the same.

import type { Abscissa, Series } from "./series";

/** A piece of a curve, thinned for drawing. y is NaN where the curve breaks; smooth follows the same points. */
export interface Line {
  x: number[];
  y: number[];
  spread: number[];
  smooth: number[];
}

/** What is in view: an interval of an axis, which may be logarithmic; then it begins above 0. */
export interface View {
  by: Abscissa;
  from: number;
  to: number;
  log?: boolean;
}

/**
 * thin picks what a chart of `columns` pixel columns needs to look the same in a view: in each column the first, the
 * smallest, the largest and the last point at their true places, and one point beyond each end so that lines go on. Columns with no
 * more than four points are passed on whole; so zooming in shows more and more, up to every point that is kept. smooth is a column of
 * the series' own length, or null.
 */
export function thin(series: Series, view: View, columns: number, smooth: Float64Array | null = null): Line {
  const line: Line = { x: [], y: [], spread: [], smooth: [] };
  const { by, from, to } = view, xs = series.column(by), ys = series.column("value"), spreads = series.column("spread");
  let first = Math.max(0, series.firstFrom(from, by) - 1);
  const end = Math.min(series.length, series.firstFrom(to, by) + 2);
  if (view.log) while (first < end && xs[first]! <= 0) first++;
  const take = (i: number): void => {
    line.x.push(xs[i]!);
    line.y.push(ys[i]!);
    line.spread.push(spreads[i]!);
    line.smooth.push(smooth ? smooth[i]! : NaN);
  };
  if (end - first <= 4 * columns) {
    for (let i = first; i < end; i++) take(i);
    return line;
  }
  const width = (view.log ? Math.log(to / from) : to - from) / columns;
  /** border is where the column that holds x ends. */
  const border = view.log
    ? (x: number): number => from * Math.exp(width * (1 + Math.floor(Math.log(x / from) / width)))
    : (x: number): number => from + width * (1 + Math.floor((x - from) / width));
  for (let i = first; i < end; ) {
    const right = xs[i]! < from ? from : border(xs[i]!);
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

/** A value of a merged table: null where its curve breaks, undefined where it has no point. */
export type Cell = number | null | undefined;

/**
 * merge puts curves that each have their own x, never falling, into one table with one row for each x, as uPlot wants them. Points of
 * one curve that share an x stay apart. A break covers the rows up to the curve's next points.
 */
export function merge(lines: readonly { x: readonly number[]; y: readonly number[] }[]): { x: number[]; columns: Cell[][] } {
  const x: number[] = [], columns: Cell[][] = lines.map(() => []), heads = lines.map(() => 0);
  for (;;) {
    let least = Infinity;
    for (let k = 0; k < lines.length; k++) {
      const v = lines[k]!.x[heads[k]!];
      if (v !== undefined && v < least) least = v;
    }
    if (least === Infinity) break;
    x.push(least);
    for (let k = 0; k < lines.length; k++) {
      const { x: own, y } = lines[k]!, head = heads[k]!;
      if (own[head] !== least) { columns[k]!.push(undefined); continue; }
      columns[k]!.push(Number.isNaN(y[head]!) ? null : y[head]!);
      heads[k] = head + 1;
    }
  }
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      if (column[i] !== null) continue;
      for (let j = i - 1; j >= 0 && column[j] === undefined; j--) column[j] = null;
      for (let j = i + 1; j < column.length && column[j] === undefined; j++) column[j] = null;
    }
  }
  return { x, columns };
}
