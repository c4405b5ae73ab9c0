// A path as the picture draws it: its color, letter and dashes, which stand in its row of the table, too.

import type { Descent } from "../state";
import type { PathLine } from "../surface/view";
import type { DescentPath } from "./descentdata";

const looks: Record<Descent, { color: string; letter: string; dash: boolean }> = {
  gd: { color: "--path-1", letter: "G", dash: false }, smoothed: { color: "--path-2", letter: "H", dash: true }, sgd: { color: "--path-3", letter: "S", dash: false },
  explicit: { color: "--path-4", letter: "E", dash: true }, implicit: { color: "--path-5", letter: "I", dash: false },
};
const farthest = 20; // pictures that a drawn path may be away; beyond, a straight end says enough

/** lineOf a path over the picture of [lo, hi]², with nothing of it shown yet. */
export function lineOf(path: DescentPath, { lo, hi }: { lo: number; hi: number }): PathLine {
  const reach = farthest * (hi - lo), middle = (lo + hi) / 2, off = ([x, y]: [number, number]): number => Math.max(Math.abs(x - middle), Math.abs(y - middle));
  const points = Float32Array.from(path.points.flat()), far = path.points.findIndex((p) => off(p) > reach);
  if (far >= 0) {
    const [x, y] = path.points[far]!, back = reach / off([x, y]);
    points.fill(NaN, 2 * far + 2);
    points.set([middle + back * (x - middle), middle + back * (y - middle)], 2 * far);
  }
  return { id: path.id, points, shown: 0, ...looks[path.id], ...(path.away && { away: Float32Array.from(path.away), awayScale: (hi - lo) / 4 }) };
}
