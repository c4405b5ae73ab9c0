// How heights become levels: parts of the way from the floor of the box to its top, and of the palette from its start to its end.

import { roundStep, ticks } from "./levels";

/**
 * A scale from the heights lo … hi. Linear with unit 0; else logarithmic: with u = height − from, the level grows as
 * sign(u)·log(1 + |u|/unit). That is the logarithm of the height above the lowest one, safe where heights are zero or negative.
 */
export interface HeightScale { lo: number; hi: number; from: number; unit: number }

/** A logarithmic scale shows three decades above the lowest height: its unit is this part of the range. */
export const unitOfRange = 1e-3;

export function bent(scale: HeightScale, h: number): number {
  if (scale.unit <= 0) return h;
  const u = h - scale.from;
  return Math.sign(u) * Math.log1p(Math.abs(u) / scale.unit);
}

export function levelOf(scale: HeightScale, h: number): number {
  const floor = bent(scale, scale.lo);
  return (bent(scale, h) - floor) / (bent(scale, scale.hi) - floor);
}

export function heightAt(scale: HeightScale, level: number): number {
  const floor = bent(scale, scale.lo), b = floor + level * (bent(scale, scale.hi) - floor);
  return scale.unit <= 0 ? b : scale.from + Math.sign(b) * scale.unit * Math.expm1(Math.abs(b));
}

/** heightTicks are about `count` round heights, spread over the levels. */
export function heightTicks(scale: HeightScale, count: number): number[] {
  if (scale.unit <= 0) return ticks(scale.lo, scale.hi, count);
  const out: number[] = [], add = (h: number): void => { if (h >= scale.lo && h <= scale.hi && (out.length === 0 || h > out.at(-1)!)) out.push(h); };
  for (let i = 0; i <= count; i++) {
    const level = i / count, h = heightAt(scale, level);
    // Where the scale starts at zero the round heights are 1, 2 and 5 times powers of ten; else multiples of a step that the place can tell apart.
    if (Math.abs(scale.from) < scale.unit) add(h > scale.unit / 2 ? roundStep(h, 1) : 0);
    else {
      const step = roundStep(h - heightAt(scale, level - 0.5 / count), 2);
      add(Math.round(h / step) * step);
    }
  }
  return out;
}

/** A family of contour lines: multiples of a step, or, on a logarithmic scale, five to a decade above where it starts. Every fifth is bold. */
export class Contours {
  constructor(private readonly scale: HeightScale, private readonly step: number) {}

  /** index grows with height; each whole number is a line, and each multiple of five a bold one. */
  index(h: number): number {
    const { scale } = this;
    return scale.unit <= 0 ? h / this.step : 5 * Math.log10(Math.max(h - scale.from, 1e-2 * scale.unit));
  }

  height(index: number): number { return this.scale.unit <= 0 ? index * this.step : this.scale.from + 10 ** (index / 5); }
}
