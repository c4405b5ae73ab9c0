// Lines on the surface, such as the way of an optimizer: cut into pieces short enough to follow hills, all in one buffer for one draw call.

/** A line over the picture. Its pieces lie on what is drawn there, f or f̂, and move with it. */
export interface PathLine {
  id: string;
  points: Float32Array; // x, y pairs in units of the picture
  shown: number; // points drawn, from the first
  color: string; // a custom property of CSS, such as "--path-1"
  dash?: boolean;
  letter?: string; // at its head; without one the place in the list: A, B, …
  away?: Float32Array; // distance of each point from the plane, drawn as fading: 0 = on it
  awayScale?: number; // the distance at which a line is faintest; without one the greatest of `away`
}

/** Numbers of a piece: two ends, lengths along the path and fading at both, color, and width with 100 more where it is dashed. */
export const floatsOfPiece = 12;

const piece = 1 / 96; // longest, as a part of the way across
const mostPieces = 24_000; // for all lines; where they are longer, their pieces are
const outline: readonly [number, number, number] = [0.02, 0.03, 0.06];
const ends = [{ width: 6.5, head: 15 }, { width: 3.2, head: 10 }] as const; // the outline, then what lies on it
const turn = 0.94; // cosine of the sharpest turn that needs no dot at its joint

/** The pieces of lines. What `build` returns is its own buffer, good until the next call. */
export class Pieces {
  private buffer = new Float32Array(floatsOfPiece * 256);
  count = 0;

  /** build cuts the lines, on a picture over [lo, hi]²; color turns a custom property into red, green, blue from 0 to 1. */
  build(lines: readonly PathLine[], lo: number, hi: number, color: (name: string) => readonly [number, number, number]): Float32Array {
    let long = 0;
    for (const line of lines) for (let i = 1; i < known(line); i++) long += distance(line.points, i - 1, i) / (hi - lo);
    const longest = Math.max(piece, (2 * long) / mostPieces);
    this.count = 0;
    for (const layer of [0, 1] as const) for (const line of lines) this.line(line, lo, hi, layer === 0 ? outline : color(line.color), layer, longest);
    return this.buffer;
  }

  private line(line: PathLine, lo: number, hi: number, color: readonly [number, number, number], layer: 0 | 1, longest: number): void {
    const { points, away } = line, count = known(line), scale = 1 / (hi - lo), { width, head } = ends[layer], paint = width + (line.dash ? 100 : 0);
    const farthest = line.awayScale ?? (away ? away.reduce((a, v) => (v > a ? v : a), 0) : 1), fade = (i: number): number => (away && farthest > 0 ? (away[i] ?? 0) / farthest : 0);
    let along = 0;
    for (let i = 0; i < count; i++) {
      const x = (points[2 * i]! - lo) * scale, y = (points[2 * i + 1]! - lo) * scale;
      if (i === count - 1) { this.add(x, y, x, y, along, along, fade(i), fade(i), color, head); break; }
      const dx = (points[2 * i + 2]! - lo) * scale - x, dy = (points[2 * i + 3]! - lo) * scale - y, length = Math.hypot(dx, dy), parts = Math.max(1, Math.ceil(length / longest));
      if (i === 0 || sharp(points, i)) this.add(x, y, x, y, along, along, fade(i), fade(i), color, paint);
      for (let k = 0; k < parts && length > 0; k++) {
        const s = k / parts, t = (k + 1) / parts, from = fade(i), to = fade(i + 1);
        if (outside(x + s * dx, y + s * dy) && outside(x + t * dx, y + t * dy)) continue;
        this.add(x + s * dx, y + s * dy, x + t * dx, y + t * dy, along + s * length, along + t * length, from + s * (to - from), from + t * (to - from), color, paint);
      }
      along += length;
    }
  }

  private add(ax: number, ay: number, bx: number, by: number, from: number, to: number, fadeA: number, fadeB: number, [r, g, b]: readonly [number, number, number], paint: number): void {
    if (ax === bx && ay === by && outside(ax, ay)) return;
    let o = floatsOfPiece * this.count++;
    if (o + floatsOfPiece > this.buffer.length) {
      const wider = new Float32Array(2 * this.buffer.length);
      wider.set(this.buffer);
      this.buffer = wider;
    }
    const to32 = this.buffer;
    to32[o++] = clamp(ax); to32[o++] = clamp(ay); to32[o++] = clamp(bx); to32[o++] = clamp(by);
    to32[o++] = from; to32[o++] = to; to32[o++] = fadeA; to32[o++] = fadeB;
    to32[o++] = r; to32[o++] = g; to32[o++] = b; to32[o] = paint;
  }
}

/** known is how many points of a line are drawn: those that are shown, up to the first that is not finite. */
export function known({ points, shown }: PathLine): number {
  const most = Math.max(0, Math.min(Math.floor(shown), points.length >> 1));
  for (let i = 0; i < most; i++) if (!Number.isFinite(points[2 * i]! + points[2 * i + 1]!)) return i;
  return most;
}

/** letter names the line at its place in the list. */
export function letter(line: PathLine, place: number): string { return line.letter ?? String.fromCharCode(65 + (place % 26)); }

function distance(points: Float32Array, i: number, j: number): number { return Math.hypot(points[2 * j]! - points[2 * i]!, points[2 * j + 1]! - points[2 * i + 1]!); }

function sharp(points: Float32Array, i: number): boolean {
  const ax = points[2 * i]! - points[2 * i - 2]!, ay = points[2 * i + 1]! - points[2 * i - 1]!, bx = points[2 * i + 2]! - points[2 * i]!, by = points[2 * i + 3]! - points[2 * i + 1]!;
  return ax * bx + ay * by < turn * Math.hypot(ax, ay) * Math.hypot(bx, by);
}

function outside(x: number, y: number): boolean { return x < -1e-6 || x > 1 + 1e-6 || y < -1e-6 || y > 1 + 1e-6; }
function clamp(part: number): number { return Math.min(1, Math.max(0, part)); }
