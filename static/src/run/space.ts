// The pictures in full space of a run's slice: the server samples them, one beside the others says how far all four differ.

import { PictureQueue } from "../pictures/queue";
import { SpaceFeed } from "../pictures/feed";
import { Layers, over, quality, share } from "../pictures/layers";
import type { SpaceFrame, SpaceHead } from "../pictures/space";
import { sentences, type PictureId, type Shown } from "../pictures/words";
import { count, digits } from "../numbers";
import type { Slice } from "../protocol";
import type { Frame, Sampled, Smooth } from "../smoothing";
import { plotDelta, smoothing, type Law } from "./plane";

/** Where pictures are wanted. */
export interface SpaceView {
  slice: Slice;
  grid: Float64Array; // its values, all finite
  law: Law;
  delta: number; // of the run, or that was taken hold of
  m: number;
  moves: boolean; // the run sets δ: pictures at 2 % of it are as good
  live: boolean; // the newest slice is shown, as it comes
}

/** What there is of one of them. */
export interface Seen {
  smooth: Smooth | null; // null: it is not there, and is not drawn
  delta: number; // that it was computed at, of the magnification m
  words: string; // where it comes from and how good it is by now, or why it is not there
  done: boolean; // nothing will change by waiting
}

const rest = 600; // ms without a change, after which the server is asked
const near = 0.02; // of δ
const nodes = 65; // a side of the pictures that are compared

export class SpacePictures {
  private readonly feed = new SpaceFeed(() => this.told());
  private readonly layers = new Layers();
  private readonly frames = new Map<PictureId, Frame>();
  private queue: PictureQueue | null = null; // while all four are compared
  private sampled: Sampled | null = null;
  private loaded: Slice | null = null;
  private view: SpaceView | null = null;
  private overtaken = false; // by a newer slice, before the pictures of the older one came

  /** The address is that of the run's pictures in full space, without a query; changed is told whenever there is more to show. */
  constructor(private readonly address: string, private readonly changed: () => void) {}

  /** follow wants the pictures of a view; null: none. */
  follow(view: SpaceView | null): void {
    this.view = view;
    if (!view) return this.close();
    const before = new URLSearchParams(this.feed.asked.split("?")[1]), wanted = new URLSearchParams({ step: String(view.slice.step), delta: (view.delta * view.m).toPrecision(4), kernel: view.law });
    const same = before.get("step") === wanted.get("step") && before.get("kernel") === view.law;
    if (this.feed.there || !view.live) this.overtaken = false;
    else if (before.has("step") && !same) this.overtaken = true;
    if (!(same && view.moves && Math.abs(Number(before.get("delta")) / (view.delta * view.m) - 1) < near)) this.feed.follow(`${this.address}?${wanted}`, rest);
    this.compare();
  }

  /** source is the address of what is shown: lines of JSON. */
  get source(): string { return this.feed.asked; }

  /** seen says what there is of a picture of the view. */
  seen(id: "full" | "measured"): Seen {
    const { feed, view } = this, space = feed.there ? feed.spaces[0] : undefined, none = { smooth: null, delta: 0, done: false };
    if (feed.problem) return { ...none, words: feed.problem, done: !feed.again };
    const frame = space?.[id];
    if (!space || !view || !frame) {
      const full = space?.full;
      return { ...none, words: id === "measured" && full ? `comes after full space, ${count(full.samples)} draws of it so far, ± ${share(full.relErr)}` : this.overtaken ? "being computed; each newer slice begins it anew, the one before (←) would have the time" : "being computed" };
    }
    const drawn = this.drawn(space.head, frame, view.law), side = space.head.nodes.length - 2;
    if (!drawn) return { ...none, words: frame.refused || "It is not finite at any point", done: true };
    return { smooth: drawn.smooth, delta: space.head.delta / view.m, words: `${quality(space.head, frame, drawn.lost)}, ${side} × ${side} points`, done: frame.done };
  }

  /** sentence says how far the four pictures differ there, as far as they are there. */
  get sentence(): string {
    const { view, sampled, feed } = this, space = feed.there ? feed.spaces[0] : undefined;
    if (!view || !sampled || !space || !this.frames.has("projected")) return "";
    const { slice, law, delta, m } = view, times = slice.delta ? (delta * m) / slice.delta : m;
    return sentences({
      dim: space.head.dim, kernel: { law, convention: "vector", alpha: 1.5 }, delta: plotDelta(slice, delta, m), name: "L", unit: " in units of the plane", recorded: space.head.recorded,
      caution: Math.abs(times - 1) > near ? `All of this is drawn with noise ×${digits(times)} that of the run.` : "",
    }, sampled.range[1] - sampled.range[0] || 1, (id) => this.shown(id, space.head));
  }

  private shown(id: PictureId, head: SpaceHead): Shown | null {
    const frame = this.frames.get(id), known = id === "full" || id === "measured" ? this.feed.spaces[0]![id] : null;
    if (!frame) return null;
    return { ...frame, errors: known?.z && known.stdErr ? this.layers.of(known, head, known.z, known.stdErr).errors : null };
  }

  /** drawn is a frame on its plane; null where it has no finite point. */
  private drawn(head: SpaceHead, frame: SpaceFrame, law: Law): { smooth: Smooth; lost: number } | null {
    if (!frame.z || !frame.stdErr) return null;
    const layer = this.layers.of(frame, head, frame.z, frame.stdErr);
    return layer.lost === frame.z.length ? null : { smooth: over(head, layer, { law, convention: "vector", alpha: 1.5 }), lost: layer.lost };
  }

  private told(): void {
    this.compare();
    this.changed();
  }

  /** compare has all pictures that are there smoothed on one grid. */
  private compare(): void {
    const { view, feed } = this, space = feed.there ? feed.spaces[0] : undefined;
    if (!view || !space) return;
    const { slice, grid, law, delta, m } = view;
    this.queue ??= new PictureQueue({
      sampled: (sampled) => { this.sampled = sampled; this.compare(); },
      frame: (id, frame) => {
        if (frame.source === this.sampled?.source) this.frames.set(id as PictureId, frame);
        if (this.queue?.idle) this.changed();
      },
      failed: () => {}, // the picture itself says so
    });
    if (slice !== this.loaded) {
      this.loaded = slice;
      this.sampled = null;
      this.frames.clear();
      this.queue.load({ kind: "slice", z: grid, side: slice.alphas.length, evaluated: slice.viewHalfWidth + slice.halo, halfWidth: slice.viewHalfWidth, n: nodes });
    }
    if (!this.sampled) return;
    this.queue.want("slice", smoothing(slice, "slice", law, delta, m, space.head.dim));
    this.queue.want("projected", smoothing(slice, "projected", law, delta, m, space.head.dim));
    for (const id of ["full", "measured"] as const) {
      const frame = space[id], found = frame && this.drawn(space.head, frame, law);
      if (found) this.queue.want(id, found.smooth); else this.frames.delete(id);
    }
  }

  private close(): void {
    this.feed.stop();
    this.queue?.close();
    this.queue = this.sampled = this.loaded = null;
    this.frames.clear();
  }
}
