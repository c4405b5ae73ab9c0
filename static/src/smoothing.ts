// Smoothing in a worker: the page loads a source once, then asks for it smoothed by any kernel and degree. The latest value
// wins: while one request is worked on, newer ones replace each other, and every frame carries the number of its request.

import { mostNodesInMotion, type Field, type Lattice } from "./field";
import type { Kernel } from "./kernel";
import type { Minimum } from "./minima";

/** What is smoothed: a closed form, sampled in the worker, a field that was sampled elsewhere, or a square slice of a network's loss over [−evaluated, evaluated]². */
export type Source =
  | { kind: "objective"; id: string; lo: number; hi: number; halo: number; n: number }
  | { kind: "field"; field: Field; n: number }
  | { kind: "slice"; z: Float64Array; side: number; evaluated: number; halfWidth: number; n: number };

/** A source on its grid: n nodes a side on [lo, hi]², row-major, row ↔ second coordinate. */
export interface Sampled {
  source: number; // its number, as Smoothing.load returned it
  n: number;
  lo: number;
  hi: number;
  halo: number; // how far beyond the border values are known; mirrored from there on
  raw: Float32Array;
  range: readonly [number, number]; // of raw
  minima: Minimum[]; // of raw, lowest first
}

/** f̂_δ on the grid of its source. Its heights belong to whoever gets the frame. */
export interface Frame {
  source: number;
  seq: number; // number of the request that it answers
  n: number;
  lo: number;
  hi: number;
  heights: Float32Array;
  range: readonly [number, number];
  minima: Minimum[]; // lowest first
  mirrorMass: number; // at most this part of the kernel reached beyond the halo
  milliseconds: number; // what the worker took
  coarse?: boolean; // on every other node of the source, while δ moves; a frame on all of them follows
}

/** What is asked for: the source smoothed, and where a lattice is given, that added to it. */
export interface Smooth { kernel: Kernel; delta: number; plus?: Lattice }

/** Messages to the worker and from it. */
export type Ask = { type: "load"; number: number; source: Source } | { type: "smooth"; seq: number; source: number; request: Smooth; coarse: boolean };
export type Answer = { type: "sampled"; sampled: Sampled } | { type: "frame"; frame: Frame } | { type: "failed"; source: number; sentence: string };

export interface Listener {
  sampled(sampled: Sampled): void;
  frame(frame: Frame): void;
  failed(sentence: string): void;
}

const settled = 120; // ms without a new request, after which the grid is smoothed on all its nodes

/** workerURL is the address of the worker's script, as the page says. */
export function workerURL(): string { return document.documentElement.dataset.worker ?? "/static/worker.js"; }

export class Smoothing {
  private readonly worker: Worker;
  private sources = 0;
  private seq = 0;
  private busy = false;
  private waiting: Ask | null = null;
  private large = false; // the source has more nodes than are smoothed in motion
  private rest = 0; // timer of the request for all nodes

  constructor(private readonly listener: Listener, url: string = workerURL()) {
    this.worker = new Worker(url, { type: "module" });
    this.worker.onmessage = (e: MessageEvent<Answer>) => this.answered(e.data);
    this.worker.onerror = (e) => { e.preventDefault(); listener.failed("The worker that smooths the picture stopped. Reload the page to start it again."); };
  }

  /** load replaces the source and returns its number. Frames of older sources no longer arrive. */
  load(source: Source): number {
    this.waiting = null;
    this.busy = false;
    this.large = source.n > mostNodesInMotion;
    window.clearTimeout(this.rest);
    this.worker.postMessage({ type: "load", number: ++this.sources, source } satisfies Ask);
    return this.sources;
  }

  /** smooth asks for the source smoothed and returns the number that its frame will carry, unless a newer request overtakes it. Of a large grid there are two frames, a coarse one and one on all nodes. */
  smooth(request: Smooth): number {
    window.clearTimeout(this.rest);
    this.hand({ type: "smooth", seq: ++this.seq, source: this.sources, request, coarse: this.large });
    if (this.large) this.settle(request);
    return this.seq;
  }

  close(): void {
    window.clearTimeout(this.rest);
    this.worker.terminate();
  }

  /** settle asks for all nodes once no newer request has come; that frame carries the number of the coarse one before it. */
  private settle(request: Smooth): void {
    const { seq, sources: source } = this;
    this.rest = window.setTimeout(() => this.hand({ type: "smooth", seq, source, request, coarse: false }), settled);
  }

  private hand(ask: Ask): void {
    if (this.busy) this.waiting = ask; else this.send(ask);
  }

  private send(ask: Ask): void {
    this.busy = true;
    this.worker.postMessage(ask);
  }

  private answered(answer: Answer): void {
    if (answer.type === "sampled") {
      if (answer.sampled.source === this.sources) this.listener.sampled(answer.sampled);
      return;
    }
    if ((answer.type === "frame" ? answer.frame.source : answer.source) !== this.sources) return;
    const next = this.waiting;
    this.waiting = null;
    this.busy = false;
    if (next) this.send(next);
    if (answer.type === "frame") this.listener.frame(answer.frame); else this.listener.failed(answer.sentence);
  }
}
