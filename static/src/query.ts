// The state of a view as the query of its page's address. One list says every property: its key, its default, how it is read and
// written. What is at its default is left out, what is not understood keeps it, and unknown keys are ignored.

export type Limits = readonly [number, number];

export interface Property<T> {
  otherwise: T; // the default
  read(text: string): T | undefined; // undefined: not understood
  write(value: T): string;
}

export type Properties<S> = { readonly [K in keyof S]: Property<S[K]> };

/** number takes what lies within the limits; digits are what a link keeps of it. */
export function number([lo, hi]: Limits, otherwise: number, digits = 6): Property<number> {
  return {
    otherwise,
    read: (text) => {
      const v = Number(text);
      return text.trim() !== "" && v >= lo && v <= hi ? v : undefined;
    },
    write: (v) => String(Number(v.toPrecision(digits))),
  };
}

/** whole takes the decimal digits of a number within the limits. */
export function whole(within: Limits, otherwise: number, digits = 5): Property<number> {
  const pattern = new RegExp(`^\\d{1,${digits}}$`);
  return { ...number(within, otherwise, digits), read: (text) => (pattern.test(text) ? number(within, otherwise).read(text) : undefined) };
}

export function word<T extends string>(words: readonly T[], otherwise: T): Property<T> {
  return { otherwise, read: (text) => words.find((w) => w === text), write: (v) => v };
}

/** list takes some of the words, joined by commas. */
export function list<T extends string>(words: readonly T[]): Property<readonly T[]> {
  return {
    otherwise: [], write: (v) => v.join(","),
    read: (text) => (text === "" ? [] : text.split(",").every((one) => words.some((w) => w === one)) ? (text.split(",") as T[]) : undefined),
  };
}

/** text takes any text of at most so many characters. */
export function text(longest: number): Property<string> {
  return { otherwise: "", read: (t) => (t.length <= longest ? t : undefined), write: (v) => v };
}

export function flag(): Property<boolean> {
  return { otherwise: false, read: (text) => (text === "1" ? true : text === "0" ? false : undefined), write: (v) => (v ? "1" : "0") };
}

/** defaultsOf is what a query without any key means. */
export function defaultsOf<S>(properties: Properties<S>): S {
  const state = {} as S;
  for (const key of keysOf(properties)) state[key] = properties[key].otherwise;
  return state;
}

/** readQuery takes what it understands of a query; known says whether it held any key of the list. */
export function readQuery<S>(properties: Properties<S>, query: string): { state: S; known: boolean } {
  const q = new URLSearchParams(query), state = defaultsOf(properties);
  let known = false;
  for (const key of keysOf(properties)) {
    const text = q.get(String(key));
    if (text === null) continue;
    known = true;
    const value = properties[key].read(text);
    if (value !== undefined) state[key] = value;
  }
  return { state, known };
}

/** writeQuery is the shortest query that says the same, without "?". silent keys are left out. */
export function writeQuery<S>(properties: Properties<S>, state: S, silent: (key: keyof S) => boolean = () => false): string {
  const pairs: string[] = [];
  for (const key of keysOf(properties)) {
    const text = properties[key].write(state[key]);
    if (text === properties[key].write(properties[key].otherwise) || silent(key)) continue;
    pairs.push(`${String(key)}=${encodeURIComponent(text).replaceAll("%3A", ":").replaceAll("%2C", ",")}`);
  }
  return pairs.join("&");
}

function keysOf<S>(properties: Properties<S>): (keyof S)[] { return Object.keys(properties) as (keyof S)[]; }
