// What was measured of a run's network: asks for it, shows how far it is, and puts the report on the page as a table and as pictures.

import { decodeMeasurement, type Measurement, type Quantity, type Report } from "../protocol";
import { count, digits, withError } from "../numbers";
import { duration } from "../times";
import { canBeLog, miniPlot } from "./miniplot";

interface Fault { doing: string; expected: string; found: string; advice: string }

export class MeasurePanel {
  private readonly list: string; // address of the measurements
  private newest: Measurement | null = null;
  private shown: Measurement | null = null; // the one whose report is on the page
  private chosen = false; // an earlier one was chosen by hand
  private asked = 0; // of the newest request for an earlier one
  private pace: { number: number; time: number; done: number } | null = null; // where the speed is measured from

  constructor(private readonly section: HTMLElement) {
    this.list = section.dataset.list!;
    const form = this.get<HTMLFormElement>("measure-form"), log = this.get<HTMLInputElement>("measure-log");
    form.addEventListener("submit", (e) => { e.preventDefault(); void this.start(form); });
    this.get("measure-stop").addEventListener("click", () => { void this.stop(); });
    log.addEventListener("change", () => this.pictures(this.shown?.report ?? null));
    this.get("measure-number").addEventListener("change", () => { void this.choose(); });
    void this.history();
  }

  /** news takes the run's newest measurement, as often as it changes. */
  news(m: Measurement): void {
    const another = this.newest?.number !== m.number, ended = this.newest?.status !== m.status;
    if (another) this.chosen = false;
    this.newest = m;
    this.progress(m);
    if (another || ended) void this.history();
    if (!this.chosen && (m.report || over(m))) this.show(m);
  }

  clear(): void {
    this.newest = this.shown = this.pace = null;
    this.chosen = false;
    this.get("measure-progress").hidden = this.get("measure-shown").hidden = true;
    this.get("measure-empty").hidden = false;
    void this.history();
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.section.querySelector<T>(`#${id}`)!; }

  private async start(form: HTMLFormElement): Promise<void> {
    const data = new FormData(form), body: Record<string, unknown> = { what: data.getAll("what"), double: data.get("double") !== null };
    for (const name of ["images", "seed"]) {
      const typed = String(data.get(name) ?? "").trim();
      if (typed === "") continue;
      if (!/^\d{1,15}$/.test(typed)) { this.complain(`${name === "images" ? "Training images" : "Seed"}: expected a whole number, found “${typed}”.`); return; }
      body[name] = Number(typed);
    }
    await this.send(this.list, JSON.stringify(body));
  }

  private async stop(): Promise<void> {
    if (this.newest) await this.send(`${this.list}/${this.newest.number}/stop`, "");
  }

  /** send posts, and says under the form why the server refused. */
  private async send(path: string, body: string): Promise<void> {
    const buttons = [this.section.querySelector<HTMLButtonElement>("#measure-form [type=submit]")!, this.get<HTMLButtonElement>("measure-stop")];
    for (const b of buttons) b.disabled = true;
    this.complain("");
    try {
      const answer = await fetch(path, { method: "POST", body, headers: { "Content-Type": "application/json", Accept: "application/json" } });
      const said = (await answer.json()) as { errors?: Fault[] };
      if (answer.ok) this.news(decodeMeasurement(said));
      else this.complain((said.errors ?? []).map((f) => `${capital(f.doing)}: expected ${f.expected}, found ${f.found}. ${f.advice}`).join(" ") || `The server answered with HTTP ${answer.status}.`);
    } catch {
      this.complain("The server could not be reached. Try again when the badge says connected.");
    }
    for (const b of buttons) b.disabled = false;
    this.buttons();
  }

  private complain(text: string): void {
    const p = this.get("measure-problem");
    p.hidden = text === "";
    p.textContent = text;
  }

  private buttons(): void {
    const busy = this.newest !== null && !over(this.newest);
    this.section.querySelector<HTMLButtonElement>("#measure-form [type=submit]")!.disabled = busy;
    this.get("measure-stop").hidden = !busy;
  }

  /** progress follows the measurement at work, with its speed and the time left. */
  private progress(m: Measurement): void {
    this.buttons();
    const box = this.get("measure-progress"), bar = this.get<HTMLProgressElement>("measure-bar"), text = this.get("measure-progress-text");
    box.hidden = over(m);
    if (over(m)) { this.pace = null; return; }
    this.get("measure-empty").hidden = true;
    const p = m.progress;
    if (!p || p.total <= 0) {
      bar.removeAttribute("value");
      text.textContent = m.status === "waiting" ? "Waiting: another measurement is at work." : "Reading the checkpoint and the images…";
      return;
    }
    const now = performance.now();
    if (this.pace?.number !== m.number) this.pace = { number: m.number, time: now, done: p.done };
    bar.max = p.total;
    bar.value = Math.min(p.done, p.total);
    const seconds = (now - this.pace.time) / 1000, speed = seconds > 0.8 ? (p.done - this.pace.done) / seconds : 0;
    text.textContent = `${this.title(p.group)}: ${count((100 * p.done) / p.total)} %` +
      (speed > 0 ? `, about ${duration((p.total - p.done) / speed)} left at ${digits(speed)} images/s` : "");
  }

  /** title is what the form calls a group. */
  private title(group: string): string {
    return this.section.querySelector(`input[name=what][value="${CSS.escape(group)}"]`)?.parentElement?.textContent?.trim() ?? group;
  }

  /** history fills the list of earlier measurements. */
  private async history(): Promise<void> {
    let all: Measurement[];
    try {
      const answer = await fetch(this.list, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      all = ((await answer.json()) as { measurements: unknown[] }).measurements.map(decodeMeasurement);
    } catch {
      return; // the list is a convenience: the newest comes by the socket
    }
    const select = this.get<HTMLSelectElement>("measure-number"), done = all.filter((m) => m.status === "done");
    this.get("measure-history").hidden = done.length < 2;
    select.replaceChildren(...done.map((m) => new Option(`${m.number}: ${(m.request.what ?? []).join(", ")} at update ${count(m.step ?? 0)}`, String(m.number))));
    if (this.shown) select.value = String(this.shown.number);
  }

  private async choose(): Promise<void> {
    const number = Number(this.get<HTMLSelectElement>("measure-number").value), asked = ++this.asked;
    try {
      const answer = await fetch(`${this.list}/${number}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || asked !== this.asked) return;
      this.chosen = true;
      this.show(decodeMeasurement(await answer.json()));
    } catch {
      this.complain("The server could not be reached, so that measurement cannot be shown.");
    }
  }

  /** show puts a measurement that is over on the page. One without a report leaves the report before it, and says why. */
  private show(m: Measurement): void {
    const reason = this.get("measure-reason");
    reason.hidden = m.status === "done";
    reason.textContent = m.status === "done" ? "" : `Measurement ${m.number} was not finished: ${m.reason || "it was stopped."}`;
    this.get("measure-shown").hidden = false;
    this.get("measure-empty").hidden = true;
    if (m.report) this.shown = m;
    // Before the first report there is neither a table nor data.
    this.get("measure-data").hidden = this.section.querySelector<HTMLElement>(".table-scroll")!.hidden = !this.shown;
    if (!m.report) return;
    const { report } = m;
    this.get("measure-about").textContent = `At update ${count(m.step ?? 0)}, on ${count(report.images)} of ${count(report.trainSize)} training images, ` +
      `d = ${count(report.parameters)}, ${new Date(m.created).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}`;
    this.get<HTMLAnchorElement>("measure-data").href = `${this.list}/${m.number}`;
    this.get("measure-warnings").replaceChildren(...report.warnings.map((w) => element("li", w)));
    this.get("measure-log-choice").hidden = !report.series.some(canBeLog);
    this.pictures(report);
    this.table(report);
    this.get<HTMLSelectElement>("measure-number").value = String(m.number);
  }

  private pictures(report: Report | null): void {
    const log = this.get<HTMLInputElement>("measure-log").checked;
    this.get("measure-pictures").replaceChildren(...(report?.series ?? []).map((series) => {
      const figure = element("figure"), caption = element("figcaption", series.title);
      caption.title = series.definition;
      figure.append(caption, miniPlot(series, log), element("p", `${series.yTitle}; ${series.definition}`, "quiet"));
      return figure;
    }));
  }

  private table(report: Report): void {
    const table = this.section.querySelector<HTMLTableElement>(".measure-table")!;
    for (const body of [...table.tBodies]) body.remove();
    let body: HTMLTableSectionElement | null = null, group = "";
    for (const q of report.quantities) {
      if (!body || q.group !== group) {
        group = q.group;
        body = table.createTBody();
        const head = element("th", this.title(group));
        head.setAttribute("colspan", "4");
        head.setAttribute("scope", "rowgroup");
        body.insertRow().append(head);
      }
      body.append(row(q));
    }
  }
}

function row(q: Quantity): HTMLTableRowElement {
  const line = document.createElement("tr"), name = element("th", q.title), about = element("td", q.definition);
  line.dataset.quantity = q.name;
  name.setAttribute("scope", "row");
  if (q.symbol !== "") name.append(" ", element("i", q.symbol));
  if (q.source !== "") about.append(" ", element("cite", q.source));
  if (q.note !== "") about.append(element("small", q.note));
  line.append(name, element("td", value(q), "number"), element("td", q.unit || "–"), about);
  return line;
}

/** value is the number with its standard error where it is known. */
function value(q: Quantity): string {
  if (q.stdErr === null || !Number.isFinite(q.stdErr) || !(q.stdErr > 0) || !Number.isFinite(q.value)) return digits(q.value, 4);
  const size = Math.abs(q.value);
  if (size < 1e6 && size >= 1e-4) return withError(q.value, q.stdErr);
  return `${digits(q.value)} ± ${digits(q.stdErr, 2)}`;
}

/** over: nothing more will come of it. */
function over(m: Measurement): boolean {
  return m.status !== "waiting" && m.status !== "running";
}

function element(name: string, content = "", className = ""): HTMLElement {
  const e = document.createElement(name);
  e.textContent = content;
  if (className) e.className = className;
  return e;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
