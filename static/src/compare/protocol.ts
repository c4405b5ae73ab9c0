// What /api/compare answers; server/compareview.go says the same in Go.

/** A spread at each point; null where it is not known. Without sd, min and max no point has more than one run. */
export interface Band { mean: (number | null)[]; sd?: (number | null)[]; min?: (number | null)[]; max?: (number | null)[] }

/** Some quantities at the same points. */
export interface Curves {
  step: number[];
  epoch: number[];
  samples: number[];
  seconds: number[];
  n: number[]; // runs that have come so far
  lost: number[]; // indices of the points at which a loss was not finite
  bands: Record<string, Band>;
}

/** The runs that differ in nothing but their seed. */
export interface Group {
  letter: string;
  label: string;
  ink: number; // its color is --ink-N
  dash: number[] | null;
  runs: string[];
  updates: Curves;
  epochs: Curves;
}

export interface ComparedRun {
  id: string;
  group: string; // letter
  seed: string;
  slice: { step: number; level: number } | null;
}

/** What is put where it belongs as it is; results, each and the names are HTML, made by package web. */
export interface Shown {
  progress: string;
  done: string;
  names: string[]; // of each group
  seeds: string[]; // of each group
  note: string;
  results: string;
  each: string;
}

export interface Comparison {
  study: { id: string; name: string } | null;
  runs: ComparedRun[];
  missing: string[];
  groups: Group[];
  against: string;
  findings: string[];
  active: boolean;
  behind: number;
  shown: Shown;
}

/** decodeComparison takes an answer; another version of the server would fail here and not somewhere in the page. */
export function decodeComparison(value: unknown): Comparison {
  const c = value as Comparison;
  if (typeof c !== "object" || c === null || ![c.runs, c.groups, c.missing, c.findings, c.shown?.names].every(Array.isArray)) {
    throw new Error("a comparison: expected runs, groups, missing, findings and what is shown");
  }
  for (const g of c.groups) {
    for (const curves of [g.updates, g.epochs]) {
      for (const [name, band] of Object.entries(curves.bands)) {
        if (band.mean.length !== curves.step.length) throw new Error(`${name} of ${g.label}: expected a value for each of ${curves.step.length} points`);
      }
    }
  }
  return c;
}
