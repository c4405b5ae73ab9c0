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

  /** replace forgets all marks: the minima are of another function. */
  replace(minima: readonly Minimum[]): void {
    this.marks = minima.map((m, i) => ({ x: m.x, y: m.y, life: 1, dying: false, lowest: i === 0 }));
  }

  /** update takes the new minima, lowest first. The nearest pairs of an old and a new place, at most `near` apart, are one minimum. */
  update(minima: readonly Minimum[], near: number): void {
    const living = this.marks.filter((m) => !m.dying), pairs: [number, number, number][] = [];
    living.forEach((mark, i) => minima.forEach((m, j) => {
      const d = (m.x - mark.x) ** 2 + (m.y - mark.y) ** 2;
      if (d <= near * near) pairs.push([d, i, j]);
    }));
    pairs.sort((a, b) => a[0] - b[0]);
    const moved = new Set<number>(), taken = new Set<number>();
    for (const [, i, j] of pairs) {
      if (moved.has(i) || taken.has(j)) continue;
      moved.add(i);
      taken.add(j);
      Object.assign(living[i]!, { x: minima[j]!.x, y: minima[j]!.y, lowest: j === 0 });
    }
    living.forEach((mark, i) => { if (!moved.has(i)) mark.dying = true; });
    minima.forEach((m, j) => { if (!taken.has(j)) this.marks.push({ x: m.x, y: m.y, life: 1, dying: false, lowest: j === 0 }); });
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
