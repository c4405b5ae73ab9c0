// Round numbers for ticks and contours.

/** roundStep is 1, 2 or 5 times a power of ten, such that `span` holds about `count` of them. */
export function roundStep(span: number, count: number): number {
  const raw = span / Math.max(1, count), power = 10 ** Math.floor(Math.log10(raw));
  const best = [1, 2, 5, 10].map((k) => k * power).reduce((a, b) => (Math.abs(Math.log(b / raw)) < Math.abs(Math.log(a / raw)) ? b : a));
  return Number.isFinite(best) && best > 0 ? best : 1;
}

/** ticks are the multiples of a round step in [lo, hi]. */
export function ticks(lo: number, hi: number, count: number): number[] {
  const step = roundStep(hi - lo, count), out: number[] = [];
  for (let i = Math.ceil(lo / step - 1e-9); i <= Math.floor(hi / step + 1e-9); i++) out.push(i * step);
  return out;
}

/** short writes a number with at most four digits. */
export function short(v: number): string {
  if (v === 0) return "0";
  const a = Math.abs(v);
  if (!Number.isFinite(v)) return String(v);
  const text = a >= 1e5 || a < 1e-3 ? v.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e") : String(Number(v.toPrecision(4)));
  return text.replace("-", "−");
}
