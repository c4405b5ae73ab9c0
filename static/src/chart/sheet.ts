// What a chart shows, as numbers that leave the page: CSV and JSON.

import { abscissas } from "./abscissas";
import type { Abscissa } from "./series";

/** A table of what is drawn: undefined where a curve has no point at that x; NaN and ±Infinity as they were logged. */
export interface Sheet {
  run: string; // its name
  chart: string; // short name
  title: string;
  by: Abscissa;
  from: number;
  to: number;
  smoothing: number; // updates; 0: none
  thinned: boolean; // there are more values than points: the first, smallest, largest and last of each pixel column are here
  x: number[];
  columns: { title: string; values: (number | undefined)[] }[];
}

/** csv is the sheet after RFC 4180. */
export function csv(sheet: Sheet): string {
  const rows = [[abscissas[sheet.by].column, ...sheet.columns.map((c) => c.title)].map(cell).join(",")];
  sheet.x.forEach((x, i) => rows.push([String(x), ...sheet.columns.map((c) => (c.values[i] === undefined ? "" : String(c.values[i])))].join(",")));
  return rows.join("\r\n") + "\r\n";
}

/** json is the sheet with its circumstances; null where a curve has no point, and words for what JSON has no number for. */
export function json(sheet: Sheet): string {
  const value = (v: number | undefined): number | string | null => (v === undefined ? null : Number.isFinite(v) ? v : String(v));
  return JSON.stringify({
    ...sheet, against: abscissas[sheet.by].title, by: undefined, x: undefined,
    columns: [{ title: abscissas[sheet.by].column, values: sheet.x.map(value) }, ...sheet.columns.map((c) => ({ title: c.title, values: c.values.map(value) }))],
  }, null, 1) + "\n";
}

/** fileName names the run and the chart, whatever characters the run's name has. */
export function fileName(sheet: Sheet, extension: string): string {
  const word = (text: string): string => text.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  return `${[word(sheet.run) || "run", word(sheet.chart)].join("-").toLowerCase()}.${extension}`;
}

/** cell quotes a text. One that a spreadsheet might take for a formula gets an apostrophe before it, by the rule of gridfile.SheetText. */
function cell(text: string): string {
  const harmless = /^(\p{Cc}|[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠])/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
