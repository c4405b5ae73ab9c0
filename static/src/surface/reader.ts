// What the picture says about its places: what lies under the pointer, and where the line across is.

import { pick, type Place, type Scene } from "./pick";

/** A line across the picture: along the first axis at a place on the second, or the other way round. */
export interface Knife { along: "x" | "y"; at: number }

export class Reader {
  width = 0; // of the picture, pixels
  height = 0;
  lo = 0; // of the domain
  hi = 1;

  /** scene is what was drawn last; rawNodes 0: nothing yet. */
  constructor(readonly scene: Scene) {}

  /** under is what lies under a place of the picture. */
  under(left: number, top: number): (Place & { x: number; y: number }) | null {
    const { scene, lo, hi } = this, place = scene.rawNodes > 0 ? pick(scene, (2 * left) / this.width - 1, 1 - (2 * top) / this.height) : null;
    return place && { ...place, x: lo + (hi - lo) * place.u, y: lo + (hi - lo) * place.v };
  }

  /** across is the place on the axis that the line crosses; null where there is no surface under that place. */
  across(line: Knife, left: number, top: number): number | null {
    const place = this.under(left, top);
    return place && (line.along === "x" ? place.y : place.x);
  }

  /** near says whether a place of the picture is within a finger's breadth of the line. */
  near(line: Knife, left: number, top: number): boolean {
    const at = this.across(line, left, top);
    return at !== null && Math.abs(at - line.at) < 0.035 * (this.hi - this.lo);
  }
}
