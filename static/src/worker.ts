// The worker: samples a source once, smooths it on demand, finds the minima. See smoothing.ts for what it is asked and answers.

import { add, cellsOfRing, crop, everyOther, fieldFromSlice, mostNodesInMotion, inner, sampleObjective, type Field } from "./field";
import { minima } from "./minima";
import { Smoother } from "./smoother";
import type { Answer, Ask, Source } from "./smoothing";

interface Port { postMessage(answer: Answer, transfer?: Transferable[]): void; onmessage: ((e: MessageEvent<Ask>) => void) | null }

class Desk {
  private field: Field | null = null;
  private fine: Smoother | null = null; // on all nodes; made when it is first asked for
  private coarse: Smoother | null = null; // on every other node
  private source = 0;

  constructor(private readonly port: Port) {
    port.onmessage = (e) => {
      try {
        this.serve(e.data);
      } catch (problem) {
        const source = e.data.type === "load" ? e.data.number : e.data.source;
        port.postMessage({ type: "failed", source, sentence: problem instanceof Error ? problem.message : String(problem) });
      }
    };
  }

  private serve(ask: Ask): void {
    const start = performance.now();
    if (ask.type === "load") {
      this.source = ask.number;
      this.fine = this.coarse = null;
      const field = sample(ask.source), raw = inner(field);
      this.port.postMessage({ type: "sampled", sampled: {
        source: ask.number, n: field.n, lo: field.lo, hi: field.hi, halo: (field.cells * (field.hi - field.lo)) / (field.n - 1),
        raw, range: range(raw), minima: minima(crop(field, cellsOfRing)),
      } }, [raw.buffer]);
      this.field = field;
      this.smoother(field.n > mostNodesInMotion);
      return;
    }
    if (ask.source !== this.source || !this.field) return;
    const { kernel, delta, plus } = ask.request, { field: smoothed, mirrorMass } = this.smoother(ask.coarse).smooth(kernel, delta);
    const field = plus ? add(smoothed, plus) : smoothed, heights = inner(field);
    this.port.postMessage({ type: "frame", frame: {
      source: ask.source, seq: ask.seq, n: field.n, lo: field.lo, hi: field.hi, heights, range: range(heights), minima: minima(field), mirrorMass,
      milliseconds: performance.now() - start, coarse: ask.coarse,
    } }, [heights.buffer]);
  }

  private smoother(coarse: boolean): Smoother {
    return coarse ? (this.coarse ??= new Smoother(everyOther(this.field!))) : (this.fine ??= new Smoother(this.field!));
  }
}

function sample(source: Source): Field {
  return source.kind === "objective" ? sampleObjective(source.id, source.lo, source.hi, source.halo, source.n)
    : source.kind === "field" ? source.field : fieldFromSlice(source.z, source.side, source.evaluated, source.halfWidth, source.n);
}

function range(z: Float32Array): [number, number] {
  let lo = Infinity, hi = -Infinity;
  for (const v of z) { if (v < lo) lo = v; if (v > hi) hi = v; }
  return [lo, hi];
}

new Desk(self as unknown as Port);
