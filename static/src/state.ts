// The state of the Explore view and its place: the query string of the page, which /figure.png reads, too. One list says every
// property: its key, its default, how it is read and written. What is at its default is left out; unknown keys are ignored.

import type { Convention, Law } from "./kernel";
import { paletteNames, type PaletteName } from "./palette.gen";
import { defaultsOf, flag, list, number, readQuery, whole, word, writeQuery, type Limits, type Properties } from "./query";
import { cameraLimits, restCamera } from "./surface/camera";
import type { Mode } from "./surface/view";

/** The version of links that this page writes; a link without v is of version 1. */
export const linkVersion = 1;

export interface ViewState {
  f: string; // id of a closed form, or "slice:" and the id of a slice
  eta: number;
  b: number;
  c: number;
  kernel: Law;
  alpha: number;
  convention: Convention;
  raw: boolean; // f instead of f̂
  split: boolean; // f left of a cut, f̂ right of it
  view: Mode;
  log: boolean; // heights on a logarithmic scale
  dim: number; // number d of variables of a closed form
  pictures: boolean; // the four pictures side by side
  paths: readonly Descent[]; // which optimizers run on the picture
  x0: number; // where they start
  y0: number;
  seed: number; // of what they leave to chance
  t: number; // step up to which their paths are drawn; 0: all
  cut: "off" | "x" | "y"; // the line across along that axis
  at: number; // its place on the other axis
  tree: boolean; // the family tree beside the picture
  scene: number; // of the lesson that is open, from 1; 0: none
  present: boolean; // big type and one control, for a class
  hide: readonly Part[]; // what is hidden
  lock: readonly Part[]; // what shows, but cannot be changed
  yaw: number;
  pitch: number;
  zoom: number;
  panx: number; // place that is looked at: 0 is the middle, ±1 the border
  pany: number;
  m: number; // magnification of a slice; 0: the slice's own
  n: number; // nodes a side of a closed form
  palette: PaletteName;
}

/** Parts of the page that a link can hide or lock. */
export const parts = ["eta", "b", "c", "delta", "function", "kernel", "record", "lessons", "sentence", "tools"] as const;
export type Part = (typeof parts)[number];

/** Optimizers that run on the picture: gradient descent on f and on f̂_δ, SGD, explicit and implicit graduated optimization. */
export const descents = ["gd", "smoothed", "sgd", "explicit", "implicit"] as const;
export type Descent = (typeof descents)[number];

export const limits: Record<"eta" | "b" | "c" | "alpha" | "m" | "at" | "dim" | "x0" | "y0" | "seed" | "t", Limits> = {
  eta: [1e-5, 10], b: [1, 65536], c: [1e-3, 1e5], alpha: [1.01, 1.99], m: [1e-3, 1e6], at: [-1e6, 1e6],
  dim: [2, 1000], x0: [-1e6, 1e6], y0: [-1e6, 1e6], seed: [0, 99999], t: [0, 99999],
};
export const sizes: readonly number[] = [129, 201, 257, 513];

const properties: Properties<ViewState> = {
  f: { otherwise: "rastrigin", read: (text) => (/^(slice:)?[\w-]{1,64}$/.test(text) ? text : undefined), write: (v) => v },
  eta: number(limits.eta, 0.1),
  b: whole(limits.b, 16),
  c: number(limits.c, 28),
  kernel: word<Law>(["gaussian", "uniform", "stable"], "gaussian"),
  alpha: number(limits.alpha, 1.5),
  convention: word<Convention>(["vector", "coordinate"], "vector"),
  raw: flag(),
  split: flag(),
  view: word<Mode>(["surface", "map"], "surface"),
  log: flag(),
  dim: whole(limits.dim, 2),
  pictures: flag(),
  paths: list<Descent>(descents),
  x0: number(limits.x0, 0, 4),
  y0: number(limits.y0, 0, 4),
  seed: whole(limits.seed, 1),
  t: whole(limits.t, 0),
  cut: word(["off", "x", "y"], "off"),
  at: number(limits.at, 0, 4),
  tree: flag(),
  scene: { otherwise: 0, read: (text) => (/^\d{1,2}$/.test(text) ? Number(text) : undefined), write: String },
  present: flag(),
  hide: list<Part>(parts),
  lock: list<Part>(parts),
  yaw: number(cameraLimits.yaw, restCamera.yaw, 3),
  pitch: number(cameraLimits.pitch, restCamera.pitch, 3),
  zoom: number(cameraLimits.zoom, restCamera.zoom, 3),
  panx: number(cameraLimits.pan, restCamera.panx, 3),
  pany: number(cameraLimits.pan, restCamera.pany, 3),
  m: { ...number(limits.m, 0), otherwise: 0 },
  n: { otherwise: 201, read: (text) => sizes.find((n) => String(n) === text), write: String },
  palette: word<PaletteName>(paletteNames, "viridis"),
};

/** defaults are what a key that is left out means. */
export function defaults(): ViewState { return defaultsOf(properties); }

/**
 * read takes what it understands of a query; the rest keeps its default (the server has refused links with bad values). The bare
 * page, with no key of ours, opens on its first picture: the default function, split.
 */
export function read(query: string): ViewState {
  const { state, known } = readQuery(properties, query);
  return known ? state : { ...state, split: true };
}

/** write returns the shortest query that says the same, with its "?"; "" for the first picture. */
export function write(state: ViewState): string {
  const query = writeQuery(properties, state, (key) => key === "alpha" && state.kernel !== "stable");
  return query === "split=1" ? "" : query === "" ? "?split=0" : `?${query}`;
}
