// What the server computes of a view in full space: asked for when the view rests, and again when the server was busy.

import { fetchSpace, SpaceBusy, type Space } from "./space";

const pause = 4000; // ms until the server is asked again when it was busy

export class SpaceFeed {
  spaces: readonly Space[] = []; // that were found last
  of = ""; // the address that they answer
  asked = ""; // the address that was asked for last; "" for none
  problem = ""; // why there is no answer to it
  again = false; // it is asked for again, after a while
  private timer = 0;
  private running: AbortController | null = null;

  constructor(private readonly told: () => void) {}

  /** there: what was found is what was asked for. */
  get there(): boolean { return this.of === this.asked; }

  /** follow asks for an address when it has been the same for so many milliseconds. */
  follow(address: string, patience: number): void {
    if (address === this.asked) return;
    this.stop();
    this.asked = address;
    this.problem = "";
    this.timer = window.setTimeout(() => void this.fetch(address), patience);
  }

  /** stop asks for nothing any more; whoever computes for nobody else ends. */
  stop(): void {
    window.clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
    this.asked = "";
  }

  private async fetch(address: string): Promise<void> {
    const controller = (this.running = new AbortController());
    try {
      await fetchSpace(address, controller.signal, (spaces) => {
        if (address !== this.asked) return;
        this.spaces = spaces;
        this.of = address;
        this.problem = "";
        this.told();
      });
    } catch (problem) {
      if (controller.signal.aborted || address !== this.asked) return;
      this.problem = problem instanceof TypeError ? "The server does not answer. Is it still running?" : problem instanceof Error ? problem.message : String(problem);
      this.again = problem instanceof SpaceBusy || problem instanceof TypeError;
      if (this.again) this.timer = window.setTimeout(() => void this.fetch(address), pause * (0.75 + Math.random() / 2));
      this.told();
    }
  }
}
