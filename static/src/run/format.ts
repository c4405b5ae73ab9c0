// Numbers as the screen shows them.

/** digits writes x with that many significant digits, without an exponent where it reads better without. */
export function digits(x: number, count = 3): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e6 || size < 1e-4) {
    const [mantissa, exponent] = x.toExponential(count - 1).split("e");
    return `${minus(mantissa!)}·10${superscript(Number(exponent))}`;
  }
  if (size >= 10 ** count) return minus(Math.round(x).toLocaleString("en").replaceAll(",", " "));
  return minus(x.toPrecision(count));
}

/** withError writes a value and its error with the same decimals: two digits of the error decide. */
export function withError(value: number, error: number): string {
  if (!Number.isFinite(value) || !Number.isFinite(error) || error <= 0) return `${digits(value)} ± ${digits(error, 2)}`;
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(error)));
  if (decimals > 7) return `${digits(value)} ± ${digits(error, 2)}`;
  return minus(`${value.toFixed(decimals)} ± ${error.toFixed(decimals)}`);
}

/** tick writes the value of an axis tick: short, and without zeros that say nothing. */
export function tick(x: number): string {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e5 || size < 1e-3) return minus(x.toExponential(1).replace(".0e", "e").replace("e+", "e"));
  return minus(String(Number(x.toPrecision(4))));
}

export function percent(share: number, places = 1): string {
  return `${(100 * share).toFixed(places)} %`;
}

/** tickPercent is the tick of a share. */
export function tickPercent(share: number): string { return `${tick(100 * share)} %`; }

export function count(n: number): string {
  return Math.round(n).toLocaleString("en").replaceAll(",", " ");
}

/** duration writes seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${digits(seconds / 3600, 2)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}

function minus(text: string): string {
  return text.replace("-", "−");
}

function superscript(n: number): string {
  return String(n).replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]!);
}
