// What a run is drawn against, in words and numbers.

import type { Abscissa } from "./series";

/** An abscissa's name, its unit in a sentence, and the least interval worth looking at. */
export const abscissas: Record<Abscissa, { title: string; column: string; least: number; empty: number }> = {
  step: { title: "updates", column: "update", least: 2, empty: 10 },
  epoch: { title: "epochs", column: "epoch", least: 0.02, empty: 0.1 },
  samples: { title: "samples seen", column: "samples", least: 2, empty: 100 },
  time: { title: "time since the start, pauses included", column: "seconds", least: 0.01, empty: 1 },
};

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** axisFormat writes a tick. */
export function axisFormat(by: Abscissa, x: number): string {
  if (by === "time") return elapsed(x);
  return Math.abs(x) >= 1e5 ? compact.format(x) : x.toLocaleString("en", { maximumFractionDigits: 3 });
}

/** valueFormat writes the place of a cursor, with its unit where asked. */
export function valueFormat(by: Abscissa, x: number, unit = false): string {
  if (by === "time") return elapsed(x) + (unit ? " after the start" : "");
  const text = x.toLocaleString("en", { maximumFractionDigits: by === "epoch" ? 3 : 0 });
  return unit ? (by === "samples" ? `${text} samples` : `${abscissas[by].column} ${text}`) : text;
}

/** splitSeconds are the distances between ticks of a time axis. */
export const splitSeconds: number[] = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000, 1_728_000,
];

/** elapsed writes seconds as h:mm:ss, with days before and decimals behind where they matter. */
export function elapsed(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (Math.abs(seconds) < 60) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds), days = Math.floor(whole / 86_400), hours = Math.floor(whole / 3600) % 24, two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}
