// Texts over the picture, kept from drawing to drawing: what says the same at the same place is not touched.

const svgSpace = "http://www.w3.org/2000/svg";

interface Kept { element: SVGTextElement; text: string; kind: string; place: string; anchor: string }

export type Anchor = "start" | "middle" | "end";

export class Labels {
  private readonly group: SVGGElement;
  private readonly pool: Kept[] = [];
  private used = 0;

  constructor(parent: Element) { this.group = parent.appendChild(document.createElementNS(svgSpace, "g")); }

  /** begin starts a new set of texts; `end` takes away those of the last set that have no successor. */
  begin(): void { this.used = 0; }

  /** put writes a text at a place in pixels, turned by an angle in degrees; kind is its class. */
  put(x: number, y: number, text: string, kind: string, anchor: Anchor = "middle", angle = 0): void {
    let kept = this.pool[this.used];
    if (!kept) {
      kept = { element: this.group.appendChild(document.createElementNS(svgSpace, "text")), text: "", kind: "", place: "", anchor: "" };
      this.pool.push(kept);
    }
    this.used++;
    const place = angle ? `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${angle.toFixed(0)})` : `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
    if (kept.place !== place) kept.element.setAttribute("transform", (kept.place = place));
    if (kept.kind !== kind) kept.element.setAttribute("class", (kept.kind = kind));
    if (kept.anchor !== anchor) kept.element.setAttribute("text-anchor", (kept.anchor = anchor));
    if (kept.text !== text) kept.element.textContent = kept.text = text;
  }

  end(): void {
    for (let i = this.used; i < this.pool.length; i++) {
      const kept = this.pool[i]!;
      if (kept.text !== "") kept.element.textContent = kept.text = "";
    }
  }

  clear(): void {
    this.begin();
    this.end();
  }
}
