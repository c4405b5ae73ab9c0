// A number on its way to its newest value. The run's δ jumps where its schedule does; seen, the landscape melts or hardens from one value
// to the next, once a frame at most. Where motion is reduced, and on a page that nobody sees, the way is left out.

const length = 320; // ms

export class Glide {
  private goal: number | null = null;
  private from = 0; // the logarithm where the way began
  private began = 0;
  private now: number | null = null;
  private frame = 0;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");

  /** moved is called on each step of the way. */
  constructor(private readonly moved: () => void) {}

  get value(): number | null { return this.now; }

  /** to sets the goal. at once: without a way, as for another picture. */
  to(goal: number | null, atOnce: boolean): void {
    if (goal === this.goal && (!atOnce || this.now === goal)) return;
    this.goal = goal;
    if (atOnce || goal === null || this.now === null || !(goal > 0) || !(this.now > 0) || this.calm.matches || document.hidden) {
      this.arrive();
      return;
    }
    this.from = Math.log(this.now);
    this.began = performance.now();
    this.frame ||= requestAnimationFrame((time) => this.step(time));
  }

  private step(time: number): void {
    const part = (time - this.began) / length;
    this.frame = 0;
    if (this.goal === null || !(part < 1)) this.arrive();
    else {
      this.now = Math.exp(this.from + (Math.log(this.goal) - this.from) * Math.max(0, part) * (2 - Math.max(0, part)));
      this.frame = requestAnimationFrame((later) => this.step(later));
    }
    this.moved();
  }

  private arrive(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.now = this.goal;
  }
}
