// What a run is drawn against, in words and numbers.

import { count, digits, fixed } from "../numbers";
import type { Abscissa } from "./series";

/** An abscissa's name, its unit in a sentence, and the least interval worth looking at. */
export const abscissas: Record<Abscissa, { title: string; column: string; least: number; empty: number }> = {
  step: { title: "updates", column: "update", least: 2, empty: 10 },
  epoch: { title: "epochs", column: "epoch", least: 0.02, empty: 0.1 },
  samples: { title: "samples seen", column: "samples", least: 2, empty: 100 },
  time: { title: "time since the start, pauses included", column: "seconds", least: 0.01, empty: 1 },
};

/** axisFormat writes a tick. */
export function axisFormat(by: Abscissa, x: number): string {
  if (by === "time") return elapsed(x);
  return number(x);
}

/** valueFormat writes the place of a cursor, with its unit where asked. */
export function valueFormat(by: Abscissa, x: number, unit = false): string {
  if (by === "time") return elapsed(x) + (unit ? " after the start" : "");
  const text = by === "epoch" ? number(x) : count(x);
  return unit ? (by === "samples" ? `${text} samples` : `${abscissas[by].column} ${text}`) : text;
}

/** splitSeconds are the distances between ticks of a time axis. */
export const splitSeconds: number[] = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000, 1_728_000,
];

/** number has what a zoom can tell apart, and no zeros behind. */
function number(x: number): string { return fixed(x, 3).replace(/\.?0+$/, ""); }

/** elapsed writes seconds as h:mm:ss, with days before and decimals behind where they matter. */
export function elapsed(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (Math.abs(seconds) < 60) return `${digits(seconds)} s`;
  const whole = Math.round(seconds), days = Math.floor(whole / 86_400), hours = Math.floor(whole / 3600) % 24, two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}

/** splitLog are round values on a logarithmic axis: 1, 2 and 5 in each decade, the powers of ten alone of many, more of few. */
export function splitLog(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high)), decades = Math.log10(high / low);
  const mantissas = decades > 4 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], every = Math.max(1, Math.ceil(decades / 7));
  const splits: number[] = [];
  for (let e = first; e <= last; e++) {
    if (e % every !== 0) continue;
    for (const m of mantissas) {
      const v = Number(`${m}e${e}`);
      if (v >= low && v <= high) splits.push(v);
    }
  }
  if (splits.length > 2) return splits;
  const step = 10 ** Math.floor(Math.log10((high - low) / 2)), from = Math.ceil(low / step); // less than an octave is nearly straight
  return Array.from({ length: Math.min(40, Math.max(0, Math.floor(high / step) - from + 1)) }, (_, i) => Number(((from + i) * step).toPrecision(12)));
}
