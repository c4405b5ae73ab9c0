// Letters at the ends of lines: what tells them apart beside color and dashes.

import type uPlot from "../vendor/uplot/uPlot.esm.js";

interface Lettered { letter?: string; color: string; scale: string }

/** drawLetters writes each curve's letter beside its last point in view, one above the other where they would meet. */
export function drawLetters(u: uPlot, curves: readonly Lettered[], color: (name: string) => string): void {
  const { ctx, bbox } = u, size = 12 * devicePixelRatio, places: { letter: string; ink: string; x: number; y: number }[] = [];
  curves.forEach(({ letter, color: name, scale }, k) => {
    if (!letter) return;
    const ys = u.data[k + 1]!, xs = u.data[0];
    for (let i = xs.length - 1; i >= 0; i--) {
      const y = ys[i];
      if (y === null || y === undefined || xs[i]! > u.scales.x!.max!) continue;
      if (xs[i]! >= u.scales.x!.min!) places.push({ letter, ink: color(name), x: u.valToPos(xs[i]!, "x", true), y: u.valToPos(y, scale, true) });
      break;
    }
  });
  if (places.length === 0) return;
  places.sort((a, b) => a.y - b.y);
  ctx.save();
  ctx.font = `700 ${size}px system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3 * devicePixelRatio;
  ctx.strokeStyle = color("--ground");
  let above = -Infinity;
  for (const p of places) {
    const width = ctx.measureText(p.letter).width, x = Math.min(p.x + 4 * devicePixelRatio, bbox.left + bbox.width - width);
    const y = Math.min(Math.max(p.y, above + 0.9 * size, bbox.top + size / 2), bbox.top + bbox.height - size / 2);
    above = y;
    ctx.strokeText(p.letter, x, y);
    ctx.fillStyle = p.ink;
    ctx.fillText(p.letter, x, y);
  }
  ctx.restore();
}
