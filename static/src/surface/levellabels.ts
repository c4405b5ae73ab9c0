// The numbers on the bold contour lines of the map. They are written when the picture stands still, for while δ moves they would jump.

import { project } from "./camera";
import { Contours } from "./heights";
import { Labels } from "./labels";
import { tick } from "../numbers";
import { interpolate, type Scene } from "./pick";

const rest = 160; // ms without a change, after which the numbers are written
const most = 28;
const apart = 74; // least distance of two numbers, pixels
const apartOnLine = 190; // of two equal ones
const room = 20; // least distance of two bold lines where a number stands, pixels

/** Places that numbers keep away from: pairs of pixels. */
export interface Crowd { at(i: number): readonly [number, number]; count: number }

interface Candidate { x: number; y: number; level: number; angle: number; order: number }

export class LevelLabels {
  private readonly labels: Labels;
  private timer = 0;
  private shown = false;

  constructor(svg: SVGElement) { this.labels = new Labels(svg); }

  /** moved takes the numbers away, and writes them anew when nothing has moved for a moment; write is null where none are wanted. */
  moved(write: (() => void) | null): void {
    window.clearTimeout(this.timer);
    if (this.shown) this.labels.clear();
    this.shown = false;
    if (write) this.timer = window.setTimeout(write, rest);
  }

  close(): void { window.clearTimeout(this.timer); }

  /** write finds places for the numbers on a map. */
  write(scene: Scene, contour: number, width: number, height: number, crowd: Crowd): void {
    const contours = new Contours(scene.scale, contour), taken: Candidate[] = [];
    this.labels.begin();
    for (const c of candidates(scene, contours, width, height)) {
      const text = tick(contours.height(c.level)), half = 4 + 3.6 * text.length;
      if (taken.some((t) => Math.hypot(t.x - c.x, t.y - c.y) < (t.level === c.level ? apartOnLine : apart))) continue;
      if (crowded(crowd, c, half) || !straight(scene, contours, c, half, width, height)) continue;
      taken.push(c);
      this.labels.put(c.x + 4.5 * Math.sin((c.angle * Math.PI) / 180) * -1, c.y + 4.5 * Math.cos((c.angle * Math.PI) / 180), text, "level", "middle", c.angle);
      if (taken.length === most) break;
    }
    this.labels.end();
    this.shown = true;
  }
}

/** candidates are places on bold lines, in an order that favors no part of the map. */
function candidates(scene: Scene, contours: Contours, width: number, height: number): Candidate[] {
  const cells = 96, out: Candidate[] = [], [left, bottom] = pixel(scene, 0, 0, width, height), [right, top] = pixel(scene, 1, 1, width, height), across = (right - left) / cells, up = (bottom - top) / cells;
  const level = new Float64Array((cells + 1) ** 2);
  for (let j = 0; j <= cells; j++) for (let i = 0; i <= cells; i++) level[j * (cells + 1) + i] = contours.index(shownAt(scene, i / cells, j / cells)) / 5;
  for (let j = 1; j < cells; j++) {
    for (let i = 1; i < cells - 1; i++) {
      const at = j * (cells + 1) + i, a = level[at]!, b = level[at + 1]!, high = Math.max(Math.floor(a), Math.floor(b));
      if (Math.abs(Math.floor(a) - Math.floor(b)) !== 1 || !Number.isFinite(a + b)) continue;
      const part = (high - a) / (b - a), x = left + across * (i + part), y = bottom - up * j;
      const gx = (b - a) / across, gy = -(level[at + cells + 1]! - level[at - cells - 1]!) / (2 * up), steep = Math.hypot(gx, gy);
      if (!(steep * room < 1) || x < left + 26 || x > right - 26 || y < top + 12 || y > bottom - 12 || x < 26 || x > width - 90 || y < 12 || y > height - 12) continue;
      let angle = (Math.atan2(gx, -gy) * 180) / Math.PI; // along the line, upright
      if (angle > 90) angle -= 180; else if (angle <= -90) angle += 180;
      out.push({ x, y, level: 5 * high, angle, order: (Math.imul(at, 2654435761) >>> 0) % 65536 });
    }
  }
  return out.sort((p, q) => p.order - q.order);
}

/** straight: along a number's length its line does not bend away from it. */
function straight(scene: Scene, contours: Contours, c: Candidate, half: number, width: number, height: number): boolean {
  const dx = half * Math.cos((c.angle * Math.PI) / 180), dy = half * Math.sin((c.angle * Math.PI) / 180), [left, bottom] = pixel(scene, 0, 0, width, height), [right, top] = pixel(scene, 1, 1, width, height);
  return [-1, 1].every((s) => {
    const u = (c.x + s * dx - left) / (right - left), v = (bottom - c.y - s * dy) / (bottom - top);
    return u > 0 && u < 1 && v > 0 && v < 1 && Math.abs(contours.index(shownAt(scene, u, v)) - c.level) < 1.2;
  });
}

function crowded(crowd: Crowd, c: Candidate, half: number): boolean {
  for (let i = 0; i < crowd.count; i++) {
    const [x, y] = crowd.at(i);
    if (Math.hypot(x - c.x, y - c.y) < half + 9) return true;
  }
  return false;
}

function shownAt(scene: Scene, u: number, v: number): number {
  return u < scene.cut ? interpolate(scene.raw, scene.rawNodes, u, v) : interpolate(scene.smooth, scene.smoothNodes, u, v);
}

/** pixel is where a part of the way across lies on the map. */
export function pixel(scene: Scene, u: number, v: number, width: number, height: number): [number, number] {
  const [x, y] = project(scene.lens, 2 * u - 1, 0, 1 - 2 * v);
  return [((x + 1) / 2) * width, ((1 - y) / 2) * height];
}
