// How the reader looks at a comparison, as keys of the page's address beside run= and study=.

import { flag, number, readQuery, whole, word, writeQuery, type Properties, type Property } from "../query";
import type { Abscissa } from "../chart/series";

export type BandKind = "sd" | "range" | "none";

export interface Look {
  x: Abscissa;
  hide: readonly string[]; // letters of groups
  band: BandKind;
  smooth: number; // place of the slider
  logx: boolean;
  logy: boolean;
  against: string; // letter; "" is the server's choice
  seed: string; // of the landscapes; "" is the first
  m: number; // magnification of the landscapes; 0 is the slices' own
  raw: boolean;
  map: boolean;
}

const letters: Property<readonly string[]> = {
  otherwise: [],
  read: (text) => (/^[A-Z]{1,2}(,[A-Z]{1,2}){0,39}$/.test(text) ? text.split(",") : undefined),
  write: (v) => v.join(","),
};
const letter: Property<string> = { otherwise: "", read: (text) => (/^[A-Z]{1,2}$/.test(text) ? text : undefined), write: (v) => v };
const seed: Property<string> = { otherwise: "", read: (text) => (/^\d{1,20}$/.test(text) ? text : undefined), write: (v) => v };

const properties: Properties<Look> = {
  x: word(["step", "epoch", "samples", "time"], "epoch"), hide: letters, band: word(["sd", "range", "none"], "sd"), smooth: whole([0, 15], 0), logx: flag(), logy: flag(),
  against: letter, seed, m: number([0, 1e9], 0), raw: flag(), map: flag(),
};

export function readLook(query: string): Look { return readQuery(properties, query).state; }

/** writeLook is the query of a look at the runs that another query names. */
export function writeLook(look: Look, query: string): string {
  const q = new URLSearchParams(query), own = new URLSearchParams();
  for (const key of ["study", "run"]) for (const value of q.getAll(key)) own.append(key, value);
  return [own.toString(), writeQuery(properties, look)].filter((part) => part !== "").join("&");
}
