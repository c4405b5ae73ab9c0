// Speaks at most once a second, and always the newest: a live region that follows a dragged slider would never stop talking.

export class Announcer {
  private timer = 0;
  private next = "";
  private last = 0;

  constructor(private readonly region: HTMLElement, private readonly pause = 1000) {}

  say(text: string): void {
    this.next = text;
    if (this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.last = performance.now();
      if (this.region.textContent !== this.next) this.region.textContent = this.next;
    }, Math.max(250, this.pause - (performance.now() - this.last)));
  }
}
