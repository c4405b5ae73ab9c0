// What the page brings along in its JSON block, from Go, and what it fetches: slices of trained networks.

import type { Field } from "../field";
import type { Tree } from "./familytree";
import type { Scene } from "./lessons";

export interface FunctionInfo { id: string; name: string; lo: number; hi: number; halo: number; deltaMax: number; growth: number; most: number /* variables that it can have */ }
export interface SliceInfo { id: string; name: string; href: string }
export interface ExploreData { functions: FunctionInfo[]; slices: SliceInfo[]; scenes: Scene[] }

/** A slice as /api/slices/{id} sends it; see server/protocol.go. */
export interface NetworkSlice {
  step: number;
  delta: number | null;
  alphas: number[];
  z: (number | null)[]; // row-major, null where the loss is not finite
  viewHalfWidth: number;
  halo: number;
  norms: [number, number];
  images: number;
  parameters?: number; // d
  loss: number | null;
  lift: { mean: number; stdErr: number; pairs: number; delta: number } | null;
  magnification: number | null;
}

export function exploreData(): ExploreData {
  return JSON.parse(document.getElementById("explore-data")?.textContent ?? "") as ExploreData;
}

/** fetchSlice gets a slice, or fails with a sentence for the reader. */
export async function fetchSlice(info: SliceInfo): Promise<NetworkSlice> {
  let answer: Response;
  try {
    answer = await fetch(info.href, { headers: { Accept: "application/json" } });
  } catch {
    throw new Error(`The slice “${info.name}” could not be fetched: the server does not answer. Is it still running?`);
  }
  if (!answer.ok) throw new Error(`The slice “${info.name}” could not be fetched: the server says ${answer.status}. Choose another function.`);
  const slice = (await answer.json()) as NetworkSlice;
  if (!Array.isArray(slice.z) || slice.z.length !== slice.alphas.length ** 2) throw new Error(`The slice “${info.name}” is incomplete: expected ${slice.alphas.length ** 2} values, found ${slice.z?.length}. Choose another function.`);
  return slice;
}

/** fetchPlane gets f on the plane of its first two variables: see server/planegrids.go. */
export async function fetchPlane(info: FunctionInfo, query: string, n: number): Promise<Field> {
  let answer: Response;
  try {
    answer = await fetch(`/api/plane${query}`);
  } catch {
    throw new Error(`The plane of ${info.name} could not be fetched: the server does not answer. Is it still running?`);
  }
  if (!answer.ok) throw new Error(`The plane of ${info.name} could not be sampled: the server says ${answer.status}. Take fewer variables.`);
  const view = new DataView(await answer.arrayBuffer()), m = Math.sqrt((view.byteLength - 8) / 4), offset = view.getFloat64(0, true);
  if (!Number.isInteger(m) || m < n) throw new Error(`The plane of ${info.name} is incomplete. Load the page again.`);
  return { lo: info.lo, hi: info.hi, n, cells: (m - n) / 2, z: Float64Array.from({ length: m * m }, (_, i) => offset + view.getFloat32(8 + 4 * i, true)) };
}

/** fetchTree gets the family tree of a view, or fails with a sentence for the reader. */
export async function fetchTree(query: string): Promise<Tree> {
  let answer: Response;
  try {
    answer = await fetch(`/api/tree${query}`, { headers: { Accept: "application/json" } });
  } catch {
    throw new Error("The tree could not be fetched: the server does not answer. Is it still running?");
  }
  if (!answer.ok) throw new Error(`The tree could not be grown: the server says ${answer.status}.`);
  return (await answer.json()) as Tree;
}

/** finite returns a slice's values with what is not finite raised to the greatest finite value, and how many those were. */
export function finite(slice: NetworkSlice): { z: Float64Array; raised: number } {
  const top = slice.z.reduce<number>((a, v) => (typeof v === "number" && Number.isFinite(v) && v > a ? v : a), -Infinity);
  let raised = 0;
  const z = Float64Array.from(slice.z, (v) => (typeof v === "number" && Number.isFinite(v) ? v : (raised++, Number.isFinite(top) ? top : 0)));
  return { z, raised };
}
