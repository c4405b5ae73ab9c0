// Which runs are shown, and in which order.

import type { Run, Status } from "../protocol";
import type { Column, Group, ListState } from "./state";

const grouped: Record<Exclude<Group, "all">, readonly Status[]> = {
  active: ["running", "queued", "pausing", "stopping"], done: ["done", "recorded"], stopped: ["paused", "stopped", "interrupted"], failed: ["diverged", "failed"],
};
const statuses: readonly Status[] = Object.values(grouped).flat(); // in the order in which they are sorted

/** What is sorted by: texts from A, numbers from the largest; NaN and null come last either way. */
const keys: Record<Column, (run: Run) => string | number | null> = {
  created: (r) => r.created, name: (r) => r.name, status: (r) => statuses.length - statuses.indexOf(r.status), step: (r) => r.step, delta: (r) => r.noiseLevel, accuracy: (r) => r.testAccuracy,
  eta: (r) => r.learningRate ?? r.config.learningRate, b: (r) => r.batchSize ?? r.config.batchSize, schedule: (r) => r.config.schedule, model: (r) => `${r.config.model} ${r.config.dataset}`,
};

export function groupOf(status: Status): Group {
  return (Object.keys(grouped) as (keyof typeof grouped)[]).find((g) => grouped[g].includes(status)) ?? "all";
}

/** searched is the text of a run in which words are looked for. */
export function searched(r: Run): string {
  const { config: c } = r;
  return fold([r.name, ...r.tags, r.color, r.status, c.schedule, c.model, c.dataset, c.engine, r.notes, r.id, r.study].join("\n"));
}

/** fold makes texts comparable: without case and accents. */
export function fold(text: string): string { return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase(); }

/** rising says that a column is sorted from its least to its greatest. */
export function rising({ sort, turn }: ListState): boolean { return ["name", "schedule", "model"].includes(sort) !== turn; }

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** arrange is what is shown of a list, in order: pinned runs first, among equals the newest; runs of a study after the first of them, if asked for. */
export function arrange<T extends { readonly run: Run; readonly text: string }>(all: Iterable<T>, state: ListState): T[] {
  const words = fold(state.q).split(/\s+/).filter((w) => w !== ""), key = keys[state.sort], way = rising(state) ? 1 : -1;
  const shown: { item: T; key: string | number | null }[] = [];
  for (const item of all) {
    const { run } = item;
    if (state.status !== "all" && groupOf(run.status) !== state.status) continue;
    if (state.tag !== "" && !run.tags.includes(state.tag)) continue;
    if (!words.every((w) => item.text.includes(w))) continue;
    const k = key(run);
    shown.push({ item, key: typeof k === "number" && Number.isNaN(k) ? null : k });
  }
  shown.sort((a, b) => {
    const x = a.item.run, y = b.item.run;
    if (x.pinned !== y.pinned) return x.pinned ? -1 : 1;
    if ((a.key === null) !== (b.key === null)) return a.key === null ? 1 : -1;
    const order = typeof a.key === "string" ? collator.compare(a.key, b.key as string) : (a.key ?? 0) - ((b.key as number | null) ?? 0);
    return way * order || y.created - x.created || (x.id < y.id ? -1 : 1);
  });
  if (!state.group) return shown.map((s) => s.item);
  const together = new Map<string, T[]>(); // by study, in the order of the first run of each
  for (const { item } of shown) {
    const at = item.run.study || item.run.id, some = together.get(at);
    if (some) some.push(item); else together.set(at, [item]);
  }
  return [...together.values()].flat();
}
