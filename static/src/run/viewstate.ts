// The state of a run's page as its query: what is looked at, how, and when in the run.

import type { Abscissa } from "../chart/series";
import { paletteNames, type PaletteName } from "../palette.gen";
import { flag, number, readQuery, whole, word, writeQuery, type Limits, type Properties } from "../query";
import { cameraLimits, restCamera } from "../surface/camera";
import type { Mode } from "../surface/view";
import { pictures, type Law, type Picture } from "./plane";

export interface RunViewState {
  at: number; // the update whose slice is shown; newestMoment: the newest, as it comes
  delta: number; // δ that was taken hold of; 0: the run's own
  m: number; // magnification; 0: that of the run's first δ
  picture: Picture;
  kernel: Law;
  raw: boolean;
  close: boolean; // zoomed to ±8δ
  view: Mode;
  way: boolean; // the run's trajectory
  log: boolean; // heights on a logarithmic scale
  palette: PaletteName;
  axis: Abscissa;
  yaw: number;
  pitch: number;
  zoom: number; // of the camera
  panx: number;
  pany: number;
}

/** No update: the newest slice, as it comes. */
export const newestMoment = -1;

export const limits: Record<"at" | "delta" | "m", Limits> = { at: [0, 999_999_999], delta: [1e-9, 1e9], m: [1e-6, 1e9] };

const properties: Properties<RunViewState> = {
  at: whole(limits.at, newestMoment, 9),
  delta: { ...number(limits.delta, 0, 4), otherwise: 0 },
  m: { ...number(limits.m, 0), otherwise: 0 },
  picture: word<Picture>(pictures, "slice"),
  kernel: word<Law>(["gaussian", "uniform"], "gaussian"),
  raw: flag(),
  close: flag(),
  view: word<Mode>(["surface", "map"], "surface"),
  way: flag(),
  log: flag(),
  palette: word<PaletteName>(paletteNames, "viridis"),
  axis: word(["step", "epoch", "samples", "time"], "step"),
  yaw: number(cameraLimits.yaw, restCamera.yaw, 3),
  pitch: number(cameraLimits.pitch, restCamera.pitch, 3),
  zoom: number(cameraLimits.zoom, restCamera.zoom, 3),
  panx: number(cameraLimits.pan, restCamera.panx, 3),
  pany: number(cameraLimits.pan, restCamera.pany, 3),
};

/**
 * Between the minima of a recorded run the losses rise a hundredfold: its heights are logarithmic unless its link says otherwise. Its parameters
 * do not ship, and without them there is no full space.
 */
const ofRecorded: Properties<RunViewState> = { ...properties, log: { ...properties.log, otherwise: true }, picture: word<Picture>(["slice", "projected"], "slice") };

/** readView takes what it understands of a query; the rest keeps its default, so that no link breaks the page. */
export function readView(query: string, recorded = false): RunViewState { return readQuery(recorded ? ofRecorded : properties, query).state; }

/** writeView is the shortest query that says the same, with its "?"; "" where everything is at its default. */
export function writeView(state: RunViewState, recorded = false): string {
  const query = writeQuery(recorded ? ofRecorded : properties, state);
  return query === "" ? "" : `?${query}`;
}

/** figureQuery asks for the figure of a view; step is that of a kept slice, delta one that was taken hold of. Of full space there is no figure: it is that of the slice. */
export function figureQuery(state: RunViewState, m: number, step: number | null, delta: number | null): string {
  const query = new URLSearchParams({ m: String(m), kernel: state.kernel, convention: "vector" });
  if (state.picture === "projected") query.set("picture", "projected");
  for (const key of ["raw", "close", "log"] as const) if (state[key]) query.set(key, "1");
  if (state.palette !== "viridis") query.set("palette", state.palette);
  if (step !== null) query.set("step", String(step));
  if (delta !== null) query.set("delta", String(delta));
  return query.toString();
}
