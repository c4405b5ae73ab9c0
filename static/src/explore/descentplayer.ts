// The time of the descents: a step that is played, paused, taken or scrubbed. While it rests it asks for no frames.

export class DescentPlayer {
  private total = 1;
  private place = 1; // steps shown; between whole numbers while it plays slowly
  private frame = 0; // handle of the next one; 0 while it rests
  private then = 0;
  speed = 200; // steps a second

  constructor(private readonly moved: () => void, private readonly rested: () => void) {}

  get step(): number { return Math.floor(this.place); }
  get steps(): number { return this.total; }
  get playing(): boolean { return this.frame !== 0; }
  get ended(): boolean { return this.step >= this.total; }

  /** length sets how many steps there are; who stood at the end stays there. */
  set length(steps: number) {
    const ended = this.ended;
    this.total = Math.max(1, steps);
    this.place = ended ? this.total : Math.min(this.place, this.total);
  }

  /** go shows the first `step` steps and rests. */
  go(step: number): void {
    this.stop();
    this.place = Math.min(this.total, Math.max(1, Math.round(step)));
    this.moved();
  }

  /** play goes on from here, or from the start when it stands at the end. */
  play(): void {
    if (this.playing) return;
    if (this.ended) this.place = 1;
    this.then = performance.now();
    this.frame = requestAnimationFrame((now) => this.tick(now));
    this.moved();
  }

  pause(): void {
    if (!this.playing) return;
    this.stop();
    this.moved();
    this.rested();
  }

  /** stop rests without a word. */
  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private tick(now: number): void {
    const before = this.step;
    this.place = Math.min(this.total, this.place + (this.speed * Math.min(250, Math.max(0, now - this.then))) / 1000); // a hidden page does not jump ahead
    this.then = now;
    if (this.ended) { this.pause(); return; }
    this.frame = requestAnimationFrame((later) => this.tick(later));
    if (this.step !== before) this.moved();
  }
}
