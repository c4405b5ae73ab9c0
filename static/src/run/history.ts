// What the server keeps of a run's past: pictures of its landscape, and its way in the plane of one of them.

import { decodeSlice, type Slice } from "../protocol";

/** A kept slice, without its grid. */
export interface Moment { step: number; delta: number | null; level: number; levels: number; range?: readonly [number, number] }

/** The run's way in the plane of the slice of `step`; distances are lengths in parameter space. */
export interface Way { step: number; points: WayPoint[] }
export interface WayPoint { step: number; alpha: number; beta: number; distance: number; radius: number }

const slicesKept = 24; // in memory: 49² numbers each

export class History {
  private readonly slices = new Map<string, Promise<Slice>>(); // by step and level, in the order of their last use
  private readonly ways = new Map<number, Promise<Way>>(); // by step

  /** base is the run's address in the JSON interface, such as "/api/runs/7". */
  constructor(private readonly base: string) {}

  /** moments lists the kept slices, oldest first. It rejects with a sentence. */
  async moments(): Promise<Moment[]> {
    const { slices } = (await this.get("slices")) as { slices: Moment[] };
    return slices;
  }

  /** range is that of the losses in the views of all kept slices; null where none is finite. */
  async range(): Promise<readonly [number, number] | null> {
    const { slices } = (await this.get("slices?ranges=1")) as { slices: Moment[] };
    const all = slices.flatMap(({ range }) => range ?? []), lo = Math.min(...all), hi = Math.max(...all);
    return hi > lo ? [lo, hi] : null;
  }

  /** slice fetches a kept slice, or gives it from memory. */
  slice(moment: Moment): Promise<Slice> {
    const key = `${moment.step} ${moment.level}`, known = this.slices.get(key);
    if (known) this.slices.delete(key);
    const slice = known ?? this.get(`slice?step=${moment.step}`).then(decodeSlice);
    this.slices.set(key, slice);
    if (!known) slice.catch(() => this.slices.delete(key)); // asked again next time
    for (const oldest of this.slices.keys()) {
      if (this.slices.size <= slicesKept) break;
      this.slices.delete(oldest);
    }
    return slice;
  }

  /** way fetches the run's way in the plane of the slice of that update; fresh asks the server again. */
  way(step: number, fresh: boolean): Promise<Way> {
    let way = fresh ? undefined : this.ways.get(step);
    if (!way) {
      way = this.get(`trajectory?step=${step}`) as Promise<Way>;
      this.ways.set(step, way);
      way.catch(() => this.ways.delete(step));
    }
    return way;
  }

  /** gone says whether the server answers that there is no such run. A server that does not answer leaves the question open. */
  async gone(): Promise<boolean> {
    const answer = await fetch(this.base, { headers: { Accept: "application/json" } }).catch(() => null);
    return answer?.status === 404 || answer?.status === 410;
  }

  private async get(what: string): Promise<unknown> {
    let answer: Response;
    try {
      answer = await fetch(`${this.base}/${what}`, { headers: { Accept: "application/json" } });
    } catch {
      throw new Error("The past of this run could not be fetched: the server does not answer.");
    }
    if (answer.ok) return answer.json();
    const { error } = (await answer.json().catch(() => ({}))) as { error?: { expected?: string; found?: string } };
    throw new Error(`The past of this run could not be fetched: ${error?.expected ? `expected ${error.expected}, found ${error.found}` : `the server says ${answer.status}`}.`);
  }
}
