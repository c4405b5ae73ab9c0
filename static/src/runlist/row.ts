// One line of the list. What has not changed is not written again.

import type { Run } from "../protocol";
import { put } from "../explore/put";
import { count, digits, percent } from "../numbers";
import { searched } from "./order";

const minute: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };

export class Row {
  run!: Run;
  text = ""; // in which words are looked for
  private readonly parts = new Map<string, HTMLElement>();

  /** tr is a line as the server writes it, or a copy of the empty one. */
  constructor(readonly tr: HTMLTableRowElement) {
    for (const part of tr.querySelectorAll<HTMLElement>("[data-part]")) this.parts.set(part.dataset.part!, part);
  }

  part<T extends HTMLElement = HTMLElement>(name: string): T { return this.parts.get(name) as T; }

  get fixed(): boolean { return this.run.status === "recorded"; }

  show(run: Run): void {
    const { config: c } = run, before = this.run as Run | undefined;
    this.run = run;
    this.text = searched(run);
    if (before?.name !== run.name) this.label(run);
    this.badge(run);
    const mark = this.part("color");
    if (before?.color !== run.color) {
      mark.dataset.ink = mark.title = run.color;
      mark.hidden = run.color === "";
      mark.textContent = run.color.slice(0, 1).toUpperCase();
    }
    if (before?.pinned !== run.pinned) this.part("pin").ariaPressed = String(run.pinned);
    if (before?.tags.join() !== run.tags.join()) this.part("tags").replaceChildren(...run.tags.map(chip));
    const [line = "", ...rest] = run.notes.trim().split("\n");
    this.put("notes", line.length > 160 ? `${line.slice(0, 160)}…` : rest.length > 0 ? `${line} …` : line);
    this.put("step", run.totalSteps === 0 ? "" : run.step === run.totalSteps ? count(run.step) : `${count(run.step)} / ${count(run.totalSteps)}`);
    this.put("delta", plain(run.noiseLevel));
    this.put("accuracy", run.testAccuracy === null ? "" : percent(run.testAccuracy));
    this.put("eta", plain(run.learningRate ?? c.learningRate));
    this.put("b", count(run.batchSize ?? c.batchSize));
    this.put("schedule", c.schedule);
    this.put("model", c.model);
    this.put("dataset", c.dataset);
    if (before?.study !== run.study) this.tr.classList.toggle("studied", run.study !== "");
    if (before?.created !== run.created) this.created(run.created);
  }

  private put(part: string, text: string): void { put(this.part(part), text === "" && part !== "notes" && part !== "dataset" ? "–" : text); }

  private label(run: Run): void {
    this.tr.dataset.run = run.id;
    const link = this.part<HTMLAnchorElement>("name");
    link.id = `run-link-${run.id}`;
    link.href = `/runs/${run.id}`;
    put(link, run.name);
    for (const [part, verb] of [["choose", "Select"], ["pin", "Pin"], ["rename", "Rename"], ["more", "Tags, color and notes of"]] as const) this.part(part).setAttribute("aria-label", `${verb} ${run.name}`);
  }

  private badge({ status, reason }: Run): void {
    if (this.tr.dataset.status === status && this.part("status").firstElementChild!.getAttribute("title") === (reason || null)) return;
    const badge = document.createElement("span");
    badge.className = "status";
    badge.dataset.status = this.tr.dataset.status = status;
    badge.dataset.testid = "run-status";
    badge.textContent = status;
    if (reason !== "") {
      const said = document.createElement("span");
      said.className = "visually-hidden";
      said.textContent = `: ${reason}`;
      badge.title = reason;
      badge.append(said);
    }
    this.part("status").replaceChildren(badge);
  }

  private created(ms: number): void {
    const at = new Date(ms), time = document.createElement("time");
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleString("en-GB", at.getFullYear() === new Date().getFullYear() ? minute : { ...minute, year: "numeric" });
    this.part("created").replaceChildren(time);
  }
}

function chip(tag: string): HTMLAnchorElement {
  const a = document.createElement("a");
  a.className = "tag";
  a.href = `/runs?tag=${encodeURIComponent(tag)}`;
  a.textContent = tag;
  return a;
}

/** plain writes a number with up to three digits. */
function plain(x: number | null): string { return x === null ? "" : digits(x); }
