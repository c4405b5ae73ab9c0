// Keeps the list current: asks what has changed while somebody looks.

import type { Run } from "../protocol";

export interface News { runs: Run[]; gone?: string[]; all: boolean; version: string }

const every = 2000, slowest = 15_000; // ms

export class Feed {
  private pause = every;
  private version = "";
  private answered = Date.now();
  private timer = 0;

  /** take gets what has changed, state the time since when nothing comes, or 0. */
  constructor(private readonly take: (news: News) => void, private readonly state: (stale: number) => void) {
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { this.pause = every; void this.ask(); } });
    void this.ask();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    if (!document.hidden) {
      let news: News | null = null;
      try {
        const answer = await fetch(`/api/runs?since=${encodeURIComponent(this.version)}`, { headers: { Accept: "application/json" } });
        if (answer.ok) news = (await answer.json()) as News;
      } catch { /* away */ }
      if (news) {
        this.version = news.version;
        this.answered = Date.now();
        this.pause = every;
        this.take(news);
      } else this.pause = Math.min(slowest, 1.5 * this.pause);
      this.state(news ? 0 : this.answered);
    }
    clearTimeout(this.timer);
    // A part of the pause is left to chance, so that a class of browsers does not come back in one stroke.
    this.timer = window.setTimeout(() => void this.ask(), this.pause * (0.8 + 0.4 * Math.random()));
  }
}
