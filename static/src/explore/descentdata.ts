// The paths of the optimizers as the server sends them (server/descentpaths.go), fetched so that a dragged slider asks at most five times
// a second, with one request under way, and the newest wins.

import type { Descent } from "../state";

export interface DescentPath {
  id: Descent;
  name: string;
  how: string;
  steps: number; // taken
  every: number; // steps from a point to the next
  points: [number, number][];
  f: (number | null)[];
  away?: number[]; // distance from the plane, of more than two variables
  stages: { step: number; learningRate: number; batchSize?: number; noiseLevel: number }[];
  end: "finished" | "diverged";
  valley: { point: [number, number]; f: number | null; global: boolean; distance: number } | null;
  sentence: string;
}
export interface Descents { steps: number; calm: number; sentence: string; paths: DescentPath[] }

interface Proportion { successes: number; runs: number; rate: number; lo: number; hi: number }
export interface DescentEnsemble { runs: number; steps: number; seed: number; minima: number; methods: { id: Descent; name: string; global: Proportion; arrived: Proportion; diverged: number; sentence: string }[] }

/** at is the index of the last point of a path that is not after a step. */
export function at(path: DescentPath, step: number): number {
  return step >= path.steps ? path.points.length - 1 : Math.min(path.points.length - 1, Math.floor(step / path.every));
}

/** stage of a path in which a step is taken. */
export function stageAt(path: DescentPath, step: number): DescentPath["stages"][number] {
  let found = path.stages[0]!;
  for (const stage of path.stages) if (stage.step <= Math.max(0, step - 1)) found = stage;
  return found;
}

/** fetchEnsemble gets what a hundred starts come to, or fails with a sentence for the reader. */
export async function fetchEnsemble(query: string, signal: AbortSignal): Promise<DescentEnsemble> { return ask<DescentEnsemble>(`/api/descent/ensemble${query}`, signal); }

const pause = 200; // ms from one request to the next

/** Feed asks for the paths of a query, and tells those of the newest. */
export class DescentFeed {
  private wanted: string | null = null; // newest query that is not under way yet
  private timer = 0;
  private last = -pause;
  private running: AbortController | null = null;

  constructor(private readonly told: (descents: Descents) => void, private readonly failed: (query: string, sentence: string) => void) {}

  ask(query: string): void {
    this.wanted = query;
    this.next();
  }

  /** stop forgets what was asked for. */
  stop(): void {
    this.wanted = null;
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.running?.abort();
    this.running = null;
  }

  private next(): void {
    if (this.running || this.timer || this.wanted === null) return;
    this.timer = window.setTimeout(() => { this.timer = 0; void this.send(); }, Math.max(0, this.last + pause - performance.now()));
  }

  private async send(): Promise<void> {
    const query = this.wanted, stopper = new AbortController();
    if (query === null) return;
    this.wanted = null;
    this.running = stopper;
    this.last = performance.now();
    try {
      const descents = await ask<Descents>(`/api/descent${query}`, stopper.signal);
      if (!stopper.signal.aborted) this.told(descents);
    } catch (problem) {
      if (!stopper.signal.aborted) this.failed(query, problem instanceof Error ? problem.message : String(problem));
    }
    if (this.running === stopper) this.running = null;
    this.next();
  }
}

async function ask<T>(address: string, signal: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, { headers: { Accept: "application/json" }, signal });
  } catch (problem) {
    if (signal.aborted) throw problem;
    throw new Error("The descents could not be fetched: the server does not answer. Is it still running?");
  }
  if (answer.ok) return (await answer.json()) as T;
  const { error } = (await answer.json().catch(() => ({}))) as { error?: { expected: string; found: string; advice?: string } };
  throw new Error(error ? `Expected ${error.expected}, found ${error.found}. ${error.advice ?? ""}`.trim() : `The server says ${answer.status}.`);
}
