// A small picture of a series of a report: bars, a curve or points over an axis, as SVG. Colors come from the style sheet.

import type { ReportSeries } from "../protocol";
import { digits, tick } from "../numbers";

const width = 420, height = 220, left = 52, right = 10, top = 10, bottom = 38; // in the picture's own units
const decades = 4; // of a logarithmic y axis

/** Series whose x is in standard deviations: the density of the normal distribution is drawn for comparison. */
const standardized = new Set(["pooledNoise", "standardizedNoise"]);

/** miniPlot draws a series. With log, y is logarithmic over the last decades, where that makes sense. */
export function miniPlot(series: ReportSeries, log: boolean): SVGElement {
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": describe(series), class: `miniplot miniplot-${series.kind}` });
  const ys = series.y.filter(Number.isFinite), xs = series.x.filter(Number.isFinite);
  if (xs.length === 0 || ys.length === 0) {
    svg.append(text("No finite value.", width / 2, height / 2, "middle", "miniplot-note"));
    return svg;
  }
  const normal = standardized.has(series.name);
  const high = Math.max(...ys, normal ? normalDensity(0) : -Infinity), low = Math.min(...ys);
  log &&= canBeLog(series);
  const floor = log ? high / 10 ** decades : series.kind === "points" ? Math.min(0, low) : Math.min(0, low);
  const ceiling = high > floor ? (log ? high * 1.6 : high + 0.05 * (high - floor)) : floor + 1;
  let from = Math.min(...xs), to = Math.max(...xs);
  if (series.kind === "points") { from -= 0.5; to += 0.5; }
  if (!(to > from)) { from -= 0.5; to += 0.5; }
  const x = (v: number): number => left + ((width - left - right) * (v - from)) / (to - from);
  const y = (v: number): number => {
    const share = log ? Math.log(Math.max(v, floor) / floor) / Math.log(ceiling / floor) : (v - floor) / (ceiling - floor);
    return height - bottom - (height - top - bottom) * Math.min(1, Math.max(0, share));
  };
  svg.append(...axes(series, from, to, floor, ceiling, log, x, y), ...shape(series, x, y, floor));
  if (normal) {
    let path = "";
    for (let i = 0; i <= 120; i++) {
      const v = from + ((to - from) * i) / 120;
      path += `${i === 0 ? "M" : "L"}${x(v).toFixed(1)} ${y(normalDensity(v)).toFixed(1)}`;
    }
    svg.append(node("path", { d: path, class: "miniplot-normal" }), text("– – normal", width - right - 4, top + 12, "end", "miniplot-note"));
  }
  return svg;
}

/** canBeLog says whether a series is a density, of which the small values matter. */
export function canBeLog(series: ReportSeries): boolean {
  return series.kind !== "points" && series.y.every((v) => !(v < 0)) && series.y.some((v) => v > 0);
}

function shape(series: ReportSeries, x: (v: number) => number, y: (v: number) => number, floor: number): SVGElement[] {
  const at = (v: number): string => v.toFixed(1), base = at(y(Math.max(floor, 0)));
  if (series.kind === "points") {
    return series.x.flatMap((v, i) => (Number.isFinite(series.y[i]!) ? [
      node("path", { d: `M${at(x(v))} ${base}V${at(y(series.y[i]!))}`, class: "miniplot-stem" }),
      node("circle", { cx: at(x(v)), cy: at(y(series.y[i]!)), r: "3.5", class: "miniplot-dot" }),
    ] : []));
  }
  let outline = "";
  if (series.kind === "histogram") {
    outline = `M${at(x(series.x[0]!))} ${base}`;
    for (let i = 0; i < series.y.length; i++) outline += `V${at(y(Number.isFinite(series.y[i]!) ? series.y[i]! : floor))}H${at(x(series.x[i + 1]!))}`;
    outline += `V${base}`;
    return [node("path", { d: `${outline}Z`, class: "miniplot-area" }), node("path", { d: outline, class: "miniplot-line" })];
  }
  let pen = false;
  for (let i = 0; i < series.x.length; i++) {
    if (!Number.isFinite(series.x[i]!) || !Number.isFinite(series.y[i]!)) { pen = false; continue; }
    outline += `${pen ? "L" : "M"}${at(x(series.x[i]!))} ${at(y(series.y[i]!))}`;
    pen = true;
  }
  const last = series.x[series.x.length - 1]!;
  return [node("path", { d: `${outline}L${at(x(last))} ${base}L${at(x(series.x[0]!))} ${base}Z`, class: "miniplot-area" }), node("path", { d: outline, class: "miniplot-line" })];
}

function axes(series: ReportSeries, from: number, to: number, floor: number, ceiling: number, log: boolean, x: (v: number) => number, y: (v: number) => number): SVGElement[] {
  const parts: SVGElement[] = [];
  for (const v of log ? powers(floor, ceiling) : ticks(floor, ceiling, 4)) {
    const at = y(v).toFixed(1);
    parts.push(node("path", { d: `M${left} ${at}H${width - right}`, class: "miniplot-grid" }), text(tick(v), left - 5, y(v) + 3.5, "end", "miniplot-tick"));
  }
  const whole = series.kind === "points";
  for (const v of ticks(from, to, 6)) {
    if (whole && !Number.isInteger(v)) continue;
    parts.push(node("path", { d: `M${x(v).toFixed(1)} ${height - bottom}v4`, class: "miniplot-grid" }), text(tick(v), x(v), height - bottom + 15, "middle", "miniplot-tick"));
  }
  parts.push(text(series.xTitle, (left + width - right) / 2, height - 6, "middle", "miniplot-title"));
  return parts;
}

/** ticks are about count round numbers from low to high. */
export function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((m) => m * power >= raw * 0.999) ?? 10);
  const all: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) all.push(Number((i * step).toPrecision(12)));
  return all;
}

function powers(low: number, high: number): number[] {
  const all: number[] = [];
  for (let e = Math.ceil(Math.log10(low)); 10 ** e <= high; e++) all.push(10 ** e);
  return all;
}

function normalDensity(v: number): number {
  return Math.exp((-v * v) / 2) / Math.sqrt(2 * Math.PI);
}

/** describe says in a sentence what a series shows, for who cannot see it. */
function describe(series: ReportSeries): string {
  let top = -1;
  series.y.forEach((v, i) => { if (Number.isFinite(v) && (top < 0 || v > series.y[top]!)) top = i; });
  if (top < 0) return `${series.title}: no finite value.`;
  const at = series.kind === "histogram" ? (series.x[top]! + series.x[top + 1]!) / 2 : series.x[top]!;
  return `${series.title}: ${series.yTitle} against ${series.xTitle} from ${digits(series.x[0]!)} to ${digits(series.x[series.x.length - 1]!)}, ` +
    `largest ${digits(series.y[top]!)} at ${digits(at)}.`;
}

function text(content: string, x: number, y: number, anchor: string, name: string): SVGElement {
  const element = node("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, class: name });
  element.textContent = content;
  return element;
}

function node(name: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
