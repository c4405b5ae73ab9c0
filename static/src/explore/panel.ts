// What stands beside the picture of the Explore page and helps itself: each panel reads the bench, and changes the view through it alone.

import type { Kernel } from "../kernel";
import type { Frame, Sampled, Source } from "../smoothing";
import type { ViewState } from "../state";
import type { SurfaceView } from "../surface/view";
import type { FunctionInfo, NetworkSlice } from "./data";

/** The view as panels see it: what is shown now, and the ways to change it. */
export interface Bench {
  readonly root: HTMLElement;
  readonly state: Readonly<ViewState>;
  readonly surface: SurfaceView;
  readonly kernel: Kernel;
  readonly delta: number; // ηC/√b, or its counterpart for the kernel
  readonly drawn: number; // δ in units of the picture, at most what the picture allows
  readonly unit: number; // the δ that the picture draws as 1
  readonly sampled: Sampled | null; // f on the grid; null while it is being computed
  readonly frame: Frame | null; // the newest f̂
  readonly network: NetworkSlice | null; // where the state's f is a slice
  readonly source: Source | null; // what is smoothed; null while it is being fetched
  info(): FunctionInfo | undefined; // where it is a closed form
  /** change takes a part of a new state to the picture, the controls and the link. */
  change(part: Partial<ViewState>): void;
  /** setDelta makes δ, in units of the picture, by the learning rate. */
  setDelta(delta: number): void;
  warn(sentence: string): void;
}

export interface Panel {
  /** refresh shows the bench as it is now: called after every change of the state, of the function, and after each frame. */
  refresh(): void;
  /** key does what a key means here, and says whether it meant anything. */
  key?(key: string, shift: boolean): boolean;
  /** probed is told what lies under the pointer, in units of the picture; null where nothing does. */
  probed?(place: { x: number; y: number } | null): void;
  /** tapped is told where the picture was tapped or clicked without a drag. True: taken. */
  tapped?(place: { x: number; y: number }): boolean;
  /** linked is told the view's link after each change. True: the address of the page stays as it is. */
  linked?(query: string): boolean;
  /** recolor draws again after the colors of the page have changed. */
  recolor?(): void;
}
