// The time scrubber: goes back through the slices that a run keeps. Live, it follows the newest.

import { put } from "../explore/put";
import { count, digits } from "./format";
import type { Moment } from "./history";

export interface TimeListener {
  /** chosen: the slice of that moment is wanted; null: the newest, as it comes. */
  chosen(moment: Moment | null): void;
}

const pace = 650; // ms of a moment while it plays

export class TimeScrubber {
  private moments: Moment[] = [];
  private at = 0; // index of the shown moment
  private live = true;
  private wanted = 0; // update of a link that is not in the list yet; 0: none
  private newest = 0; // update up to which the run's log is known
  private playing = 0; // timer
  private readonly range: HTMLInputElement;
  private readonly play: HTMLElement;

  constructor(private readonly root: HTMLElement, private readonly listener: TimeListener) {
    this.range = this.get<HTMLInputElement>("time-range");
    this.play = this.get("time-play");
    this.range.addEventListener("input", () => { this.pause(); this.go(Number(this.range.value)); });
    this.get("time-back").addEventListener("click", () => this.step(-1));
    this.get("time-on").addEventListener("click", () => this.step(1));
    this.get("time-live").addEventListener("click", () => this.follow());
    this.play.addEventListener("click", () => this.toggle());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.pause(); });
  }

  /** step of the shown moment; null while the newest is followed. */
  get shown(): number | null { return this.live ? null : this.moments[this.at]?.step ?? null; }

  /** open goes to the moment nearest to an update once it is known; 0 is the newest. */
  open(step: number): void {
    this.wanted = step;
    if (step === 0) this.follow();
    else this.settle();
  }

  /** list takes the kept moments, oldest first; what is shown stays. */
  list(moments: Moment[]): void {
    const step = this.shown;
    this.moments = moments;
    this.at = step === null ? Math.max(0, moments.length - 1) : nearest(moments, step);
    this.settle();
    this.show();
  }

  /** reached is told how far the run's log is known. */
  reached(step: number): void {
    if (step === this.newest) return;
    this.newest = step;
    this.behind();
  }

  /** key does what a key means here, and says whether it meant anything. */
  key(key: string, wide: boolean): boolean {
    if (this.moments.length < 2) return false;
    switch (key) {
      case " ": this.toggle(); return true;
      case "ArrowLeft": this.step(wide ? -10 : -1); return true;
      case "ArrowRight": this.step(wide ? 10 : 1); return true;
      case "Home": this.pause(); this.go(0); return true;
      case "End": this.follow(); return true;
    }
    return false;
  }

  private settle(): void {
    if (this.wanted === 0 || this.moments.length === 0) return;
    const at = nearest(this.moments, this.wanted);
    this.wanted = 0;
    this.go(at);
  }

  private step(by: number): void {
    this.pause();
    this.go((this.live ? this.moments.length - 1 : this.at) + by);
  }

  private go(at: number): void {
    const last = this.moments.length - 1;
    if (last < 0) return;
    this.at = Math.min(last, Math.max(0, at));
    this.live = false;
    this.show();
    this.listener.chosen(this.moments[this.at]!);
  }

  private follow(): void {
    this.pause();
    this.live = true;
    this.at = Math.max(0, this.moments.length - 1);
    this.show();
    this.listener.chosen(null);
  }

  private toggle(): void {
    if (this.playing !== 0) { this.pause(); return; }
    if (this.moments.length < 2) return;
    if (this.live || this.at === this.moments.length - 1) this.go(0); // from the start again
    this.playing = window.setInterval(() => {
      if (this.at >= this.moments.length - 1) this.pause(); else this.go(this.at + 1);
    }, pace);
    this.show();
  }

  private pause(): void {
    window.clearInterval(this.playing);
    this.playing = 0;
    this.show();
  }

  private show(): void {
    const { moments, range } = this, moment = moments[this.at];
    this.root.hidden = moments.length < 2;
    range.max = String(Math.max(1, moments.length - 1));
    range.value = String(this.at);
    if (moment) range.setAttribute("aria-valuetext", `update ${count(moment.step)}${moment.delta === null ? "" : `, δ ${digits(moment.delta)}`}${this.live ? ", the newest" : ""}`);
    put(this.play, this.playing !== 0 ? "Pause" : "Play the run");
    this.play.setAttribute("aria-pressed", String(this.playing !== 0));
    this.get("time-live").setAttribute("aria-pressed", String(this.live));
    this.root.dataset.live = String(this.live);
    this.behind();
  }

  /** behind says what is looked at, and how far the run has gone on since. */
  private behind(): void {
    const moment = this.moments[this.at], lag = moment ? this.newest - moment.step : 0;
    put(this.get("time-place"), this.live || !moment ? "live: the newest slice" : `update ${count(moment.step)}${lag > 0 ? `, ${count(lag)} behind the newest` : ""}`);
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.root.querySelector<T>(`#${id}`)!; }
}

/** nearest is the index of the moment nearest to an update. */
function nearest(moments: readonly Moment[], step: number): number {
  let best = 0;
  moments.forEach((m, i) => { if (Math.abs(m.step - step) < Math.abs(moments[best]!.step - step)) best = i; });
  return best;
}
