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
