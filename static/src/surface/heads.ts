// The letters at the heads of paths, by which lines are told apart without their colors.

import { project } from "./camera";
import { levelOf } from "./heights";
import { Labels } from "./labels";
import { known, letter, type PathLine } from "./paths";
import { interpolate, type Scene } from "./pick";

export class Heads {
  private readonly labels: Labels;

  constructor(svg: SVGElement) { this.labels = new Labels(svg); }

  draw(lines: readonly PathLine[], scene: Scene, lo: number, hi: number, width: number, height: number): void {
    this.labels.begin();
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!, last = known(line) - 1;
      if (last < 0) continue;
      const u = (line.points[2 * last]! - lo) / (hi - lo), v = (line.points[2 * last + 1]! - lo) / (hi - lo);
      if (u < 0 || u > 1 || v < 0 || v > 1) continue;
      const h = u < scene.cut ? interpolate(scene.raw, scene.rawNodes, u, v) : interpolate(scene.smooth, scene.smoothNodes, u, v);
      const [x, y] = project(scene.lens, 2 * u - 1, levelOf(scene.scale, h) * scene.tall, 1 - 2 * v);
      this.labels.put(((x + 1) / 2) * width + 10, ((1 - y) / 2) * height - 9, letter(line, i), "head", "start");
    }
    this.labels.end();
  }
}
