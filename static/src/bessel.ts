// Bessel functions of the first kind: the power series below 12, where its largest term costs four digits of sixteen, and Hankel's
// asymptotic expansion from there on, whose smallest term is below 10⁻¹⁰ (Abramowitz & Stegun 9.1.10 and 9.2.5).

export function j0(x: number): number { return Math.abs(x) < 12 ? series(0, Math.abs(x)) : asymptotic(0, Math.abs(x)); }

export function j1(x: number): number {
  const a = Math.abs(x);
  return Math.sign(x) * (a < 12 ? series(1, a) : asymptotic(1, a));
}

function series(order: 0 | 1, x: number): number {
  const q = -(x * x) / 4;
  let term = order === 0 ? 1 : x / 2, sum = term;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 60; k++) {
    term *= q / (k * (k + order));
    sum += term;
  }
  return sum;
}

function asymptotic(order: 0 | 1, x: number): number {
  let p = 1, q = 0, term = 1;
  for (let k = 1; k <= 24; k++) {
    const next = (term * (4 * order - (2 * k - 1) * (2 * k - 1))) / (k * 8 * x);
    if (Math.abs(next) > Math.abs(term)) break; // its smallest term comes before
    term = next;
    const signed = k % 4 < 2 ? term : -term;
    if (k % 2) q += signed; else p += signed;
  }
  const phase = x - (order / 2 + 0.25) * Math.PI;
  return Math.sqrt(2 / (Math.PI * x)) * (p * Math.cos(phase) - q * Math.sin(phase));
}
