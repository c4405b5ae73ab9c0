// The family tree of the minima: δ upwards, each branch a minimum, each join a death. The tree is grown by the server; here it is
// laid out, drawn beside the picture, and pointed at.

import { digits } from "../numbers";
import { put } from "./put";

/** The tree as /api/tree sends it; see server/trees.go. */
export interface Tree {
  source: string;
  deltas: number[];
  branches: Branch[];
  events: { delta: number; died: number[]; born: number[] }[];
  convex: number | null;
}
export interface Branch { born: number; died: number | null; parent: number | null; first: number; x: number[]; y: number[]; f: number[] }

export interface FamilyListener {
  chosen(delta: number): void; // a degree of the picture was clicked
  pointed(place: { x: number; y: number } | null): void; // at a minimum
}

const svgSpace = "http://www.w3.org/2000/svg";
const margin = { left: 46, right: 12, top: 24, bottom: 18 };
const beside = 1.0005; // a join that is clicked is just over, not about to be

export class FamilyTree {
  private readonly svg: SVGSVGElement;
  private readonly axis = shape("path", "family-axis");
  private readonly lines = shape("path", "family-lines");
  private readonly bright = shape("path", "family-bright");
  private readonly level = shape("line", "family-level");
  private readonly dots = shape("path", "family-dots");
  private readonly labels = shape("g", "family-labels");
  private readonly watcher: ResizeObserver;
  private tree: Tree | null = null;
  private order: Float64Array = new Float64Array(0); // place of each branch across, 0 … 1
  private delta = 0;
  private chosen: number | null = null;

  constructor(private readonly root: HTMLElement, private readonly listener: FamilyListener) {
    this.svg = root.querySelector("svg")!;
    this.svg.append(this.axis, this.lines, this.bright, this.level, this.dots, this.labels);
    this.svg.addEventListener("pointermove", (e) => this.hover(e));
    this.svg.addEventListener("pointerleave", () => this.point(null));
    this.svg.addEventListener("click", (e) => this.click(e));
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.svg);
  }

  /** show takes a tree, or null while there is none. */
  show(tree: Tree | null, problem = ""): void {
    this.tree = tree;
    this.chosen = null;
    this.order = tree ? layOut(tree) : new Float64Array(0);
    put(this.root.querySelector<HTMLElement>("#family-note")!, tree ? note(tree) : problem || "The tree is growing …");
    const list = this.root.querySelector<HTMLElement>("#family-events")!;
    list.replaceChildren(...(tree ? eventButtons(tree, (delta) => this.listener.chosen(delta * beside)) : []));
    this.draw();
  }

  /** at moves the line of the δ that is drawn. */
  at(delta: number): void {
    this.delta = delta;
    if (this.tree) this.mark(this.tree);
  }

  /** near points at the living minimum nearest to a place, at most `within` away. */
  near(x: number, y: number, within: number): void {
    let best: number | null = null, least = within;
    this.tree?.branches.forEach((b, i) => {
      if (!this.lives(b)) return;
      const p = this.place(b), d = Math.hypot(p.x - x, p.y - y);
      if (d < least) { least = d; best = i; }
    });
    this.point(best);
  }

  private lives(b: Branch): boolean { return b.born <= this.delta && (b.died === null || this.delta < b.died); }

  /** place of a minimum at the δ that is drawn, or where it was last or first. */
  private place(b: Branch): { x: number; y: number } {
    const { deltas } = this.tree!, at = deltas.findIndex((d) => d > this.delta), k = at < 0 ? deltas.length - 1 : Math.max(0, at - 1);
    const i = Math.min(b.x.length - 1, Math.max(0, k - b.first)), j = Math.min(b.x.length - 1, i + 1);
    const from = deltas[b.first + i] ?? 0, to = deltas[b.first + j] ?? from, t = to > from ? Math.min(1, Math.max(0, (this.delta - from) / (to - from))) : 0;
    return { x: b.x[i]! + t * (b.x[j]! - b.x[i]!), y: b.y[i]! + t * (b.y[j]! - b.y[i]!) };
  }

  private get top(): number { return this.tree?.deltas.at(-1) ?? 1; }
  private px(branch: number): number { return margin.left + this.order[branch]! * (this.svg.clientWidth - margin.left - margin.right); }
  private py(delta: number): number { return this.svg.clientHeight - margin.bottom - (Math.min(delta, this.top) / this.top) * (this.svg.clientHeight - margin.top - margin.bottom); }

  private draw(): void {
    const { tree, svg } = this, width = svg.clientWidth, height = svg.clientHeight;
    svg.toggleAttribute("data-empty", !tree);
    if (width < 40 || height < 40) return;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    for (const path of [this.axis, this.lines, this.bright, this.dots]) path.setAttribute("d", "");
    this.labels.replaceChildren();
    if (!tree) return;
    this.axis.setAttribute("d", `M${margin.left - 8} ${margin.top}V${height - margin.bottom}`);
    const step = tickStep(this.top);
    for (let v = 0; v <= this.top * 1.0001; v += step) this.label(margin.left - 12, this.py(v) + 4, digits(Number(v.toPrecision(6))), "end");
    this.label(margin.left - 8, margin.top - 12, "δ", "middle");
    this.lines.setAttribute("d", tree.branches.map((_, i) => this.line(tree, i)).join(""));
    this.mark(tree);
  }

  /** line of a branch: up to its death, and across to its heir. */
  private line(tree: Tree, i: number): string {
    const b = tree.branches[i]!, x = this.px(i).toFixed(1), across = b.parent === null ? "" : `H${this.px(b.parent).toFixed(1)}`;
    return `M${x} ${this.py(b.born).toFixed(1)}V${this.py(b.died ?? this.top).toFixed(1)}${across}`;
  }

  /** mark draws the line of δ, a dot for each minimum that lives there, and the branch that is pointed at. */
  private mark(tree: Tree): void {
    const y = this.py(this.delta), alive: string[] = [];
    for (const [key, value] of [["x1", margin.left - 8], ["x2", this.svg.clientWidth - margin.right + 4], ["y1", y], ["y2", y]] as const) this.level.setAttribute(key, value.toFixed(1));
    tree.branches.forEach((b, i) => { if (this.lives(b)) alive.push(`M${(this.px(i) - 0.01).toFixed(2)} ${y.toFixed(1)}h.02`); });
    this.dots.setAttribute("d", alive.join(""));
    this.bright.setAttribute("d", this.chosen === null ? "" : this.line(tree, this.chosen));
  }

  private point(branch: number | null): void {
    if (branch === this.chosen || !this.tree) return;
    this.chosen = branch;
    this.mark(this.tree);
    const b = branch === null ? null : this.tree.branches[branch]!;
    put(this.root.querySelector<HTMLElement>("#family-note")!, b ? fate(this.tree, branch!) : note(this.tree));
    this.listener.pointed(b && this.lives(b) ? this.place(b) : null);
  }

  /** under is the branch nearest to a place of the drawing among those that pass at its height, and the δ of that height. */
  private under(e: MouseEvent): { branch: number | null; delta: number } {
    const box = this.svg.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
    const delta = Math.min(this.top, Math.max(0, (this.top * (this.svg.clientHeight - margin.bottom - y)) / (this.svg.clientHeight - margin.top - margin.bottom)));
    let branch: number | null = null, least = 14;
    this.tree?.branches.forEach((b, i) => {
      const d = Math.abs(this.px(i) - x);
      if (d < least && b.born <= delta && (b.died === null || delta <= b.died)) { least = d; branch = i; }
    });
    return { branch, delta };
  }

  private hover(e: PointerEvent): void { if (this.tree) this.point(this.under(e).branch); }

  private click(e: MouseEvent): void {
    if (!this.tree) return;
    const { delta } = this.under(e), y = this.py(delta);
    const event = this.tree.events.map((v) => v.delta).sort((a, b) => Math.abs(this.py(a) - y) - Math.abs(this.py(b) - y))[0];
    this.listener.chosen(event !== undefined && Math.abs(this.py(event) - y) < 7 ? event * beside : delta);
  }

  private label(x: number, y: number, text: string, anchor: string): void {
    const label = shape("text", "");
    for (const [key, value] of [["x", String(x)], ["y", String(y)], ["text-anchor", anchor]] as const) label.setAttribute(key, value);
    label.textContent = text;
    this.labels.append(label);
  }
}

/**
 * layOut gives each branch a place across, 0 … 1, such that no join crosses a branch: what ends in a branch stands beside it, nearer
 * the earlier it dies, on the side on which it lies in the picture.
 */
export function layOut(tree: Tree): Float64Array {
  const { branches } = tree, children: number[][] = branches.map(() => []), row: number[] = [];
  branches.forEach((b, i) => { if (b.parent !== null) children[b.parent]!.push(i); });
  const walk = (i: number): void => {
    const own = branches[i]!, sides: [number[], number[]] = [[], []];
    for (const c of children[i]!.sort((a, b) => branches[a]!.died! - branches[b]!.died!)) {
      const b = branches[c]!, left = b.x[0]! < own.x[0]! || (b.x[0]! === own.x[0]! && b.y[0]! < own.y[0]!);
      sides[left ? 0 : 1].push(c);
    }
    sides[0].reverse().forEach(walk);
    row.push(i);
    sides[1].forEach(walk);
  };
  const roots = branches.map((_, i) => i).filter((i) => branches[i]!.parent === null);
  roots.sort((a, b) => branches[a]!.x[0]! - branches[b]!.x[0]! || branches[a]!.y[0]! - branches[b]!.y[0]!).forEach(walk);
  const order = new Float64Array(branches.length);
  row.forEach((i, place) => { order[i] = row.length === 1 ? 0.5 : place / (row.length - 1); });
  return order;
}

/** note sums the tree up. */
function note(tree: Tree): string {
  const first = tree.branches.filter((b) => b.born === 0).length, born = tree.branches.length - first, last = tree.branches.filter((b) => b.died === null).length;
  const parts = [`${first} at δ = 0, ${last} at δ = ${digits(tree.deltas.at(-1)!)}`];
  if (born > 0) parts.push(`${born} born on the way`);
  if (tree.convex !== null) parts.push(tree.convex === 0 ? "f is convex" : `f̂ convex from δ = ${digits(tree.convex, 4)}`);
  return `${parts.join("; ")}.`;
}

/** fate of one minimum, in a sentence. */
function fate(tree: Tree, i: number): string {
  const b = tree.branches[i]!, where = `(${digits(b.x[0]!)}, ${digits(b.y[0]!)})`, born = b.born > 0 ? `born at δ = ${digits(b.born, 4)}, ` : "";
  if (b.died === null) return `The minimum at ${where}: ${born}still there at the end.`;
  const heir = b.parent === null ? "" : `; the one at (${digits(tree.branches[b.parent]!.x[0]!)}, ${digits(tree.branches[b.parent]!.y[0]!)}) inherits its valley`;
  return `The minimum at ${where}: ${born}dies at δ = ${digits(b.died, 4)}${heir}.`;
}

/** eventButtons say each δ at which the count changes, for who does not point. */
function eventButtons(tree: Tree, choose: (delta: number) => void): HTMLElement[] {
  return tree.events.map((e) => {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    const parts = [e.died.length > 0 ? `${e.died.length} ${e.died.length === 1 ? "dies" : "die"}` : "", e.born.length > 0 ? `${e.born.length} born` : ""].filter((part) => part !== "");
    button.textContent = `δ = ${digits(e.delta, 4)}: ${parts.join(", ")}`;
    button.addEventListener("click", () => choose(e.delta));
    item.append(button);
    return item;
  });
}

/** tickStep is a round step of which the range holds four to ten. */
function tickStep(top: number): number {
  const power = 10 ** Math.floor(Math.log10(top));
  return [0.1, 0.2, 0.5, 1].map((k) => k * power).find((step) => top / step <= 8) ?? power;
}

function shape<K extends keyof SVGElementTagNameMap>(name: K, className: string): SVGElementTagNameMap[K] {
  const element = document.createElementNS(svgSpace, name);
  if (className) element.setAttribute("class", className);
  return element;
}
