// The page of one run.

import { EventSocket, type Connection } from "./socket";
import type { Run } from "./protocol";
import { RunCharts } from "./run/charts";
import { RunFigures } from "./run/figures";
import { RunLog } from "./run/log";
import { MeasurePanel } from "./run/measure";
import { Moves } from "./run/moves";
import { SlicePanel } from "./run/slice";
import { watchTheme } from "./chart/theme";

function start(page: HTMLElement): void {
  const log = new RunLog(), figures = new RunFigures(log);
  const slice = new SlicePanel(page, log), measure = new MeasurePanel(page.querySelector<HTMLElement>("#measure")!);
  const reset = page.querySelector<HTMLButtonElement>("#zoom-reset")!;
  const charts = new RunCharts(log, page.querySelectorAll<HTMLElement>("[data-chart]"), (zoomed) => { reset.hidden = !zoomed; });
  const refusal = page.querySelector<HTMLElement>("#run-refusal")!;
  const moves = new Moves(page.querySelector<HTMLElement>("#run-actions")!, (sentence) => { refusal.textContent = sentence; refusal.hidden = sentence === ""; });

  let run: Run | null = null, connection: Connection = { state: "connecting" }, history = 0, waiting = false;
  const refresh = (): void => {
    charts.refresh();
    if (waiting) return;
    waiting = true;
    window.setTimeout(() => { waiting = false; figures.numbers(run); figures.connection(connection, history); slice.noise(); }, 150);
  };

  const socket = new EventSocket(page.dataset.socket!, {
    reset() { log.clear(); slice.clear(); measure.clear(); refresh(); },
    events(events) { log.apply(events); history = Math.max(0, history - events.length); refresh(); },
    run(newest, toCome) {
      run = newest;
      history = toCome;
      figures.status(newest);
      moves.accept(newest.accepts);
      refresh();
    },
    slice(newest) { slice.show(newest); },
    measurement(newest) { measure.news(newest); },
    connection(newest) { connection = newest; figures.connection(connection, history); },
  });

  for (const radio of page.querySelectorAll<HTMLInputElement>("input[name=axis]")) {
    radio.addEventListener("change", () => charts.setAbscissa(radio.value === "epoch" ? "epoch" : "step"));
  }
  const logLoss = page.querySelector<HTMLInputElement>("#loss-log")!;
  logLoss.addEventListener("change", () => charts.setLog(logLoss.checked));
  reset.addEventListener("click", () => charts.setZoom(null));
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
    if (e.key === "l" || e.key === "L") logLoss.click(); else if (!slice.key(e.key)) return;
    e.preventDefault();
  });
  watchTheme(() => { charts.recolor(); slice.recolor(); });
  window.setInterval(() => figures.connection(connection, history), 1000); // "stale since" comes with time alone
  charts.refresh();
  socket.open();
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target instanceof HTMLInputElement && target.type !== "radio" && target.type !== "checkbox" && target.type !== "button"));
}

const page = document.querySelector<HTMLElement>("#run");
if (page) start(page);
