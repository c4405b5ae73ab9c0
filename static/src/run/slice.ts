// The live slice. (Filled in below once the surface is there.)
import type { Slice } from "../protocol";
import type { RunLog } from "./log";
export class SlicePanel {
  constructor(private readonly page: HTMLElement, private readonly log: RunLog) {}
  clear(): void {}
  noise(): void {}
  recolor(): void {}
  show(_: Slice): void { void this.page; void this.log; }
  key(_: string): boolean { return false; }
}
