// What stands on the picture as points: the minima of f left of the cut and those of f̂ where f̂ shows, a ring and the cursor of another view.

import type { Frame, Sampled } from "../smoothing";
import { mark, Markers } from "./markers";
import { mostMarks, type Picture } from "./painter";

type Place = { x: number; y: number } | null;

export class Pins {
  private readonly smooth = new Markers();
  private readonly raw = new Markers();
  ring: Place = null;
  cursor: Place = null;

  /** sampled takes another function, whose f̂ is not known yet. */
  sampled(sampled: Sampled): void {
    this.raw.replace(sampled.minima);
    this.smooth.replace([]);
  }

  /** frame takes newer minima of f̂; with fade those that are gone die slowly. */
  frame(frame: Frame, fade: boolean): void {
    if (fade) this.smooth.update(frame.minima, 0.05 * (frame.hi - frame.lo)); else this.smooth.replace(frame.minima);
  }

  /** age says whether something still fades. */
  age(ms: number): boolean { return this.smooth.age(ms); }

  /** write puts the points of the part that shows into the picture. */
  write(picture: Picture, { lo, hi }: Sampled, framed: boolean): void {
    const { marks, nodes, cut } = picture, last = nodes - 1, { ring, cursor } = this, size = hi - lo;
    let count = cut > 0 ? this.raw.write(marks, 0, mostMarks, lo, hi, -1, (cut - 0.5) / last, true) : 0;
    if (cut <= nodes && framed) count = this.smooth.write(marks, count, mostMarks, lo, hi, (cut - 1.5) / last, 2, false);
    if (ring) count = mark(marks, count, mostMarks, (ring.x - lo) / size, (ring.y - lo) / size, 3);
    if (cursor) count = mark(marks, count, mostMarks, (cursor.x - lo) / size, (cursor.y - lo) / size, 4);
    picture.markCount = count;
  }
}

/** samePlace: nothing has to be drawn for the difference. */
export function samePlace(a: Place, b: Place): boolean { return a?.x === b?.x && a?.y === b?.y; }
