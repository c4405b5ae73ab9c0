// Axes, ticks, names and the color bar: an SVG over the canvas, so that text is crisp and takes the page's colors. The edges that
// carry ticks are those nearest to the viewer, so nothing of the surface lies before them.

import { project, tall, type Lens } from "./camera";
import { short, ticks } from "./levels";

const svgSpace = "http://www.w3.org/2000/svg";

export interface AxisNames { x: string; y: string; z: string }

export interface AxesScene {
  lens: Lens;
  width: number; // pixels
  height: number;
  flatness: number;
  domain: readonly [number, number];
  range: readonly [number, number];
  palette: Uint8Array;
}

/** The floor's edges: the axis they run along, where they stand on the other one, and which way is out. */
const edges = [{ axis: "x", at: 1 }, { axis: "x", at: -1 }, { axis: "y", at: 1 }, { axis: "y", at: -1 }] as const;
type Edge = (typeof edges)[number];

export class Axes {
  names: AxisNames;
  private readonly svg = element("svg", { class: "surface-axes", "aria-hidden": "true" });
  private readonly lines = element("path", { class: "axis-lines" });
  private readonly labels = element("g", {});
  private readonly bar = element("g", { class: "color-bar" });
  private readonly pool: SVGTextElement[] = [];
  private used = 0;
  private key = "";
  private barKey = "";

  constructor(host: HTMLElement, names: AxisNames) {
    this.names = names;
    this.svg.append(this.lines, this.labels, this.bar);
    host.append(this.svg);
  }

  close(): void { this.svg.remove(); }

  /** draw places everything anew where the picture has changed; a new δ alone changes nothing. */
  draw(scene: AxesScene): void {
    const { width, height, domain, range } = scene, key = [scene.lens.matrix.join(), width, height, domain.join(), range.join(), scene.flatness, Object.values(this.names).join()].join("|");
    if (key !== this.key) {
      this.key = key;
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.used = 0;
      const path: string[] = [];
      this.floor(scene, "x", path);
      this.floor(scene, "y", path);
      if (scene.flatness < 0.35 && width >= 560) this.upright(scene, path); // else the color bar alone says heights
      this.lines.setAttribute("d", path.join(""));
      for (let i = this.used; i < this.pool.length; i++) this.pool[i]!.textContent = "";
    }
    this.colorBar(scene);
  }

  private floor(scene: AxesScene, axis: "x" | "y", path: string[]): void {
    const { lens, width, domain: [lo, hi] } = scene;
    const point = (e: Edge, t: number, out: number): [number, number] => this.pixel(scene, ...(e.axis === "x" ? [t, 0, e.at * (1 + out)] as const : [e.at * (1 + out), 0, -t] as const));
    const flat = scene.flatness > 0.5;
    const [a, b] = edges.filter((e) => e.axis === axis) as [Edge, Edge];
    const edge = flat ? (axis === "x" ? a : b) : project(lens, ...floorPoint(a)) [1] <= project(lens, ...floorPoint(b))[1] ? a : b;
    const from = point(edge, -1, 0), to = point(edge, 1, 0);
    path.push(`M${pair(from)}L${pair(to)}`);
    const small = width < 560;
    let far = 0;
    for (const v of ticks(lo, hi, small ? 4 : 5)) {
      const t = (2 * (v - lo)) / (hi - lo) - 1;
      if (!flat && Math.abs(t) > 0.985) continue; // at a corner two axes would write over each other
      const p = point(edge, t, 0), q = point(edge, t, 0.1), [dx, dy] = unit(q[0] - p[0], q[1] - p[1]);
      path.push(`M${pair(p)}L${pair([p[0] + 6 * dx, p[1] + 6 * dy])}`);
      const text = short(v);
      far = Math.max(far, Math.abs(dx) * text.length * 7.5);
      this.label(p[0] + 13 * dx, p[1] + 13 * dy, dx, dy, text, "tick");
    }
    const p = point(edge, 0, 0), q = point(edge, 0, 0.1), [dx, dy] = unit(q[0] - p[0], q[1] - p[1]), gap = (small ? 27 : 34) + far * 0.8;
    this.label(p[0] + gap * dx, p[1] + gap * dy, dx, dy, this.names[axis], "name");
  }

  private upright(scene: AxesScene, path: string[]): void {
    const { range: [lo, hi] } = scene;
    let corner: readonly [number, number] = [-1, -1], left = Infinity;
    for (const c of [[-1, -1], [-1, 1], [1, -1], [1, 1]] as const) {
      const [x] = this.pixel(scene, c[0], 0, c[1]);
      if (x < left) { left = x; corner = c; }
    }
    const top = tall * (1 - scene.flatness);
    path.push(`M${pair(this.pixel(scene, corner[0], 0, corner[1]))}L${pair(this.pixel(scene, corner[0], top, corner[1]))}`);
    for (const v of ticks(lo, hi, 4)) {
      const [x, y] = this.pixel(scene, corner[0], ((v - lo) / (hi - lo)) * top, corner[1]);
      path.push(`M${pair([x, y])}L${pair([x - 6, y])}`);
      this.label(x - 10, y, -1, 0, short(v), "tick");
    }
    const [x, y] = this.pixel(scene, corner[0], top, corner[1]);
    this.label(x, y - 14, 0, -1, this.names.z, "name");
  }

  /** pixel is the place of a point of the box in the picture. */
  private pixel({ lens, width, height }: AxesScene, x: number, y: number, z: number): [number, number] {
    const [u, v] = project(lens, x, y, z);
    return [((u + 1) / 2) * width, ((1 - v) / 2) * height];
  }

  private label(x: number, y: number, dx: number, dy: number, text: string, kind: string): void {
    const label = this.pool[this.used] ?? this.labels.appendChild(element("text", {}));
    this.pool[this.used++] = label;
    label.setAttribute("x", x.toFixed(1));
    label.setAttribute("y", (y + 4.5 + 4 * dy).toFixed(1));
    label.setAttribute("text-anchor", dx > 0.45 ? "start" : dx < -0.45 ? "end" : "middle");
    label.setAttribute("class", kind);
    if (label.textContent !== text) label.textContent = text;
  }

  private colorBar({ range: [lo, hi], width, height, palette }: AxesScene): void {
    const key = [lo, hi, width, height, this.names.z, palette[512], palette[1020]].join();
    if (key === this.barKey) return;
    this.barKey = key;
    const small = width < 560, long = Math.round(Math.min(small ? 110 : 190, height * 0.34)), x = width - (small ? 16 : 26), top = small ? 30 : 44, wide = small ? 8 : 12, parts = 48, children: SVGElement[] = [];
    for (let i = 0; i < parts; i++) {
      const c = 4 * Math.round(((i + 0.5) / parts) * 255);
      children.push(element("rect", { x: String(x - wide), y: (top + long * (1 - (i + 1) / parts)).toFixed(2), width: String(wide), height: (long / parts + 0.6).toFixed(2), fill: `rgb(${palette[c]} ${palette[c + 1]} ${palette[c + 2]})` }));
    }
    for (const v of ticks(lo, hi, small ? 3 : 4)) {
      const y = top + long * (1 - (v - lo) / (hi - lo)), label = element("text", { x: String(x - wide - 7), y: (y + 4.5).toFixed(1), "text-anchor": "end", class: "tick" });
      label.textContent = short(v);
      children.push(element("path", { class: "axis-lines", d: `M${x - wide - 4} ${y.toFixed(1)}h4` }), label);
    }
    const name = element("text", { x: String(x), y: String(top - 12), "text-anchor": "end", class: "name" });
    name.textContent = this.names.z;
    this.bar.replaceChildren(...children, name);
  }
}

function floorPoint(e: Edge): [number, number, number] { return e.axis === "x" ? [0, 0, e.at] : [e.at, 0, 0]; }
function pair([x, y]: readonly [number, number]): string { return `${x.toFixed(1)} ${y.toFixed(1)}`; }
function unit(x: number, y: number): [number, number] {
  const length = Math.hypot(x, y) || 1;
  return [x / length, y / length];
}

function element<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const e = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  return e;
}
