// When to draw: at most once a frame, only when something asks for it, and coarser where drawing is slow, until nothing moves.

export interface Drawing {
  /** step lets ms pass, at most 60, and returns whether something still moves. */
  step(ms: number): boolean;
  /** draw draws, coarser where `coarse` is true. */
  draw(coarse: boolean): void;
  /** large: drawing it could be slow. */
  readonly large: boolean;
  /** software: no graphics hardware draws, so that it is slow. */
  readonly software: boolean;
}

const slow = 22; // ms between drawings, above which what moves is drawn coarser until it rests: 60 a second, and a third missed
const rest = 500; // ms without a drawing, after which a new movement begins

export class Loop {
  private queued = 0; // handle of the animation frame that will draw
  private last = 0; // time of the last drawing, ms
  private pace = 0; // running mean of the time between drawings while something moves, ms
  private coarse = false; // the movement has proved slow to draw
  private settle = 0; // timer of the sharp drawing that follows coarse ones
  private readonly tick = (now: number): void => this.run(now);

  constructor(private readonly drawing: Drawing) {}

  /** redraw draws on the next frame; many calls before it are one drawing, and without a call nothing is drawn. */
  redraw(): void { this.queued ||= requestAnimationFrame(this.tick); }

  /** soon draws at once, for draw calls need not wait for the next animation frame; but at most one drawing in 8 ms. */
  soon(): void {
    const now = performance.now();
    if (now - this.last < 8 || document.hidden) this.redraw(); else this.run(now);
  }

  close(): void {
    cancelAnimationFrame(this.queued);
    window.clearTimeout(this.settle);
  }

  private run(now: number, sharp = false): void {
    cancelAnimationFrame(this.queued);
    this.queued = 0;
    const elapsed = Math.max(0, now - this.last);
    this.last = now;
    const moves = elapsed < rest;
    if (moves) this.pace = 0.7 * this.pace + 0.3 * elapsed;
    const { drawing } = this, moving = drawing.step(Math.min(60, elapsed));
    this.coarse = !sharp && (drawing.software || (moves && drawing.large && (this.coarse || this.pace > slow)));
    drawing.draw(this.coarse);
    window.clearTimeout(this.settle);
    if (moving) this.redraw();
    else if (this.coarse) this.settle = window.setTimeout(() => { this.queued ||= requestAnimationFrame((then) => this.run(then, true)); }, 250 + Math.min(500, 4 * this.pace));
  }
}
