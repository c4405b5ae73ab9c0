// Axes, ticks, names and the color bar: an SVG over the canvas, so that text is crisp and takes the page's colors. The edges that
// carry ticks are those nearest to the viewer, so nothing of the surface lies before them.

import { tick } from "../numbers";
import { project, tall, type Lens } from "./camera";
import { heightTicks, levelOf, type HeightScale } from "./heights";
import { Labels } from "./labels";
import { ticks } from "./levels";

const svgSpace = "http://www.w3.org/2000/svg";

export interface AxisNames { x: string; y: string; z: string }

export interface AxesScene {
  lens: Lens;
  width: number; // pixels
  height: number;
  flatness: number;
  domain: readonly [number, number];
  scale: HeightScale;
  palette: Uint8Array;
}

/** The floor's edges: the axis they run along, where they stand on the other one, and which way is out. */
const edges = [{ axis: "x", at: 1 }, { axis: "x", at: -1 }, { axis: "y", at: 1 }, { axis: "y", at: -1 }] as const;
type Edge = (typeof edges)[number];

export class Axes {
  names: AxisNames;
  readonly svg = element("svg", { class: "surface-axes", "aria-hidden": "true" });
  private readonly lines = element("path", { class: "axis-lines" });
  private readonly labels: Labels;
  private readonly bar = element("g", { class: "color-bar" });
  private readonly drawn: AxesScene & { names: AxisNames | null }; // what the axes show
  private barPalette: Uint8Array | null = null;

  constructor(host: HTMLElement, names: AxisNames) {
    this.names = names;
    this.svg.append(this.lines);
    this.labels = new Labels(this.svg);
    this.svg.append(this.bar);
    host.append(this.svg);
    this.drawn = { lens: { matrix: new Float32Array(16), eye: new Float32Array(3) }, width: 0, height: 0, flatness: -1, domain: [0, 0], scale: { lo: 0, hi: 0, from: 0, unit: 0 }, palette: new Uint8Array(0), names: null };
  }

  close(): void { this.svg.remove(); }

  /** draw places everything anew where the picture has changed; a new δ alone changes nothing. */
  draw(scene: AxesScene): void {
    const { drawn } = this, { scale } = scene, sized = drawn.width !== scene.width || drawn.height !== scene.height;
    const scaled = drawn.scale.lo !== scale.lo || drawn.scale.hi !== scale.hi || drawn.scale.unit !== scale.unit || drawn.scale.from !== scale.from || drawn.names !== this.names;
    const placed = sized || scaled || drawn.lens !== scene.lens || drawn.flatness !== scene.flatness || drawn.domain[0] !== scene.domain[0] || drawn.domain[1] !== scene.domain[1];
    if (!placed && this.barPalette === scene.palette) return;
    Object.assign(drawn, scene, { scale: { ...scale }, names: this.names });
    if (sized) this.svg.setAttribute("viewBox", `0 0 ${scene.width} ${scene.height}`);
    if (placed) {
      const path: string[] = [];
      this.labels.begin();
      this.floor(scene, "x", path);
      this.floor(scene, "y", path);
      if (scene.flatness < 0.35 && scene.width >= 560) this.upright(scene, path); // else the color bar alone says heights
      this.labels.end();
      this.lines.setAttribute("d", path.join(""));
    }
    if (sized || scaled || this.barPalette !== scene.palette) this.colorBar(scene);
  }

  /** what the heights are, with their scale. */
  private get heightName(): string { return this.drawn.scale.unit > 0 ? `${this.names.z}, log scale` : this.names.z; }

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
      const text = tick(v);
      far = Math.max(far, Math.abs(dx) * text.length * 7.5);
      this.label(p[0] + 13 * dx, p[1] + 13 * dy, dx, dy, text, "tick");
    }
    if (small && flat && axis === "y") { // beside the ticks there is no room
      const [x, y] = point(edge, 1, 0);
      this.label(x, y - 12, 0, 0, this.names.y, "name");
      return;
    }
    const p = point(edge, 0, 0), q = point(edge, 0, 0.1), [dx, dy] = unit(q[0] - p[0], q[1] - p[1]), gap = (small ? 27 : 34) + far * 0.8;
    this.label(p[0] + gap * dx, p[1] + gap * dy, dx, dy, this.names[axis], "name");
  }

  private upright(scene: AxesScene, path: string[]): void {
    const { scale } = scene;
    let corner: readonly [number, number] = [-1, -1], left = Infinity;
    for (const c of [[-1, -1], [-1, 1], [1, -1], [1, 1]] as const) {
      const [x] = this.pixel(scene, c[0], 0, c[1]);
      if (x < left) { left = x; corner = c; }
    }
    const top = tall * (1 - scene.flatness);
    path.push(`M${pair(this.pixel(scene, corner[0], 0, corner[1]))}L${pair(this.pixel(scene, corner[0], top, corner[1]))}`);
    for (const v of heightTicks(scale, 4)) {
      const [x, y] = this.pixel(scene, corner[0], levelOf(scale, v) * top, corner[1]);
      path.push(`M${pair([x, y])}L${pair([x - 6, y])}`);
      this.label(x - 10, y, -1, 0, tick(v), "tick");
    }
    const [x, y] = this.pixel(scene, corner[0], top, corner[1]);
    this.label(x, y - 14, 0, -1, this.heightName, "name");
  }

  /** pixel is the place of a point of the box in the picture. */
  private pixel({ lens, width, height }: AxesScene, x: number, y: number, z: number): [number, number] {
    const [u, v] = project(lens, x, y, z);
    return [((u + 1) / 2) * width, ((1 - v) / 2) * height];
  }

  private label(x: number, y: number, dx: number, dy: number, text: string, kind: string): void {
    this.labels.put(x, y + 4.5 + 4 * dy, text, kind, dx > 0.45 ? "start" : dx < -0.45 ? "end" : "middle");
  }

  private colorBar({ scale, width, height, palette }: AxesScene): void {
    this.barPalette = palette;
    const small = width < 560, long = Math.round(Math.min(small ? 110 : 190, height * 0.34)), x = width - (small ? 16 : 26), top = small ? 30 : 44, wide = small ? 8 : 12, parts = 48, children: SVGElement[] = [];
    for (let i = 0; i < parts; i++) {
      const c = 4 * Math.round(((i + 0.5) / parts) * 255);
      children.push(element("rect", { x: String(x - wide), y: (top + long * (1 - (i + 1) / parts)).toFixed(2), width: String(wide), height: (long / parts + 0.6).toFixed(2), fill: `rgb(${palette[c]} ${palette[c + 1]} ${palette[c + 2]})` }));
    }
    for (const v of heightTicks(scale, small ? 3 : 4)) {
      const y = top + long * (1 - levelOf(scale, v)), label = element("text", { x: String(x - wide - 7), y: (y + 4.5).toFixed(1), "text-anchor": "end", class: "tick" });
      label.textContent = tick(v);
      children.push(element("path", { class: "axis-lines", d: `M${x - wide - 4} ${y.toFixed(1)}h4` }), label);
    }
    const name = element("text", { x: String(x), y: String(top - 12), "text-anchor": "end", class: "name" });
    name.textContent = this.heightName;
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
