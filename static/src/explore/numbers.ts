// Numbers as people read and type them.

/** digits writes a number with that many significant digits, a true minus sign, and powers of ten where they are shorter. */
export function digits(v: number, count = 3): string {
  if (!Number.isFinite(v)) return v > 0 ? "∞" : v < 0 ? "−∞" : "–";
  if (v === 0) return "0";
  const a = Math.abs(v), rounded = Number(v.toPrecision(count));
  const text = a >= 1e6 || a < 1e-4 ? power(rounded, count) : String(rounded);
  return text.replace("-", "−");
}

/** fixed writes a coordinate with so many digits after the point. */
export function fixed(v: number, decimals: number): string {
  const text = v.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** count writes a whole number with thin spaces. */
export function count(v: number): string { return String(Math.round(v)).replace(/\B(?=(\d{3})+$)/g, "\u2009"); }

/** typed reads what a person typed: "0,1", "1e-3", "2·10⁻³" are numbers; null where it is none. */
export function typed(text: string): number | null {
  const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const plain = text.trim().replace(/[\s\u2009]/g, "").replace(/[·×x*]10\^?([⁻⁺-]?)([⁰¹²³⁴⁵⁶⁷⁸⁹\d]+)/, (_, sign: string, power: string) =>
    `e${sign === "⁻" || sign === "-" ? "-" : ""}${[...power].map((c) => (superscripts.includes(c) ? superscripts.indexOf(c) : c)).join("")}`)
    .replace("−", "-").replace(",", ".");
  const v = Number(plain);
  return plain !== "" && Number.isFinite(v) ? v : null;
}

function power(v: number, count: number): string {
  const [mantissa, exponent] = v.toExponential(count - 1).split("e") as [string, string];
  const raised = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]!)).join("");
  return `${Number(mantissa)}·10${raised}`;
}
