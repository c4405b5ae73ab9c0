// Minima as marks with an identity: one that finds no successor is dying, and fades where it died.

import type { Minimum } from "../minima";

interface Mark {
  x: number;
  y: number;
  life: number; // 1 alive … 0 gone
  dying: boolean;
  lowest: boolean;
}

const fade = 520; // ms from death to invisible

export class Markers {
  private marks: Mark[] = [];
  private mate = new Int32Array(64); // of each mark: the minimum that it is now; −1 none yet, −2 not asked
  private taken = new Int32Array(64); // of each minimum: the mark that it was; −1 none
  private nearest = new Int32Array(64); // of each minimum: the nearest mark that has no mate

  /** replace forgets all marks: the minima are of another function. */
  replace(minima: readonly Minimum[]): void {
    this.marks = minima.map((m, i) => ({ x: m.x, y: m.y, life: 1, dying: false, lowest: i === 0 }));
  }

  /**
   * update takes the new minima, lowest first. The nearest pairs of an old and a new place, at most `near` apart, are one minimum:
   * again and again each old one and each new one that are nearest to each other are paired, until no such pair is left.
   */
  update(minima: readonly Minimum[], near: number): void {
    const { marks } = this, old = marks.length;
    this.room(old, minima.length);
    const { mate, taken, nearest } = this;
    for (let i = 0; i < old; i++) mate[i] = marks[i]!.dying ? -2 : -1;
    for (let j = 0; j < minima.length; j++) taken[j] = -1;
    for (let paired = true; paired;) {
      paired = false;
      for (let j = 0; j < minima.length; j++) if (taken[j]! < 0) nearest[j] = closest(minima[j]!, marks, mate, near);
      for (let i = 0; i < old; i++) {
        if (mate[i] !== -1) continue;
        const j = closest(marks[i]!, minima, taken, near);
        if (j < 0 || nearest[j] !== i) continue;
        mate[i] = j;
        taken[j] = i;
        paired = true;
      }
    }
    for (let i = 0; i < old; i++) {
      const mark = marks[i]!, j = mate[i]!;
      if (j >= 0) {
        mark.x = minima[j]!.x;
        mark.y = minima[j]!.y;
        mark.lowest = j === 0;
      } else mark.dying = true;
    }
    for (let j = 0; j < minima.length; j++) if (taken[j]! < 0) marks.push({ x: minima[j]!.x, y: minima[j]!.y, life: 1, dying: false, lowest: j === 0 });
  }

  private room(old: number, fresh: number): void {
    if (old > this.mate.length) this.mate = new Int32Array(2 * old);
    if (fresh <= this.taken.length) return;
    this.taken = new Int32Array(2 * fresh);
    this.nearest = new Int32Array(2 * fresh);
  }

  /** age lets `ms` pass; true while some mark is still fading. */
  age(ms: number): boolean {
    const { marks } = this;
    let kept = 0, dying = false;
    for (let i = 0; i < marks.length; i++) {
      const m = marks[i]!;
      if (m.dying) m.life -= ms / fade;
      if (m.life <= 0) continue;
      marks[kept++] = m;
      dying ||= m.dying;
    }
    marks.length = kept;
    return dying;
  }

  get count(): number { return this.marks.length; }

  /**
   * write puts place (as parts of the way across [lo, hi]²), life and kind of each mark that lies from `left` to `right` into `to`,
   * from the at-th on, and returns how many `to` holds then, at most `room`.
   */
  write(to: Float32Array, at: number, room: number, lo: number, hi: number, left: number, right: number, raw: boolean): number {
    const scale = 1 / (hi - lo);
    for (let i = 0; i < this.marks.length && at < room; i++) {
      const m = this.marks[i]!, u = (m.x - lo) * scale, o = 4 * at;
      if (u < left || u > right) continue;
      to[o] = u;
      to[o + 1] = (m.y - lo) * scale;
      to[o + 2] = m.life;
      to[o + 3] = raw ? 2 : m.lowest ? 1 : 0;
      at++;
    }
    return at;
  }
}

/** closest is the place in a list that is nearest to p, at most `near` away, among those whose entry in `paired` is −1; else −1. */
function closest(p: { x: number; y: number }, list: readonly { x: number; y: number }[], paired: Int32Array, near: number): number {
  let best = -1, least = near * near;
  for (let i = 0; i < list.length; i++) {
    if (paired[i] !== -1) continue;
    const q = list[i]!, dx = q.x - p.x, dy = q.y - p.y, d = dx * dx + dy * dy;
    if (d > least || (d === least && best >= 0)) continue;
    least = d;
    best = i;
  }
  return best;
}

/** mark adds a mark of a kind at parts of the way across, and returns how many `to` holds then, at most `room`. */
export function mark(to: Float32Array, count: number, room: number, u: number, v: number, kind: number): number {
  if (count >= room || u < 0 || u > 1 || v < 0 || v > 1) return count;
  const o = 4 * count;
  to[o] = u; to[o + 1] = v; to[o + 2] = 1; to[o + 3] = kind;
  return count + 1;
}
