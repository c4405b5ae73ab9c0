// What of the list is shown, as keys of the page's address.

import { flag, text, word, type Properties } from "../query";

/** The columns by which the list is sorted; web/runlist.go has the same. */
export const columns = ["created", "name", "status", "step", "delta", "accuracy", "eta", "b", "schedule", "model"] as const;
export type Column = (typeof columns)[number];

export const groups = ["all", "active", "done", "stopped", "failed"] as const;
export type Group = (typeof groups)[number];

export interface ListState {
  q: string; // words, all of which must be found
  status: Group;
  tag: string; // "": any
  sort: Column;
  turn: boolean; // the other way round than usual
  group: boolean; // the runs of a study stand together
  new: boolean; // the form for a new run is open
  edit: string; // id of the run whose tags, color and notes are open
}

export const properties: Properties<ListState> = {
  q: text(200), status: word(groups, "all"), tag: text(32), sort: word(columns, "created"), turn: flag(), group: flag(), new: flag(), edit: text(40),
};
