// The map on a 2-D canvas, for browsers without WebGL2 and for the time in which the graphics are lost: colors, contours, lines, marks.

import { project, type Lens } from "./camera";
import { Contours, levelOf } from "./heights";
import type { Draws, Picture } from "./painter";
import { floatsOfPiece } from "./paths";

const ink = "#05080f", warm = "#ffb84d";

/** Segments of contour lines in parts of the way across: four numbers each. */
interface Lines { thin: number[]; bold: number[] }

export class FlatPainter implements Draws {
  private readonly context: CanvasRenderingContext2D | null;
  private readonly image = document.createElement("canvas"); // a pixel a node
  private rawHeights: { values: Float32Array; n: number } = { values: new Float32Array(0), n: 0 };
  private smoothHeights = this.rawHeights;
  private colors = new Uint8Array(1024);
  private lines: Float32Array = new Float32Array(0);
  private lineCount = 0;
  private contours: Lines = { thin: [], bold: [] };
  private made = ""; // what the image and the contours show
  private edition = 0; // of heights and colors

  constructor(private readonly canvas: HTMLCanvasElement) { this.context = canvas.getContext("2d"); }

  get palette(): Uint8Array { return this.colors; }
  set palette(colors: Uint8Array) { this.colors = new Uint8Array(colors); this.edition++; }
  raw(values: Float32Array, n: number): void { this.rawHeights = { values, n }; this.edition++; }
  smooth(values: Float32Array, n: number): void { this.smoothHeights = { values, n }; this.edition++; }
  pieces(pieces: Float32Array, count: number): void { this.lines = pieces; this.lineCount = count; }
  close(): void { this.canvas.remove(); }

  /** paint draws the map, whatever the picture's flatness is: its lens must be that of a map. */
  paint(picture: Picture): void {
    const { context: c, canvas } = this, { width, height, density, nodes } = picture;
    if (!c || nodes < 2 || (this.rawHeights.n - 1) % (nodes - 1) !== 0 || (this.smoothHeights.n - 1) % (nodes - 1) !== 0) return;
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    c.scale(density, density);
    this.make(picture);
    const map = square(picture.lens, width, height), half = map.side / (nodes - 1) / 2;
    c.save();
    c.beginPath();
    c.rect(map.left, map.top, map.side, map.side);
    c.clip();
    c.imageSmoothingEnabled = true;
    c.drawImage(this.image, map.left - half, map.top - half, map.side + 2 * half, map.side + 2 * half);
    this.segments(c, this.contours.thin, map, "rgb(0 0 0 / 40%)", 0.8);
    this.segments(c, this.contours.bold, map, "rgb(0 0 0 / 65%)", 1.7);
    this.across(c, picture, map);
    this.paths(c, map, picture.markSize);
    c.restore();
    this.marks(c, picture, map);
  }

  /** make draws the image and finds the contours, where they are not those of the last drawing. */
  private make(picture: Picture): void {
    const { nodes, scale, contour, cut } = picture, key = [this.edition, nodes, scale.lo, scale.hi, scale.unit, contour, cut].join();
    if (key === this.made) return;
    this.made = key;
    this.image.width = this.image.height = nodes;
    const c = this.image.getContext("2d");
    if (!c) return;
    const pixels = c.createImageData(nodes, nodes), heights = new Float32Array(nodes * nodes), family = new Contours(scale, contour);
    for (let row = 0; row < nodes; row++) for (let col = 0; col < nodes; col++) {
      const { values, n } = col < cut ? this.rawHeights : this.smoothHeights, stride = (n - 1) / (nodes - 1), h = values[row * stride * n + col * stride]!;
      const from = 4 * Math.max(0, Math.min(255, Math.round(255 * levelOf(scale, h)))), to = 4 * ((nodes - 1 - row) * nodes + col);
      heights[row * nodes + col] = family.index(h);
      for (let k = 0; k < 3; k++) pixels.data[to + k] = this.colors[from + k]!;
      pixels.data[to + 3] = 255;
    }
    c.putImageData(pixels, 0, 0);
    this.contours = { thin: [], bold: [] };
    for (let row = 0; row + 1 < nodes; row++) for (let col = 0; col + 1 < nodes; col++) if (col !== Math.floor(cut)) cell(this.contours, heights, nodes, col, row);
  }

  private segments(c: CanvasRenderingContext2D, lines: readonly number[], map: Square, style: string, width: number): void {
    c.beginPath();
    for (let i = 0; i < lines.length; i += 4) {
      c.moveTo(map.left + lines[i]! * map.side, map.top + (1 - lines[i + 1]!) * map.side);
      c.lineTo(map.left + lines[i + 2]! * map.side, map.top + (1 - lines[i + 3]!) * map.side);
    }
    c.strokeStyle = style;
    c.lineWidth = width;
    c.stroke();
  }

  /** across draws the line of the cut and the linked cursor. */
  private across(c: CanvasRenderingContext2D, { knife, cross, nodes }: Picture, map: Square): void {
    for (const [[col, row], colors] of [[cross, [ink, "#fff"]], [knife, [ink, warm]]] as const) {
      const lines: number[] = [], u = (col ?? -1) / (nodes - 1), v = (row ?? -1) / (nodes - 1);
      if (u >= 0) lines.push(u, 0, u, 1);
      if (v >= 0) lines.push(0, v, 1, v);
      this.segments(c, lines, map, colors[0], 4);
      this.segments(c, lines, map, colors[1], 1.6);
    }
  }

  private paths(c: CanvasRenderingContext2D, map: Square, size: number): void {
    for (let i = 0; i < this.lineCount; i++) {
      const p = this.lines.subarray(i * floatsOfPiece, (i + 1) * floatsOfPiece), [ax = 0, ay = 0, bx = 0, by = 0, from = 0, , fade = 0, , r = 0, g = 0, b = 0, paint = 0] = p;
      if (paint >= 100 && (from * 40) % 1 > 0.6) continue;
      const width = (paint % 100) * size;
      c.globalAlpha = 1 - 0.78 * Math.min(1, Math.max(0, fade));
      c.beginPath();
      if (ax === bx && ay === by) {
        c.arc(map.left + ax * map.side, map.top + (1 - ay) * map.side, width / 2, 0, 2 * Math.PI);
        c.fillStyle = `rgb(${255 * r} ${255 * g} ${255 * b})`;
        c.fill();
        continue;
      }
      c.moveTo(map.left + ax * map.side, map.top + (1 - ay) * map.side);
      c.lineTo(map.left + bx * map.side, map.top + (1 - by) * map.side);
      c.strokeStyle = `rgb(${255 * r} ${255 * g} ${255 * b})`;
      c.lineCap = paint >= 100 ? "butt" : "round";
      c.lineWidth = width;
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  private marks(c: CanvasRenderingContext2D, { marks, markCount, markSize }: Picture, map: Square): void {
    for (let i = 0; i < markCount; i++) {
      const [u = 0, v = 0, life = 0, kind = 0] = marks.subarray(4 * i, 4 * i + 4), x = map.left + u * map.side, y = map.top + (1 - v) * map.side;
      const color = kind === 1 || kind === 3 ? warm : "#fff", dot = kind === 2 || kind === 4, r = markSize * (kind === 3 ? 17 : kind === 4 ? 4 : kind === 2 ? 2 : kind === 1 ? 8 : 5.2) * (1 + 1.6 * (1 - life));
      c.globalAlpha = life * life;
      for (const [style, wide] of [[ink, 5], [color, 2.2]] as const) {
        c.beginPath();
        c.arc(x, y, r, 0, 2 * Math.PI);
        c.lineWidth = wide * markSize;
        c.strokeStyle = c.fillStyle = style;
        if (dot) c.fill(); else c.stroke();
        if (dot && style === ink) { c.lineWidth = 2; c.stroke(); }
      }
      if (kind > 1) continue;
      c.beginPath();
      c.arc(x, y, r * 0.35, 0, 2 * Math.PI);
      c.fill();
    }
    c.globalAlpha = 1;
  }
}

interface Square { left: number; top: number; side: number }

/** square is where a map's lens puts the domain, in pixels. */
function square(lens: Lens, width: number, height: number): Square {
  const [left, low] = project(lens, -1, 0, 1), [right, high] = project(lens, 1, 0, -1);
  return { left: ((left + 1) / 2) * width, top: ((1 - high) / 2) * height, side: Math.max(((right - left) / 2) * width, ((high - low) / 2) * height) };
}

/** cell adds the segments of contour lines in one cell, by marching squares over indices of contours. */
function cell(lines: Lines, index: Float32Array, n: number, col: number, row: number): void {
  const at = row * n + col, corners = [index[at]!, index[at + 1]!, index[at + n + 1]!, index[at + n]!], lo = Math.min(...corners), hi = Math.max(...corners);
  if (!(hi - lo < 4)) return; // too steep for lines to be told apart, or not finite
  for (let k = Math.ceil(lo); k <= Math.floor(hi); k++) {
    const ends: number[] = [];
    for (let side = 0; side < 4; side++) {
      const a = corners[side]!, b = corners[(side + 1) % 4]!;
      if (a < k === b < k) continue;
      const t = (k - a) / (b - a), [x, y] = side === 0 ? [t, 0] : side === 1 ? [1, t] : side === 2 ? [1 - t, 1] : [0, 1 - t];
      ends.push((col + x) / (n - 1), (row + y) / (n - 1));
    }
    const to = k % 5 === 0 ? lines.bold : lines.thin;
    if (ends.length >= 4) to.push(ends[0]!, ends[1]!, ends[2]!, ends[3]!);
    if (ends.length === 8) to.push(ends[4]!, ends[5]!, ends[6]!, ends[7]!);
  }
}
