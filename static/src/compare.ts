// The page /compare: runs side by side.

import { ChartTools } from "./chart/tools";
import { watchTheme } from "./chart/theme";
import type { Abscissa } from "./chart/series";
import { CompareCharts } from "./compare/charts";
import { Feed } from "./compare/feed";
import { Landscapes } from "./compare/landscapes";
import type { Comparison } from "./compare/protocol";
import { readLook, writeLook, type BandKind, type Look } from "./compare/state";
import { put } from "./explore/put";
import { clock } from "./times";
import { typing } from "./typing";

class ComparePage {
  private look: Look = readLook(location.search);
  private news: Comparison | null = null;
  private charts: CompareCharts | null = null;
  private tools: ChartTools | null = null;
  private readonly html = new Map<HTMLElement, string>(); // what was put there
  private readonly form: HTMLFormElement;
  private readonly bands: HTMLElement;
  private readonly legend: HTMLElement;
  private readonly against: HTMLSelectElement;
  private readonly keys: HTMLDialogElement;
  private readonly landscapes: Landscapes;
  private readonly feed: Feed;

  constructor(private readonly page: HTMLElement) {
    this.form = this.get("chart-tools");
    this.bands = this.get("compare-bands");
    this.legend = this.get("compare-legend");
    this.against = this.get("compare-against");
    this.keys = this.get("compare-keys");
    this.landscapes = new Landscapes(this.get("compare-landscapes"), (part) => this.change(part));
    this.feed = new Feed(this.url(), (news) => this.take(news), (since, reason) => this.connection(since, reason));
    const { x, logx, logy, smooth, band } = this.look, { elements } = this.form, field = (name: string): HTMLInputElement => elements.namedItem(name) as HTMLInputElement;
    field("axis").value = x; // of the radio buttons the one
    field("log-x").checked = logx;
    field("log-y").checked = logy;
    field("smoothing").value = String(smooth);
    for (const radio of this.bands.querySelectorAll("input")) radio.checked = radio.value === band;
    this.bands.addEventListener("change", (e) => this.change({ band: (e.target as HTMLInputElement).value as BandKind }));
    this.form.addEventListener("input", () => {
      const fields = new FormData(this.form);
      this.change({ x: String(fields.get("axis")) as Abscissa, logx: fields.has("log-x"), logy: fields.has("log-y"), smooth: Number(fields.get("smoothing")) });
    });
    this.against.addEventListener("change", () => { this.change({ against: this.against.value }); this.feed.ask(this.url()); });
    this.get("compare-keys-open").addEventListener("click", () => this.keys.showModal());
    document.addEventListener("keydown", (e) => { if (!e.ctrlKey && !e.metaKey && !e.altKey && !typing(e.target) && this.key(e.key.toLowerCase())) e.preventDefault(); });
    watchTheme(() => { this.charts?.group.recolor(); this.landscapes.recolor(); });
    this.feed.ask(this.url());
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.page.querySelector<T>(`#${id}`)!; }

  private url(): string { return this.page.dataset.api! + (this.look.against === "" ? "" : `&against=${this.look.against}`); }

  private take(news: Comparison): void {
    const before = this.news, names = (c: Comparison): string => c.shown.names.join();
    if (before && names(before) !== names(news)) { location.reload(); return; } // a run was deleted: other groups, other letters
    this.news = news;
    const { groups, shown, missing, findings } = news;
    this.get("compare-body").hidden = groups.length === 0;
    if (!this.charts && groups.length > 0) {
      this.charts = new CompareCharts(this.page.querySelectorAll<HTMLElement>("[data-chart]"), news, () => news.study?.name ?? "comparison");
      this.tools = new ChartTools(this.form, this.charts.group);
      groups.forEach((g, i) => this.addGroup(g.letter, shown.names[i]!, i));
    }
    this.list("compare-missing", missing);
    this.get("compare-missing").hidden = missing.length === 0;
    this.list("findings", findings);
    this.get("findings-none").hidden = findings.length > 0;
    this.markUp("results", shown.results);
    this.markUp("each", shown.each);
    put(this.get("results-note"), shown.note);
    put(this.get("compare-progress"), shown.progress);
    if (before && before.shown.done !== shown.done) this.get("compare-announcement").textContent = shown.done;
    this.against.value = news.against;
    this.against.parentElement!.hidden = groups.length < 2;
    this.draw();
  }

  /** addGroup makes the button that hides a group or shows it again. */
  private addGroup(letter: string, name: string, place: number): void {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.testid = `legend-${letter}`;
    button.innerHTML = `${name}<small></small>`;
    if (place < 9) button.setAttribute("aria-keyshortcuts", String(place + 1));
    button.addEventListener("click", () => {
      const { hide } = this.look;
      this.change({ hide: hide.includes(letter) ? hide.filter((l) => l !== letter) : [...hide, letter].sort() });
    });
    this.legend.append(button);
    this.against.append(new Option(button.textContent!.trim(), letter));
  }

  private draw(): void {
    const { news, look } = this;
    if (!news) return;
    news.groups.forEach((g, i) => {
      const button = this.legend.children[i]!;
      button.setAttribute("aria-pressed", String(!look.hide.includes(g.letter)));
      put(button.lastElementChild as HTMLElement, news.shown.seeds[i]!);
    });
    this.charts?.show(news, look.band, look.hide);
    this.landscapes.show(news, look);
    const n = Math.max(0, ...news.groups.map((g) => g.runs.length));
    for (const note of this.get("compare-band-note").children) (note as HTMLElement).hidden = note.getAttribute("data-of") !== (n < 2 ? "one" : look.band);
  }

  private change(part: Partial<Look>): void {
    Object.assign(this.look, part);
    history.replaceState(null, "", `${location.pathname}?${writeLook(this.look, location.search)}`);
    this.draw();
  }

  /** markUp puts HTML of the server's into an element, and nothing where it is there: a table that is read is not replaced without a reason. */
  private markUp(id: string, html: string): void {
    const element = this.get(id);
    if (this.html.get(element) === html) return;
    this.html.set(element, html);
    element.innerHTML = html;
  }

  private list(id: string, sentences: readonly string[]): void {
    const list = this.get(id);
    while (list.childElementCount > sentences.length) list.lastElementChild!.remove();
    sentences.forEach((s, i) => put((list.children[i] ?? list.appendChild(document.createElement("li"))) as HTMLElement, s));
  }

  /** connection is told since when nobody answers, 0 while somebody does, and why where it is known. */
  private connection(since: number, reason: string): void {
    const badge = this.get("compare-connection"), problem = this.get("compare-problem");
    badge.dataset.state = since === 0 ? "live" : "stale";
    put(badge, since === 0 ? "connected" : `stale since ${clock(since)}`);
    problem.hidden = reason === "";
    put(problem, reason);
  }

  private key(key: string): boolean {
    switch (key) {
      case "a": next(this.form, "axis"); break;
      case "b": next(this.bands, "band"); break;
      case "l": this.tools?.toggleLogY(); break;
      case "r": this.get("landscape-raw").click(); break;
      case "m": this.get("landscape-map").click(); break;
      case "?": this.keys.showModal(); break;
      default: {
        const button = /^[1-9]$/.test(key) ? this.legend.children[Number(key) - 1] : undefined;
        (button as HTMLElement | undefined)?.click();
        return button !== undefined;
      }
    }
    return true;
  }
}

/** next chooses the radio button after the one that is chosen. */
function next(box: HTMLElement, name: string): void {
  const radios = [...box.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)];
  radios[(radios.findIndex((r) => r.checked) + 1) % radios.length]!.click();
}

const page = document.querySelector<HTMLElement>("#compare");
if (page?.dataset.api) new ComparePage(page);
