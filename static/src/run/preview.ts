// The schedule of a run that has not begun, as three small curves: η, b and δ/δ₁ by epoch.

import { count, digits } from "../numbers";

/** What a configuration would do, as /api/preview says it. The lists run over the same epochs. */
export interface Preview {
  trainSize: number;
  totalSteps: number;
  parameters: number;
  flops: number;
  epochs: number[]; // 0-based
  learningRate: number[];
  batchSize: number[];
  noiseLevel: number[]; // δ/δ₁ if C stayed as it is
}

const width = 200, height = 26, margin = 2; // of a curve, in its own units

/** drawPreview fills box with one row a curve: its name, its shape, its first and last value. */
export function drawPreview(box: HTMLElement, p: Preview): void {
  box.replaceChildren(
    ...row("η", "rate", p.epochs, p.learningRate, digits),
    ...row("b", "batch", p.epochs, p.batchSize, count),
    ...row("δ/δ₁", "noise", p.epochs, p.noiseLevel, digits),
  );
}

function row(name: string, kind: string, epochs: number[], values: number[], format: (v: number) => string): HTMLElement[] {
  const label = document.createElement("span"), ends = document.createElement("span"), host = document.createElement("span");
  const first = format(values[0]!), last = format(values[values.length - 1]!);
  label.className = "preview-name";
  label.textContent = name;
  ends.className = "preview-ends";
  ends.textContent = first === last ? first : `${first} → ${last}`;
  host.className = `preview-curve preview-${kind}`;
  host.append(curve(epochs, values, `${name} by epoch, from ${first} to ${last}`));
  return [label, host, ends];
}

/** curve draws values as steps over whole epochs, from 0 to their largest. */
function curve(epochs: number[], values: number[], title: string): SVGElement {
  const top = Math.max(...values), end = epochs[epochs.length - 1]! + 1;
  const x = (epoch: number): string => ((width * epoch) / end).toFixed(1);
  const y = (v: number): string => (height - margin - (height - 2 * margin) * (top > 0 ? v / top : 0)).toFixed(1);
  let path = `M0 ${y(values[0]!)}`;
  for (let i = 1; i < values.length; i++) if (values[i] !== values[i - 1]) path += `H${x(epochs[i]!)}V${y(values[i]!)}`;
  path += `H${width}`;
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": title });
  svg.append(node("path", { d: `${path}V${height}H0Z`, class: "preview-area" }), node("path", { d: path, class: "preview-line", "vector-effect": "non-scaling-stroke" }));
  return svg;
}

function node(name: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
