// A run's way on the picture of a slice: solid up to the slice, dashed after it, fading as it leaves the plane.

import type { Slice } from "../protocol";
import type { PathLine } from "../surface/view";
import { count, percent, steady } from "../numbers";
import { put } from "../explore/put";
import type { History, Way, WayPoint } from "./history";
import type { SliceStage } from "./stage";

/** The way on the picture that is shown, and the sentence about it. */
export class WayLine {
  private drawn = ""; // slice and length of the way that is drawn or on its way

  constructor(private readonly line: HTMLElement, private readonly history: History) {}

  /** show draws the way in the plane of a slice, null: none; newest is the run's newest update with a slice, fresh asks the server again. */
  async show(stage: SliceStage, slice: Slice | null, newest: number, fresh: boolean): Promise<void> {
    const { line, history } = this, of = slice ? `${slice.step} ${newest}` : "";
    line.hidden = !slice;
    if (of === this.drawn) return;
    this.drawn = of;
    if (!slice) { stage.paths = []; return; }
    try {
      const found = await history.way(slice.step, fresh);
      if (this.drawn !== of) return;
      stage.paths = lines(found);
      Object.assign(line.dataset, numbers(found));
      put(line, sentence(found, slice));
    } catch (problem) {
      if (this.drawn === of) put(line, problem instanceof Error ? problem.message : String(problem));
    }
  }
}

/** lines are the run's way before and after the slice, in the plane's units. */
function lines(way: Way): PathLine[] {
  const before = way.points.filter((p) => p.step <= way.step), after = way.points.filter((p) => p.step >= way.step);
  const scale = most(way);
  return [line("before", before, scale, "--path-1", false, "•"), line("after", after, scale, "--path-2", true, "→")].filter((l) => l.points.length > 2);
}

function line(id: string, points: WayPoint[], awayScale: number, color: string, dash: boolean, letter: string): PathLine {
  return {
    id, color, dash, letter, shown: points.length, points: Float32Array.from(points.flatMap((p) => [p.alpha, p.beta])),
    away: Float32Array.from(points, (p) => p.distance), ...(awayScale > 0 ? { awayScale } : {}),
  };
}

/** numbers are what the picture draws: points, the largest distance from the plane, and the part of the way there that leaves it. */
function numbers(way: Way): { points: string; distance: string; out: string } {
  const far = farthest(way);
  return { points: String(way.points.length), distance: String(most(way)), out: String(far && far.radius > 0 ? far.distance / far.radius : 0) };
}

/** most is the largest distance from the plane. */
function most(way: Way): number { return way.points.reduce((far, p) => Math.max(far, p.distance), 0); }

function farthest(way: Way): WayPoint | null { return way.points.reduce<WayPoint | null>((most, p) => (most === null || p.radius > most.radius ? p : most), null); }

/** sentence says what the picture does not show of the way. */
function sentence(way: Way, slice: Slice): string {
  const far = farthest(way);
  if (!far || far.radius === 0) return "The run keeps no other parameters to draw a way from.";
  const inPlane = Math.sqrt(Math.max(0, far.radius ** 2 - far.distance ** 2)), seen = Math.max(Math.abs(far.alpha), Math.abs(far.beta)) <= slice.viewHalfWidth;
  return `Its way, ${count(way.points.length)} points: at update ${count(far.step)} the parameters were ${steady(far.radius)} from here, ` +
    `${percent(far.distance / far.radius)} of it out of this plane (${steady(far.distance)}) and ${steady(inPlane)} within it${seen ? "" : ", beyond the border of the picture"}. ` +
    "The line is the shadow that the way throws on the plane; it fades where the way is far from it.";
}
