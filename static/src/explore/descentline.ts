// A path as the picture draws it: its color, letter and dashes, which stand in its row of the table, too.

import type { Descent } from "../state";
import type { PathLine } from "../surface/view";
import type { DescentPath } from "./descentdata";

const looks: Record<Descent, { color: string; letter: string; dash: boolean }> = {
  gd: { color: "--path-1", letter: "G", dash: false }, smoothed: { color: "--path-2", letter: "H", dash: true }, sgd: { color: "--path-3", letter: "S", dash: false },
  explicit: { color: "--path-4", letter: "E", dash: true }, implicit: { color: "--path-5", letter: "I", dash: false },
};
const farthest = 20; // pictures that a drawn path may be away; beyond, a straight end says enough
const tail = 4; // pictures: the length that is drawn of a path, its last; all of a restless one would hide what it lies on

/** DescentLine is a line with the lengths of the path up to each of its points, in pictures. */
export interface DescentLine extends PathLine { lengths: Float32Array }

/** lineOf a path over the picture of [lo, hi]², with nothing of it shown yet. */
export function lineOf(path: DescentPath, { lo, hi }: { lo: number; hi: number }): DescentLine {
  const reach = farthest * (hi - lo), middle = (lo + hi) / 2, off = ([x, y]: [number, number]): number => Math.max(Math.abs(x - middle), Math.abs(y - middle));
  const points = Float32Array.from(path.points.flat()), far = path.points.findIndex((p) => off(p) > reach);
  if (far >= 0) {
    const [x, y] = path.points[far]!, back = reach / off([x, y]);
    points.fill(NaN, 2 * far + 2);
    points.set([middle + back * (x - middle), middle + back * (y - middle)], 2 * far);
  }
  const lengths = new Float32Array(path.points.length);
  for (let i = 1; i < lengths.length; i++) {
    const [x, y] = path.points[i]!, [u, v] = path.points[i - 1]!;
    lengths[i] = lengths[i - 1]! + Math.hypot(x - u, y - v) / (hi - lo);
  }
  return { id: path.id, points, lengths, shown: 0, ...looks[path.id], ...(path.away && { away: Float32Array.from(path.away), awayScale: (hi - lo) / 4 }) };
}

/** shownTo is a line up to a point of its path, and back as far as is drawn. */
export function shownTo(line: DescentLine, point: number): PathLine {
  let from = point;
  while (from > 0 && line.lengths[point]! - line.lengths[from - 1]! <= tail) from--;
  return { ...line, points: line.points.subarray(2 * from), shown: point + 1 - from, ...(line.away && { away: line.away.subarray(from) }) };
}

/** inOrder puts those with noise below the others. */
export function inOrder(lines: readonly PathLine[]): PathLine[] {
  const noisy = (line: PathLine): number => (line.id === "sgd" || line.id === "implicit" ? 0 : 1);
  return [...lines].sort((a, b) => noisy(a) - noisy(b));
}
