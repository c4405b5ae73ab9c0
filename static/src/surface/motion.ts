// A picture on its way from one form to another: from the surface to the map, and from f to f̂ by a cut that sweeps across.

/** What is drawn: f, f̂, or f left of the cut and f̂ right of it. */
export type Blend = "raw" | "split" | "smoothed";

const cuts: Record<Blend, number> = { smoothed: 0, split: 0.45, raw: 1 };
const morph = 450; // ms from surface to map
const sweep = 380; // ms of the cut across the picture

export class Motion {
  private part: number; // of the way across: 0 all f̂ … 1 all f

  /** flat is 0 for the surface … 1 for the map. */
  constructor(private flat: number, blend: Blend) { this.part = cuts[blend]; }

  /** step goes on by some time, or at once, and says whether there is more to come. */
  step(ms: number, mapped: boolean, blend: Blend, jump: boolean, jumpCut: boolean): boolean {
    const flat = mapped ? 1 : 0, part = cuts[blend];
    this.flat = jump ? flat : toward(this.flat, flat, ms / morph);
    this.part = jumpCut ? part : toward(this.part, part, ms / sweep);
    return this.flat !== flat || this.part !== part;
  }

  /** land is on the map at once. */
  land(): void { this.flat = 1; }

  /** flatness is 0 for the surface … 1 for the map. */
  get flatness(): number { return ease(this.flat); }

  /** cut is between two columns of so many nodes: −1 where all is f̂, nodes + 1 where all is f. */
  cut(nodes: number): number {
    const cut = ease(this.part);
    return cut <= 0 ? -1 : cut >= 1 ? nodes + 1 : Math.floor(cut * (nodes - 1)) + 0.5;
  }
}

/** toward moves a value to its goal by at most a step. */
function toward(value: number, goal: number, step: number): number {
  return Math.abs(goal - value) <= step ? goal : value + Math.sign(goal - value) * step;
}

function ease(t: number): number { return t * t * (3 - 2 * t); }
