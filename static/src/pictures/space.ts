// What smoothing in all dimensions makes of a plane, as the server computes it: lines of JSON that become better. See server/spaceframes.go.

import type { Lattice } from "../field";

export interface SpaceHead {
  type: "head";
  dim: number;
  delta: number; // of the pictures that follow
  nodes: number[];
  base: (number | null)[]; // what the pictures are drawn over: see baseOf
  baseOf: "projected" | "raw";
  exact: (number | null)[]; // the full picture in closed form; empty where none is known
  recorded: string; // which noise "measured" has
}
export interface SpaceFrame {
  type: "frame";
  picture: "full" | "measured";
  samples: number;
  antithetic: boolean;
  z: (number | null)[] | null;
  stdErr: (number | null)[] | null;
  relErr: number | null; // greatest standard error as a share of the range
  done: boolean;
  reached: boolean;
  refused: string; // why there is no such picture
}

/** What is known so far of the pictures at one δ. */
export interface Space { head: SpaceHead; full: SpaceFrame | null; measured: SpaceFrame | null }

/** All places that compute are taken: ask again. */
export class SpaceBusy extends Error {}

type Line = SpaceHead | SpaceFrame | { type: "end"; failed?: string };

/** fetchSpace follows the answer of an address, and tells after each line what is known: of each δ that was computed. It fails with a sentence for the reader. */
export async function fetchSpace(address: string, signal: AbortSignal, told: (spaces: readonly Space[]) => void): Promise<void> {
  const answer = await fetch(address, { signal, headers: { Accept: "application/x-ndjson, application/json" } });
  if (answer.status === 503) throw new SpaceBusy(await sentenceOf(answer));
  if (!answer.ok || !answer.body) throw new Error(await sentenceOf(answer));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(), spaces: Space[] = [];
  let rest = "", failed: string | undefined;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop()!;
    for (const text of lines) {
      const line = JSON.parse(text) as Line, space = spaces.at(-1);
      if (line.type === "head") spaces.push({ head: line, full: null, measured: null });
      else if (line.type === "frame" && space) space[line.picture] = line;
      else if (line.type === "end") failed = line.failed;
    }
    if (lines.length > 0) told(spaces);
  }
  if (failed) throw new Error(failed);
}

/** sentenceOf is what the server says of a refusal. */
async function sentenceOf(answer: Response): Promise<string> {
  try {
    const { error } = (await answer.json()) as { error: { doing: string; expected: string; found: string; advice: string } };
    return `${error.doing[0]!.toUpperCase()}${error.doing.slice(1)}: expected ${error.expected}, found ${error.found}. ${error.advice}`;
  } catch {
    return `Full space could not be computed: the server says ${answer.status}.`;
  }
}

/** above is by how much a picture lies above what it is drawn over; where there is none of it, by as much as where it does most. */
export function above(head: SpaceHead, z: readonly (number | null)[]): { lattice: Lattice; lost: number } {
  const { nodes, base } = head, out = new Float64Array(z.length);
  let lost = 0, most = -Infinity;
  for (let i = 0; i < z.length; i++) {
    const a = z[i], b = base[i];
    out[i] = typeof a === "number" && typeof b === "number" ? a - b : NaN;
    if (out[i]! > most) most = out[i]!;
  }
  for (let i = 0; i < z.length; i++) if (Number.isNaN(out[i])) { out[i] = Number.isFinite(most) ? most : 0; lost++; }
  return { lattice: { lo: nodes[0]!, hi: nodes.at(-1)!, n: nodes.length, z: out }, lost };
}

/** errors is the standard error on its lattice; 0 where there is none. */
export function errors({ nodes }: SpaceHead, stdErr: readonly (number | null)[]): Lattice {
  return { lo: nodes[0]!, hi: nodes.at(-1)!, n: nodes.length, z: Float64Array.from(stdErr, (v) => v ?? 0) };
}
