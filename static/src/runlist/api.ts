// What is asked of the server about single runs.

import type { Run } from "../protocol";

export type Change = Partial<Pick<Run, "name" | "pinned" | "tags" | "color" | "notes">>;

interface Fault { doing: string; expected: string; found: string; advice: string }

/** ask sends a request; an Error holds a sentence for people. */
async function ask<T>(method: string, id: string, what = "", body = ""): Promise<T> {
  let answer: Response, said: { errors?: Fault[] };
  try { // keepalive: it is sent although the page is being left; all of these together may not be long
    answer = await fetch(`/api/runs/${encodeURIComponent(id)}${what}`, { method, keepalive: document.hidden, headers: { "Content-Type": "application/json" }, ...(body === "" ? {} : { body }) });
    said = (await answer.json()) as typeof said;
  } catch {
    throw new Error("The server could not be reached.");
  }
  if (!answer.ok) throw new Error(said.errors?.map((f) => `${f.doing[0]!.toUpperCase()}${f.doing.slice(1)}: expected ${f.expected}, found ${f.found}. ${f.advice}`).join(" ") ?? `HTTP ${answer.status}`);
  return said as T;
}

export const change = (id: string, what: Change): Promise<Run> => ask("PATCH", id, "", JSON.stringify(what));
export const remove = (id: string): Promise<unknown> => ask("DELETE", id);
export const restore = (id: string): Promise<Run> => ask("POST", id, "/restore");
