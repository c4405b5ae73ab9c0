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
    for (const m of this.marks) if (m.dying) m.life -= ms / fade;
    this.marks = this.marks.filter((m) => m.life > 0);
    return this.marks.some((m) => m.dying);
  }

  get count(): number { return this.marks.length; }

  /** write puts column, row, life and kind of each mark into `to` from `at` on, on a grid of n nodes over [lo, hi]². Returns the end. */
  write(to: Float32Array, at: number, lo: number, hi: number, n: number, raw: boolean): number {
    const scale = (n - 1) / (hi - lo);
    for (const m of this.marks) {
      to[at++] = (m.x - lo) * scale;
      to[at++] = (m.y - lo) * scale;
      to[at++] = m.life;
      to[at++] = raw ? 2 : m.lowest ? 1 : 0;
    }
    return at;
  }
}
