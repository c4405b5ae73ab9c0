// Several pictures of one source from one worker: one after the other, and what was asked for last of a picture is what it gets.

import { mostNodesInMotion } from "../field";
import { Smoothing, type Frame, type Sampled, type Smooth, type Source } from "../smoothing";

export interface QueueListener {
  sampled(sampled: Sampled): void;
  frame(id: string, frame: Frame): void;
  failed(sentence: string): void;
}

export class PictureQueue {
  private readonly smoothing: Smoothing;
  private readonly wanted = new Map<string, Smooth>(); // not asked for yet
  private readonly latest = new Map<string, Smooth>(); // what was asked for last of each picture
  private asked = ""; // the picture that is being computed; "" for none
  private seq = 0;

  constructor(listener: QueueListener) {
    this.smoothing = new Smoothing({
      sampled: (sampled) => listener.sampled(sampled),
      frame: (frame) => {
        if (frame.seq !== this.seq) return;
        const id = this.asked;
        this.asked = "";
        listener.frame(id, frame);
        this.next();
      },
      failed: (sentence) => {
        this.asked = "";
        listener.failed(sentence);
        this.next();
      },
    });
  }

  /** load replaces the source; what was wanted of the one before is forgotten. Its grid is one that is smoothed whole at once. */
  load(source: Source): void {
    this.wanted.clear();
    this.latest.clear();
    this.asked = "";
    this.smoothing.load(source.kind === "field" ? source : { ...source, n: Math.min(source.n, mostNodesInMotion) });
  }

  /** want asks for a picture; one that is the newest already is not asked for again. */
  want(id: string, smooth: Smooth): void {
    const before = this.latest.get(id);
    if (before && same(before, smooth)) return;
    this.latest.set(id, smooth);
    this.wanted.delete(id); // to the end of the line
    this.wanted.set(id, smooth);
    this.next();
  }

  /** idle: all that is wanted has come. */
  get idle(): boolean { return this.asked === "" && this.wanted.size === 0; }

  drop(id: string): void {
    this.wanted.delete(id);
    this.latest.delete(id);
  }

  close(): void { this.smoothing.close(); }

  private next(): void {
    const first = this.asked === "" ? this.wanted.entries().next() : null;
    if (!first || first.done) return;
    const [id, smooth] = first.value;
    this.wanted.delete(id);
    this.asked = id;
    this.seq = this.smoothing.smooth(smooth);
  }
}

function same(a: Smooth, b: Smooth): boolean {
  return a.plus === b.plus && a.delta === b.delta && a.kernel.law === b.kernel.law && a.kernel.convention === b.kernel.convention && a.kernel.alpha === b.kernel.alpha && a.kernel.dim === b.kernel.dim;
}
