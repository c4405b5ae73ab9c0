// The time scrubber: goes back through the slices that a run keeps. Live, it follows the newest.

import { put } from "../explore/put";
import { count, steady } from "../numbers";
import type { Moment } from "./history";
import { newestMoment } from "./viewstate";

export interface TimeListener {
  /** chosen: the slice of that moment is wanted, null: the newest, as it comes; it resolves when the slice shows. next is wanted soon. */
  chosen(moment: Moment | null, next?: Moment): Promise<void>;
}

const pace = 650; // ms of a moment while it plays, and longer where its slice comes late

export class TimeScrubber {
  private moments: Moment[] = [];
  private at = 0; // index of the shown moment
  private live = true;
  private wanted = newestMoment; // update of a link that is not in the list yet
  private over = false; // nothing newer will come
  private newest = 0; // update up to which the run's log is known
  private playing = 0; // number of the play that is on; 0: none
  private plays = 0;
  private timer = 0;
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

  /** open goes to the moment nearest to an update once it is known; newestMoment follows the run. */
  open(step: number): void {
    this.wanted = step;
    if (step === newestMoment) this.follow();
    else this.settle();
  }

  /** ended is told whether the run has come to its end. */
  ended(over: boolean): void {
    if (over === this.over) return;
    this.over = over;
    this.show();
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
    if (this.wanted === newestMoment || this.moments.length === 0) return;
    const at = nearest(this.moments, this.wanted);
    this.wanted = newestMoment;
    this.go(at);
  }

  private step(by: number): void {
    this.pause();
    this.go((this.live ? this.moments.length - 1 : this.at) + by);
  }

  private go(at: number): void { void this.visit(at); }

  private async visit(at: number): Promise<void> {
    const last = this.moments.length - 1;
    if (last < 0) return;
    this.at = Math.min(last, Math.max(0, at));
    this.live = false;
    this.show();
    await this.listener.chosen(this.moments[this.at]!, this.moments[this.at + 1]);
  }

  private follow(): void {
    this.pause();
    this.live = true;
    this.at = Math.max(0, this.moments.length - 1);
    this.show();
    void this.listener.chosen(null);
  }

  private toggle(): void {
    if (this.playing !== 0) this.pause();
    else if (this.moments.length > 1) void this.run(this.live || this.at === this.moments.length - 1 ? 0 : this.at); // at the end: from the start again
  }

  /** run plays from a moment to the newest, or until it is paused. */
  private async run(from: number): Promise<void> {
    const number = (this.playing = ++this.plays);
    for (let at = from; ; at = this.at + 1) {
      await this.visit(at);
      if (this.playing !== number) return;
      if (this.at >= this.moments.length - 1) break;
      await new Promise<void>((then) => { this.timer = window.setTimeout(then, pace); });
      if (this.playing !== number) return;
    }
    this.pause();
  }

  private pause(): void {
    window.clearTimeout(this.timer);
    this.playing = 0;
    this.show();
  }

  private show(): void {
    const { moments, range } = this, moment = moments[this.at];
    this.root.hidden = moments.length < 2;
    range.max = String(Math.max(1, moments.length - 1));
    range.value = String(this.at);
    if (moment) range.setAttribute("aria-valuetext", `update ${count(moment.step)}${moment.delta === null ? "" : `, δ ${steady(moment.delta)}`}${this.live ? ", the newest" : ""}`);
    put(this.play, this.playing !== 0 ? "Pause" : "Play the run");
    this.play.setAttribute("aria-pressed", String(this.playing !== 0));
    this.get("time-live").setAttribute("aria-pressed", String(this.live));
    put(this.get("time-live"), this.over ? "Last" : "Live");
    this.root.dataset.live = String(this.live);
    this.behind();
  }

  /** behind says what is looked at, and how far the run has gone on since. */
  private behind(): void {
    const moment = this.moments[this.at], lag = moment ? this.newest - moment.step : 0;
    put(this.get("time-place"), this.live || !moment ? (this.over ? "the last slice" : "live: the newest slice") : `update ${count(moment.step)}${lag > 0 ? `, ${count(lag)} ${this.over ? "before the end" : "behind the newest"}` : ""}`);
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.root.querySelector<T>(`#${id}`)!; }
}

/** nearest is the index of the moment nearest to an update. */
function nearest(moments: readonly Moment[], step: number): number {
  let best = 0;
  moments.forEach((m, i) => { if (Math.abs(m.step - step) < Math.abs(moments[best]!.step - step)) best = i; });
  return best;
}
