// The list of runs: searched, sorted, selected, changed.

import type { Run } from "../protocol";
import { put } from "../explore/put";
import { readQuery, writeQuery } from "../query";
import { count } from "../numbers";
import { clock } from "../times";
import { change, remove, restore } from "./api";
import { Editor } from "./editor";
import { Feed, type News } from "./feed";
import { arrange, groupOf, rising } from "./order";
import { rename } from "./rename";
import { Row } from "./row";
import { StudyHeads } from "./studies";
import { properties, type Column, type Group, type ListState } from "./state";
import { Undo } from "./undo";

export class RunList {
  private readonly rows = new Map<string, Row>();
  private shown: Row[] = [];
  private readonly chosen = new Set<string>();
  private anchor = ""; // from here Shift selects
  private state: ListState = readQuery(properties, location.search).state;
  private formAsked = this.state.new; // by the address
  private typing = false; // the newest entry of the history is of what is being typed into the search
  private gone: string[] = []; // what Undo brings back
  private readonly body: HTMLElement;
  private readonly search: HTMLInputElement;
  private readonly undo: Undo;
  private readonly heads: StudyHeads;
  private readonly editor: Editor;

  constructor(private readonly page: HTMLElement) {
    this.body = this.get("run-rows");
    this.search = this.get("runs-search");
    this.undo = new Undo(this.get("runs-undo"));
    this.heads = new StudyHeads(this.get("study-head"));
    this.editor = new Editor(this.get("run-editor"), {
      saved: (run) => this.take([run]), rename: (row) => this.rename(row), remove: (row) => void this.remove([row]), closed: (row) => { this.write({ edit: "" }, true); row.part("more").focus(); },
    });
    this.get("runs-tools").hidden = this.body.childElementCount === 0;
    for (const tr of this.body.querySelectorAll("tr")) this.rows.set(tr.dataset.run!, new Row(tr));
    this.listen();
    this.restoreState();
    new Feed((news) => this.news(news), (stale) => this.connection(stale));
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.page.querySelector<T>(`#${id}`)!; }

  private listen(): void {
    this.search.addEventListener("input", () => { this.change({ q: this.search.value.trim() }, this.typing); this.typing = true; });
    for (const event of ["focus", "blur"]) this.search.addEventListener(event, () => { this.typing = false; });
    this.get("runs-status").addEventListener("change", (e) => this.change({ status: (e.target as HTMLInputElement).value as Group }));
    this.get("runs-tag").addEventListener("click", () => this.change({ tag: "" }));
    this.get("runs-reset").addEventListener("click", () => { this.change({ q: "", status: "all", tag: "" }); this.search.focus(); });
    this.get("runs-sort").addEventListener("change", (e) => this.change({ sort: (e.target as HTMLSelectElement).value as Column, turn: false }));
    this.get("runs-group").addEventListener("click", () => this.change({ group: !this.state.group }));
    this.get("runs-turn").addEventListener("click", () => this.change({ turn: !this.state.turn }));
    this.page.querySelector("thead")!.addEventListener("click", (e) => {
      const sort = (e.target as HTMLElement).closest<HTMLElement>("[data-sort]")?.dataset.sort as Column | undefined;
      if (sort) this.change({ sort, turn: sort === this.state.sort && !this.state.turn });
    });
    this.get("new-run-toggle").addEventListener("click", (e) => { e.preventDefault(); this.toggleForm(); });
    this.get("choose-all").addEventListener("change", (e) => this.choose(this.shown, (e.target as HTMLInputElement).checked));
    this.get("bulk-clear").addEventListener("click", () => this.choose(this.shown, false));
    this.get("bulk-delete").addEventListener("click", () => void this.remove(this.selected()));
    this.get("bulk-pin").addEventListener("click", () => { const rows = this.selected(), pinned = !rows.every((r) => r.run.pinned); void this.each(rows, "changed", (r) => change(r.run.id, { pinned })); });
    this.get<HTMLFormElement>("bulk-tag").addEventListener("submit", (e) => {
      e.preventDefault();
      const field = this.get<HTMLInputElement>("bulk-tag-text"), tag = field.value.trim();
      if (tag !== "") void this.each(this.selected(), "tagged", (r) => change(r.run.id, { tags: [...r.run.tags, tag] })).then((done) => { if (done) field.value = ""; });
    });
    this.body.addEventListener("click", (e) => this.click(e));
    this.body.addEventListener("dblclick", (e) => { const row = this.rowAt(e.target); if (row && (e.target as HTMLElement).closest(".at-name") && !(e.target as HTMLElement).closest("a")) this.rename(row); });
    addEventListener("popstate", () => { this.state = readQuery(properties, location.search).state; this.typing = false; this.restoreState(); });
    document.addEventListener("keydown", (e) => this.key(e));
  }

  // What is shown

  private news({ runs, gone, all }: News): void {
    if (all) {
      const here = new Set(runs.map((r) => r.id));
      gone = [...this.rows.keys()].filter((id) => !here.has(id));
    }
    this.take(runs, gone);
    this.get("runs-more").hidden = true;
  }

  /** take shows runs as they are now; what is gone leaves the list, unless something typed about it is not saved. */
  private take(runs: readonly Run[], gone: readonly string[] = []): void {
    for (const run of runs) {
      let row = this.rows.get(run.id);
      if (!row) {
        const copy = this.get<HTMLTemplateElement>("new-row").content.firstElementChild!.cloneNode(true);
        this.rows.set(run.id, row = new Row(copy as HTMLTableRowElement));
      }
      row.show(run);
    }
    for (const id of gone) {
      const row = this.rows.get(id);
      if (!row || this.editor.keeps(id)) continue;
      if (this.editor.row === row) this.editor.close();
      this.rows.delete(id);
    }
    if (runs.length > 0 || gone.length > 0) this.draw();
  }

  private change(part: Partial<ListState>, replace = false): void { if (this.write(part, replace)) this.restoreState(); }

  /** write puts a state into the address, and says whether that is another one. */
  private write(part: Partial<ListState>, replace: boolean): boolean {
    Object.assign(this.state, part);
    const query = writeQuery(properties, this.state), address = location.pathname + (query === "" ? "" : `?${query}`);
    if (address === location.pathname + location.search) return false;
    history[replace ? "replaceState" : "pushState"](null, "", address);
    return true;
  }

  /** restoreState puts what the address says into the controls, and draws. */
  private restoreState(): void {
    const { state } = this, tag = this.get("runs-tag");
    if (this.search.value.trim() !== state.q) this.search.value = state.q;
    this.page.querySelector<HTMLInputElement>(`#runs-status [value=${state.status}]`)!.checked = true;
    this.get<HTMLSelectElement>("runs-sort").value = state.sort;
    this.get("runs-group").ariaPressed = String(state.group);
    this.page.classList.toggle("grouped", state.group);
    tag.hidden = state.tag === "";
    put(tag.children[1] as HTMLElement, state.tag);
    for (const th of this.page.querySelectorAll("th[aria-sort]")) th.ariaSort = th.querySelector("button")!.dataset.sort === state.sort ? (rising(state) ? "ascending" : "descending") : "none";
    if (state.new !== this.formAsked) this.showForm(state.new);
    if ([...this.rows.values()].every((r) => r.run as Run | undefined)) this.draw();
  }

  /** draw brings the lines into their order; a line that stays where it is is not touched, and the focus stays where it is. */
  private draw(): void {
    const { body, state, rows } = this, focused = document.activeElement as HTMLElement | null;
    this.shown = arrange(rows.values(), state);
    const order = state.group ? this.headed() : this.shown.map((r) => r.tr), wanted = new Set<Element>(order), { row: edited } = this.editor;
    if (edited && !wanted.has(edited.tr)) this.editor.close();
    let at = body.firstElementChild;
    const skip = (): void => { while (at && !wanted.has(at)) { const next = at.nextElementSibling; if (!at.classList.contains("run-editor")) at.remove(); at = next; } };
    for (const tr of order) {
      skip();
      if (tr === at) at = at.nextElementSibling;
      else body.insertBefore(tr, at);
    }
    skip();
    this.editor.refresh();
    if (focused !== document.activeElement && focused && body.contains(focused)) focused.focus({ preventScroll: true });
    this.get("run-table").hidden = this.shown.length === 0;
    this.get("runs-tools").hidden = rows.size === 0;
    this.get("runs-empty").hidden = rows.size > 0;
    this.get("runs-none").hidden = this.shown.length > 0 || rows.size === 0;
    this.count();
    this.mark();
    const edit = rows.get(state.edit);
    if (!edit || edit.fixed || !wanted.has(edit.tr) || edit === this.editor.row) return;
    this.editor.open(edit);
    this.write({ edit: edit.run.id }, true); // another one was open
  }

  /** headed are the lines with a line before each study. */
  private headed(): Element[] {
    const lines: Element[] = [];
    let before = "";
    for (const { tr, run: { study } } of this.shown) {
      if (study !== "" && study !== before) lines.push(this.heads.of(study, this.shown.filter((r) => r.run.study === study).length));
      lines.push(tr);
      before = study;
    }
    return lines;
  }

  private count(): void {
    this.get("runs-group").hidden = ![...this.rows.values()].some((r) => r.run.study !== "");
    const { rows, shown } = this, n = rows.size, of = new Map<string, number>([["all", n]]);
    for (const { run } of rows.values()) of.set(groupOf(run.status), (of.get(groupOf(run.status)) ?? 0) + 1);
    put(this.get("runs-count"), n === 0 ? "" : shown.length < n ? `${count(shown.length)} of ${count(n)} shown` : n === 1 ? "1 run" : `${count(n)} runs`);
    for (const label of this.page.querySelectorAll("#runs-status label")) put(label.querySelector("small")!, String(of.get(label.querySelector("input")!.value) ?? 0));
    const tags = [...new Set([...rows.values()].flatMap((r) => r.run.tags))].sort(), known = this.get("known-tags");
    if (known.dataset.tags !== tags.join()) { known.dataset.tags = tags.join(); known.replaceChildren(...tags.map((t) => new Option(t))); }
  }

  private connection(stale: number): void {
    const badge = this.get("runs-connection");
    badge.hidden = false;
    badge.dataset.state = stale > 0 ? "stale" : "live";
    put(badge, stale > 0 ? `stale since ${clock(stale)}` : "connected");
  }

  // What is selected

  private selected(): Row[] { return this.shown.filter((r) => this.chosen.has(r.run.id)); }

  private choose(rows: readonly Row[], on: boolean): void {
    for (const { run } of rows) if (on) this.chosen.add(run.id); else this.chosen.delete(run.id);
    this.mark();
  }

  /** mark shows what is selected; what is not shown cannot be. */
  private mark(): void {
    const { chosen, shown } = this, here = new Set(shown.map((r) => r.run.id));
    for (const id of chosen) if (!here.has(id)) chosen.delete(id);
    for (const row of shown) {
      const on = chosen.has(row.run.id), box = row.part<HTMLInputElement>("choose");
      if (box.checked !== on) box.checked = on;
      if (row.tr.classList.contains("chosen") !== on) row.tr.classList.toggle("chosen", on);
    }
    const all = this.get<HTMLInputElement>("choose-all"), n = chosen.size, bulk = this.get("runs-bulk");
    all.checked = n > 0 && n === shown.length;
    all.indeterminate = n > 0 && n < shown.length;
    if (n === 0 && bulk.contains(document.activeElement)) all.focus({ preventScroll: true });
    bulk.hidden = n === 0;
    this.get<HTMLAnchorElement>("bulk-compare").href = `/compare?${this.selected().map((r) => `run=${r.run.id}`).join("&")}`;
    put(this.get("bulk-count"), `${count(n)} selected`);
    put(this.get("bulk-pin"), n > 0 && this.selected().every((r) => r.run.pinned) ? "Unpin" : "Pin");
    const exported = n > 0 ? this.selected() : shown;
    this.get<HTMLInputElement>("export-runs").value = exported.map((r) => r.run.id).join();
    put(this.get("export-count"), n > 0 ? `Export ${count(n)} selected` : `Export ${count(shown.length)}`);
  }

  // What is done

  /** rowAt is the line in which something happened, once it is known what it shows. */
  private rowAt(target: EventTarget | null): Row | undefined {
    const row = target instanceof Element ? this.rows.get(target.closest<HTMLElement>("[data-run]")?.dataset.run ?? "") : undefined;
    return (row?.run as Run | undefined) && row;
  }

  private click(e: MouseEvent): void {
    const target = e.target as HTMLElement, row = this.rowAt(target), part = target.closest<HTMLElement>("[data-part]")?.dataset.part;
    if (!row) return;
    const tag = target.closest<HTMLElement>("a.tag");
    if (tag && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
      e.preventDefault();
      this.change({ tag: tag.textContent! });
    } else if (part === "choose") {
      const on = row.part<HTMLInputElement>("choose").checked, from = this.shown.findIndex((r) => r.run.id === this.anchor), to = this.shown.indexOf(row);
      this.choose(e.shiftKey && from >= 0 ? this.shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [row], on);
      this.anchor = row.run.id;
    } else if (part === "pin") this.pin(row);
    else if (part === "rename") this.rename(row);
    else if (part === "more") this.edit(row);
  }

  /** fixed says that a run ships with the program, which nobody can change. */
  private fixed(row: Row): boolean {
    const { fixed } = row;
    if (fixed) this.undo.say(`“${row.run.name}” ships with the program and stays as it is.`);
    return fixed;
  }

  private pin(row: Row): void { if (!this.fixed(row)) void this.each([row], "changed", (r) => change(r.run.id, { pinned: !r.run.pinned })); }

  private edit(row: Row): void { if (this.editor.row === row) this.editor.close(); else if (!this.fixed(row)) this.change({ edit: row.run.id }, true); }

  private rename(row: Row): void { if (!this.fixed(row)) rename(row, this.get("run-namer"), (run) => this.take([run]), (sentence) => this.undo.say(sentence)); }

  /** each does something to several runs, shows what comes of it, and says what was refused. True: nothing was. */
  private async each(rows: readonly Row[], done: string, what: (row: Row) => Promise<Run>): Promise<boolean> {
    const results = await Promise.allSettled(rows.map(what)), changed: Run[] = [];
    for (const r of results) if (r.status === "fulfilled") changed.push(r.value);
    this.take(changed);
    const refused = refusals(results);
    if (refused !== "") this.undo.say(`${count(changed.length)} of ${runs(rows.length)} ${done}. ${refused}`);
    return refused === "";
  }

  /** remove deletes runs, and offers to bring them back together with those deleted just before. */
  private async remove(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const next = this.shown[this.shown.indexOf(rows[0]!) + 1];
    const results = await Promise.allSettled(rows.map((r) => remove(r.run.id)));
    const gone = rows.filter((_, i) => results[i]!.status === "fulfilled").map((r) => r.run), refused = refusals(results);
    if (!this.undo.pending) this.gone = [];
    this.gone.push(...gone.map((r) => r.id));
    this.take([], gone.map((r) => r.id));
    const what = gone.length === 1 && this.gone.length === 1 ? `“${gone[0]!.name}” was deleted.` : `${runs(this.gone.length)} deleted.`;
    this.undo.say(`${gone.length > 0 ? what : "Nothing was deleted."} ${refused}`.trim(), this.gone.length > 0 ? () => void this.bringBack() : null);
    if (this.gone.length > 0) this.undo.focus();
    else next?.part("name").focus({ preventScroll: true });
  }

  private async bringBack(): Promise<void> {
    const { gone } = this, results = await Promise.allSettled(gone.map(restore)), back: Run[] = [];
    for (const r of results) if (r.status === "fulfilled") back.push(r.value);
    this.take(back);
    this.undo.say(`${runs(back.length)} restored. ${refusals(results)}`.trim());
    this.rows.get(back[0]?.id ?? "")?.part("name").focus();
  }

  private toggleForm(): void {
    const open = this.get("runs-new").hidden;
    this.showForm(open);
    this.change({ new: open });
    if (open) this.get("new-run-title").focus();
  }

  private showForm(open: boolean): void {
    this.formAsked = open;
    this.get("runs-new").hidden = !open;
    this.get("new-run-toggle").ariaExpanded = String(open);
  }

  private key(e: KeyboardEvent): void {
    const target = e.target as HTMLElement, row = this.rowAt(target), writes = target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
    if (e.key === "Escape" && target === this.search && this.search.value !== "") this.change({ q: "" });
    else if (writes || target.closest("dialog[open]") || e.altKey || ((e.ctrlKey || e.metaKey) && e.key !== "z")) return;
    else if (e.key === "/") { this.search.focus(); this.search.select(); }
    else if (e.key === "?") this.get<HTMLDialogElement>("runs-keys").showModal();
    else if (e.key === "n" || e.key === "N") this.toggleForm();
    else if ((e.key === "g" || e.key === "G") && !this.get("runs-group").hidden) this.change({ group: !this.state.group });
    else if (e.key === "z" || e.key === "Z") { if (!this.undo.undo()) return; }
    else if (e.key === "Escape" && this.chosen.size > 0) this.choose(this.shown, false);
    else if (e.key === "Delete" && (row || this.chosen.size > 0)) void this.remove(this.chosen.size > 0 ? this.selected() : [row!]);
    else if (!row) return;
    else if (e.key === "F2") this.rename(row);
    else if (e.key === "p" || e.key === "P") this.pin(row);
    else if (e.key === "e" || e.key === "E") this.edit(row);
    else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      const to = this.shown[this.shown.indexOf(row) + (e.key === "ArrowDown" ? 1 : -1)];
      to?.part(target.dataset.part ?? "name").focus();
    } else return;
    e.preventDefault();
  }
}

function runs(n: number): string { return n === 1 ? "1 run" : `${count(n)} runs`; }

/** refusals is what the server said against some of several requests, each sentence once. */
function refusals(results: readonly PromiseSettledResult<unknown>[]): string {
  return [...new Set(results.flatMap((r) => (r.status === "rejected" ? [(r.reason as Error).message] : [])))].slice(0, 3).join(" ");
}
