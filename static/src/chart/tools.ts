// The toolbar over charts: what they are drawn against, smoothing, logarithmic axes, zoom, and export of what is shown. It belongs to no
// page: web/charttools.templ makes its elements, a ChartGroup does the work.

import { count } from "../numbers";
import { windows } from "./average";
import type { Choice, ChartGroup } from "./group";
import type { Abscissa } from "./series";
import { csv, fileName, json } from "./sheet";

export class ChartTools {
  private readonly slider: HTMLInputElement;
  private readonly said: HTMLElement;
  private readonly whole: HTMLElement;
  private readonly logY: HTMLInputElement;

  constructor(private readonly box: HTMLElement, private readonly charts: ChartGroup) {
    const find = <T extends HTMLElement>(selector: string): T => box.querySelector<T>(selector)!;
    this.slider = find("[name=smoothing]");
    this.said = find(".smoothing-said");
    this.whole = find("[data-zoom=whole]");
    this.logY = find("[name=log-y]");
    this.slider.max = String(windows.length - 1);
    box.addEventListener("input", () => this.changed());
    box.addEventListener("click", (e) => this.clicked(e));
    const menu = find<HTMLDetailsElement>("details");
    document.addEventListener("click", (e) => { if (!menu.contains(e.target as Node)) menu.open = false; });
    menu.addEventListener("keydown", (e) => { if (e.key === "Escape" && menu.open) { menu.open = false; find("summary").focus(); e.stopPropagation(); } });
    box.addEventListener("submit", (e) => e.preventDefault());
    charts.onZoom = (zoomed) => { this.whole.hidden = !zoomed; };
    find<HTMLSelectElement>("[name=chart]").replaceChildren(...charts.charts.map(({ name, title }) => new Option(title, name)));
    this.changed();
  }

  /** toggleLogY is what the key L does. */
  toggleLogY(): void { this.logY.click(); }

  private get choice(): Choice {
    const fields = new FormData(this.box as HTMLFormElement);
    return {
      by: String(fields.get("axis")) as Abscissa, smoothing: windows[Number(this.slider.value)] ?? 0,
      logX: fields.has("log-x"), logY: fields.has("log-y"),
    };
  }

  private changed(): void {
    const choice = this.choice, n = choice.smoothing;
    this.said.textContent = n === 0 ? "off" : `≈ ${count(n)} updates`;
    this.slider.setAttribute("aria-valuetext", n === 0 ? "off: raw values alone" : `average over about ${count(n)} updates`);
    this.slider.style.setProperty("--part", `${(100 * Number(this.slider.value)) / (windows.length - 1)}%`);
    this.charts.choose(choice);
  }

  private clicked(e: Event): void {
    const button = e.target instanceof Element ? e.target.closest<HTMLButtonElement>("button") : null;
    switch (button?.dataset.zoom) {
      case "in": this.charts.scale(0.5); break;
      case "out": this.charts.scale(2); break;
      case "back": this.charts.move(-0.5); break;
      case "on": this.charts.move(0.5); break;
      case "whole": this.charts.setZoom(null); break;
    }
    if (button?.dataset.export) this.export(button.dataset.export);
  }

  private export(kind: string): void {
    const sheet = this.charts.sheet(String(new FormData(this.box as HTMLFormElement).get("chart")));
    const [text, type] = kind === "csv" ? [csv(sheet), "text/csv"] : [json(sheet), "application/json"];
    const link = document.createElement("a"), url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    link.href = url;
    link.download = fileName(sheet, kind);
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
