// Keeps a comparison current: asks again while something changes, and says so when nobody answers. An answer that has not changed costs
// the server a look and the network a line (ETag).

import { decodeComparison, type Comparison } from "./protocol";

const lively = 2000, quiet = 15_000, slowest = 30_000, hurry = 50; // ms

export class Feed {
  private tag = "";
  private timer = 0;
  private asking = false;
  private again = false;
  private failures = 0;
  private answered = Date.now();
  private active = true;

  /** tell is told since when nobody answers (0: somebody does), and why where it is known. */
  constructor(private url: string, private readonly take: (news: Comparison) => void, private readonly tell: (since: number, reason: string) => void) {
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.now(); });
  }

  /** ask begins, or goes on with another address. */
  ask(url: string): void {
    if (url !== this.url) { this.url = url; this.tag = ""; }
    this.now();
  }

  private now(): void {
    window.clearTimeout(this.timer);
    if (this.asking) this.again = true; else void this.fetch();
  }

  private async fetch(): Promise<void> {
    this.asking = true;
    let pause = lively;
    try {
      const answer = await fetch(this.url, { cache: "no-store", headers: this.tag ? { "If-None-Match": this.tag } : {} });
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(await refusal(answer));
        const news = decodeComparison(await answer.json());
        this.tag = answer.headers.get("ETag") ?? "";
        this.active = news.active;
        if (news.behind > 0) pause = hurry;
        this.take(news);
      }
      if (!this.active) pause = quiet;
      this.failures = 0;
      this.answered = Date.now();
      this.tell(0, "");
    } catch (cause) {
      pause = Math.min(slowest, lively * 1.6 ** ++this.failures) * (0.75 + 0.5 * Math.random());
      this.tell(this.answered, cause instanceof TypeError ? "" : String((cause as Error).message ?? cause));
    }
    this.asking = false;
    if (this.again) { this.again = false; void this.fetch(); return; }
    this.timer = window.setTimeout(() => { if (!document.hidden) void this.fetch(); }, pause);
  }
}

async function refusal(answer: Response): Promise<string> {
  try {
    const { error } = (await answer.json()) as { error: { expected: string; found: string; doing: string } };
    return `${error.doing}: expected ${error.expected}, found ${error.found}.`;
  } catch {
    return `The server answered ${answer.status}.`;
  }
}
