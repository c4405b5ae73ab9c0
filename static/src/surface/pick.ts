// What lies under a place of the picture: the first meeting of its ray with the surface.

import { ray, type Lens } from "./camera";
import { levelOf, type HeightScale } from "./heights";

export interface Scene {
  lens: Lens;
  raw: Float32Array;
  rawNodes: number; // a side
  smooth: Float32Array;
  smoothNodes: number;
  cut: number; // as a part of the way across: what lies left of it shows raw
  scale: HeightScale;
  tall: number; // height of the box as it is drawn: 0 for the map
}

/** Parts of the way across, 0 … 1, and both heights there. */
export interface Place { u: number; v: number; raw: number; smooth: number }

const steps = 240;

/** pick walks down the ray through clip-space (a, b) from above the box to its floor; null where it meets nothing. */
export function pick(scene: Scene, a: number, b: number): Place | null {
  const { lens, raw, rawNodes, smooth, smoothNodes, cut, scale, tall } = scene, count = tall > 1e-3 ? steps : 0;
  for (let i = 0; i <= count; i++) {
    const level = count ? 1.02 - (1.02 * i) / count : 0, ground = ray(lens, a, b, level * tall);
    if (!ground) continue;
    const u = (ground[0] + 1) / 2, v = (1 - ground[1]) / 2;
    if (u < 0 || u > 1 || v < 0 || v > 1) continue;
    const place = { u, v, raw: interpolate(raw, rawNodes, u, v), smooth: interpolate(smooth, smoothNodes, u, v) };
    if (!count || levelOf(scale, u < cut ? place.raw : place.smooth) >= level) return place;
  }
  return null;
}

/** interpolate is the height at a part (u, v) of the way across, bilinear. */
export function interpolate(z: Float32Array, n: number, u: number, v: number): number {
  const last = n - 1, x = u * last, y = v * last, col = Math.min(Math.floor(x), last - 1), row = Math.min(Math.floor(y), last - 1);
  const s = x - col, t = y - row, i = row * n + col;
  return (1 - t) * ((1 - s) * z[i]! + s * z[i + 1]!) + t * ((1 - s) * z[i + n]! + s * z[i + n + 1]!);
}
