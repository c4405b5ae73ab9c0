// The line under a run in which its tags, color and notes are edited. What cannot be saved stays in its field, or comes back when the line
// is opened again.

import type { Run } from "../protocol";
import { change, type Change } from "./api";
import type { Row } from "./row";

type Draft = Pick<Change, "notes" | "tags">;

export class Editor {
  row: Row | null = null;
  private readonly tr: HTMLTableRowElement;
  private readonly form: HTMLFormElement;
  private readonly notes: HTMLTextAreaElement;
  private readonly tags: HTMLInputElement;
  private readonly drafts = new Map<string, Draft>(); // not saved

  constructor(template: HTMLTemplateElement, private readonly handlers: { saved(run: Run): void; rename(row: Row): void; remove(row: Row): void; closed(row: Row): void }) {
    this.tr = (template.content.cloneNode(true) as DocumentFragment).querySelector("tr")!;
    this.form = this.tr.querySelector("form")!;
    this.notes = this.form.elements.namedItem("notes") as HTMLTextAreaElement;
    this.tags = this.form.elements.namedItem("tags") as HTMLInputElement;
    this.form.addEventListener("change", () => this.save());
    this.form.addEventListener("input", () => this.keep());
    this.form.addEventListener("submit", (e) => { e.preventDefault(); this.save(); });
    this.form.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) this.save();
      else if (e.key === "Escape") this.close();
      else return;
      e.preventDefault();
    });
    this.form.addEventListener("click", (e) => {
      const { row } = this, name = (e.target as HTMLElement).closest("button")?.name;
      if (!row) return;
      if (name === "rename") this.handlers.rename(row);
      else if (name === "delete") this.handlers.remove(row);
      else if (name === "close") this.close();
    });
    document.addEventListener("visibilitychange", () => this.save()); // the page may never be seen again
    addEventListener("beforeunload", (e) => { if (this.drafts.size > 0) e.preventDefault(); });
  }

  /** keeps says that something typed for this run is not saved. */
  keeps(id: string): boolean { return this.drafts.has(id); }

  open(row: Row): void {
    if (this.row) this.close();
    this.row = row;
    const draft = this.drafts.get(row.run.id), { run } = row;
    this.notes.value = draft?.notes ?? run.notes;
    this.tags.value = (draft?.tags ?? run.tags).join(", ");
    this.paint(run.color);
    this.say(draft ? "Not saved yet." : "");
    row.part("more").setAttribute("aria-expanded", "true");
    row.tr.after(this.tr);
    this.notes.focus();
  }

  close(): void {
    const { row } = this;
    if (!row) return;
    this.save();
    this.row = null;
    row.part("more").setAttribute("aria-expanded", "false");
    this.tr.remove();
    this.handlers.closed(row);
  }

  /** refresh shows what others changed, but for a field in which something is being typed. */
  refresh(): void {
    if (!this.row) return;
    const { run } = this.row, draft = this.drafts.get(run.id);
    if (draft?.notes === undefined && this.notes.value !== run.notes) this.notes.value = run.notes;
    if (draft?.tags === undefined && this.tags !== document.activeElement) this.tags.value = run.tags.join(", ");
    this.paint(run.color);
    if (this.row.tr.nextElementSibling !== this.tr) this.row.tr.after(this.tr);
  }

  private paint(color: string): void {
    for (const radio of this.form.elements.namedItem("color") as RadioNodeList) (radio as HTMLInputElement).checked = (radio as HTMLInputElement).value === color;
  }

  private typed(): Draft {
    const { run } = this.row!, tags = this.tags.value.split(",").map((t) => t.trim()).filter((t) => t !== "");
    return { ...(this.notes.value === run.notes ? {} : { notes: this.notes.value }), ...(tags.join() === run.tags.join() ? {} : { tags }) };
  }

  /** keep remembers what is typed until it is saved. */
  private keep(): void {
    if (!this.row) return;
    const draft = this.typed(), { id } = this.row.run;
    if (Object.keys(draft).length > 0) this.drafts.set(id, draft);
    else this.drafts.delete(id);
  }

  private save(): void {
    const { row } = this;
    if (!row) return;
    this.keep();
    const color = String(new FormData(this.form).get("color") ?? ""), { id } = row.run;
    const draft = this.drafts.get(id), what: Change = { ...draft, ...(color === row.run.color ? {} : { color }) };
    if (Object.keys(what).length === 0) return;
    this.say("Saving…");
    change(id, what).then((run) => {
      const later = this.drafts.get(id); // typed while it was being saved
      if (later && later.notes === draft?.notes && later.tags?.join() === draft?.tags?.join()) this.drafts.delete(id);
      this.handlers.saved(run);
      if (this.row === row) { this.keep(); this.say(this.drafts.has(id) ? "" : "Saved."); }
    }, (e: Error) => {
      if (this.row !== row) return;
      this.say(`Not saved: ${e.message} What you typed is still here; Ctrl+Enter tries again.`, true);
    });
  }

  private say(text: string, alarm = false): void {
    const p = this.tr.querySelector<HTMLElement>(".edit-state")!;
    p.dataset.usual ??= p.textContent!;
    p.textContent = text || p.dataset.usual;
    p.classList.toggle("field-problem", alarm);
  }
}
