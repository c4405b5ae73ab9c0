// Numbers as people read and type them: thousands stand apart by a narrow space at which no line breaks, minus signs are true ones, and
// what is very large or small is a power of ten. server/numbers.go writes the same.

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** digits writes at most that many significant digits, and whole numbers below a million in full. */
export function digits(v: number, figures = 3): string { return written(v, figures, (text) => String(Number(text))); }

/** steady keeps the zeros at the end: for what changes while one looks, and for columns. */
export function steady(v: number, figures = 3): string { return written(v, figures, (text) => text); }

/** tick writes the value of an axis tick: short, and without zeros that say nothing. */
export function tick(v: number): string {
  const size = Math.abs(v);
  return size > 0 && (size >= 1e5 || size < 1e-3) && Number.isFinite(v) ? power(v, 3).replace(/^(−?)1·/, "$1") : digits(v, 4);
}

export function percent(share: number, places = 1): string { return `${fixed(100 * share, places)} %`; }

/** tickPercent is the tick of a share. */
export function tickPercent(share: number): string { return `${tick(100 * share)} %`; }

/** count writes a whole number. */
export function count(n: number): string { return fixed(n, 0); }

/** fixed writes a number with so many digits after the point. */
export function fixed(v: number, decimals: number): string {
  if (!Number.isFinite(v)) return digits(v);
  const text = Math.abs(v) < 1e21 ? v.toFixed(decimals) : BigInt(v).toString();
  return grouped(Number(text) === 0 ? text.replace("-", "") : text);
}

/** withError writes a value and its error with the same decimals: two digits of the error decide. */
export function withError(value: number, error: number): string {
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(error)));
  if (!Number.isFinite(value) || !Number.isFinite(error) || error <= 0 || decimals > 7) return `${digits(value)} ± ${digits(error, 2)}`;
  return `${fixed(value, decimals)} ± ${fixed(error, decimals)}`;
}

/** typed reads what a person typed: "0,1", "1e-3", "1 200", "2·10⁻³" are numbers; null where it is none. */
export function typed(text: string): number | null {
  const plain = text.trim().replace(/\s/g, "").replace(/[·×x*]10\^?([⁻⁺-]?)([⁰¹²³⁴⁵⁶⁷⁸⁹\d]+)/, (_, sign: string, power: string) =>
    `e${sign === "⁻" || sign === "-" ? "-" : ""}${[...power].map((c) => (raised.includes(c) ? raised.indexOf(c) : c)).join("")}`)
    .replace("−", "-").replace(",", ".");
  const v = Number(plain);
  return plain !== "" && Number.isFinite(v) ? v : null;
}

function written(v: number, figures: number, zeros: (text: string) => string): string {
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  if (v === 0) return "0";
  const size = Math.abs(v);
  if (size >= 1e6 || size < 1e-4) return power(v, figures, zeros);
  return size >= 10 ** figures - 0.5 ? count(v) : grouped(zeros(v.toPrecision(figures)));
}

function power(v: number, figures: number, zeros = (text: string): string => String(Number(text))): string {
  const [mantissa, exponent] = v.toExponential(figures - 1).split("e") as [string, string];
  return `${zeros(mantissa)}·10${String(Number(exponent)).replace("-", "⁻").replace(/\d/g, (d) => raised[Number(d)]!)}`.replace("-", "−");
}

/** grouped is a decimal number as it is shown. */
function grouped(text: string): string {
  const [whole, rest] = text.split(".") as [string, string?];
  return (whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + (rest === undefined ? "" : `.${rest}`)).replace("-", "−");
}
