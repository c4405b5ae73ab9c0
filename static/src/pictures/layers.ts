// Pictures in full space as what is added to the picture of their plane, and the words for how good they are.

import type { Lattice } from "../field";
import type { Kernel } from "../kernel";
import { count, digits } from "../numbers";
import type { Smooth } from "../smoothing";
import { above, errors, type SpaceFrame, type SpaceHead } from "./space";

export interface Layer { plus: Lattice; lost: number; errors: Lattice | null }

/** Layers makes each one once: the same frame gives the same lattices. */
export class Layers {
  private readonly made = new WeakMap<SpaceHead | SpaceFrame, Layer>();

  of(key: SpaceHead | SpaceFrame, head: SpaceHead, z: readonly (number | null)[], stdErr: readonly (number | null)[] | null): Layer {
    let layer = this.made.get(key);
    if (!layer) {
      const { lattice, lost } = above(head, z);
      this.made.set(key, layer = { plus: lattice, lost, errors: stdErr && errors(head, stdErr) });
    }
    return layer;
  }
}

/** over is a layer on what it belongs to; kernel is that of the plane. */
export function over(head: SpaceHead, { plus }: Layer, kernel: Kernel): Smooth {
  return { kernel: { ...kernel, dim: head.dim }, delta: head.baseOf === "raw" ? 0 : head.delta, plus };
}

/** quality says where a picture comes from and how good it is by now. */
export function quality(head: SpaceHead, frame: SpaceFrame, lost: number): string {
  const full = frame.picture === "full", draws = full ? `, ${count(frame.samples)} draws` : frame.done ? "" : `, ${count(frame.samples)} of them so far`;
  const holes = lost > 0 ? `; ${count(lost)} of ${count(frame.z!.length)} points are not finite` : "";
  return `${full ? "Monte Carlo" : head.recorded}${draws}, ± ${share(frame.relErr)}${frame.done ? "" : " …"}${holes}`;
}

export function share(relative: number | null): string { return relative === null ? "?" : `${digits(100 * relative, 2)} % of the range`; }
