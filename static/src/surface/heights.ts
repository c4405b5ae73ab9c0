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
  const out: number[] = [];
  for (let i = 0; i <= count; i++) {
    const level = i / count, h = heightAt(scale, level), room = heightAt(scale, level + 0.5 / count) - heightAt(scale, level - 0.5 / count);
    const step = roundStep(room, 1.5), round = Math.round(h / step) * step;
    if (round >= scale.lo && round <= scale.hi && (out.length === 0 || round > out.at(-1)!)) out.push(round);
  }
  return out;
}
