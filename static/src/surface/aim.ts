// The lens of the picture, made anew only where the camera, the flatness or the size have changed.

import { lens, ray, type Camera, type Lens, type Margins } from "./camera";

export class Aim {
  lens: Lens = { matrix: new Float32Array(16), eye: new Float32Array(3) };
  private readonly made = new Float64Array(9).fill(NaN);

  /** at returns true where the lens is a new one. above: pixels at the top that are taken. */
  at(c: Camera, flatness: number, width: number, height: number, above: number): boolean {
    const m = this.made;
    if (m[0] === c.yaw && m[1] === c.pitch && m[2] === c.zoom && m[3] === c.panx && m[4] === c.pany && m[5] === flatness && m[6] === width && m[7] === height && m[8] === above) return false;
    m[0] = c.yaw; m[1] = c.pitch; m[2] = c.zoom; m[3] = c.panx; m[4] = c.pany; m[5] = flatness; m[6] = width; m[7] = height; m[8] = above;
    this.lens = lens(c, flatness, width, height, margins(width, height, flatness, above));
    return true;
  }

  /** panned is the camera after the picture was dragged by so many pixels: what lies in its middle goes with the hand. */
  panned(camera: Camera, right: number, down: number, width: number, height: number): Camera {
    const from = ray(this.lens, 0, 0, 0), to = ray(this.lens, (2 * right) / width, (-2 * down) / height, 0);
    if (!from || !to) return camera;
    const short = (v: number): number => Math.max(-0.5, Math.min(0.5, v)); // towards the horizon a pixel is a long way
    return { ...camera, panx: camera.panx - short(to[0] - from[0]), pany: camera.pany + short(to[1] - from[1]) };
  }
}

/** margins keep room for ticks and names. */
function margins(width: number, height: number, flatness: number, above: number): Margins {
  const small = width < 560 || height < 320;
  return small ? { top: 16 + 8 * flatness + above, right: 46 + 12 * flatness, bottom: 40, left: 30 } : { top: Math.min(56, 0.08 * height) + 0.4 * above, right: 70, bottom: Math.min(74, 0.14 * height), left: 70 };
}
