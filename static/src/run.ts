// The page of one run.

import { EventSocket, type Connection } from "./socket";
import { copyText } from "./copy";
import type { Run, Status } from "./protocol";
import { ChartTools } from "./chart/tools";
import { RunCharts } from "./run/charts";
import { CurveWindow, fetchCurves } from "./run/curves";
import { RunFigures } from "./run/figures";
import { History } from "./run/history";
import { RunLog } from "./run/log";
import { MeasurePanel } from "./run/measure";
import { Moves } from "./run/moves";
import { SlicePanel } from "./run/slice";
import { TimeScrubber } from "./run/time";
import { readView, writeView } from "./run/viewstate";
import { typing } from "./typing";
import { watchTheme } from "./chart/theme";

/** The statuses of runs that do not go on by themselves. */
const settled: ReadonlySet<Status> = new Set(["stopped", "done", "diverged", "interrupted", "failed", "recorded"]);
const listPause = 3000; // ms between two questions for the kept slices

function start(page: HTMLElement): void {
  const base = `/api/runs/${page.dataset.run}`, recorded = "recorded" in page.dataset, state = readView(location.search, recorded), history = new History(base);
  const log = new RunLog(), figures = new RunFigures(log);
  const measuring = page.querySelector<HTMLElement>("#measure"), measure = measuring && new MeasurePanel(measuring);
  const charts = new RunCharts(log, page.querySelectorAll<HTMLElement>("[data-chart]"), () => run?.name ?? page.dataset.run ?? "run");
  const part = new CurveWindow(base, log.curves, () => log.step, () => charts.refresh());
  charts.onLook = (from, to, columns) => part.look(from, to, columns);
  const toolbar = page.querySelector<HTMLElement>("#chart-tools")!, axes = toolbar.querySelectorAll<HTMLInputElement>("input[name=axis]");
  const choose = (): void => { for (const radio of axes) radio.checked = radio.value === state.axis; };
  choose();
  const tools = new ChartTools(toolbar, charts);
  const refusal = page.querySelector<HTMLElement>("#run-refusal")!;
  const moves = new Moves(page.querySelector<HTMLElement>("#run-actions")!, (sentence) => { refusal.textContent = sentence; refusal.hidden = sentence === ""; });

  let run: Run | null = null, connection: Connection = { state: "connecting" }, toCome = 0, waiting = false, linking = 0, listing = 0;
  let listed = false;
  const refresh = (): void => {
    charts.refresh();
    if (waiting) return;
    waiting = true;
    window.setTimeout(() => { waiting = false; figures.numbers(run); figures.connection(connection, toCome); time.reached(log.step); slice.noise(); }, 150);
  };
  const link = (): void => {
    window.clearTimeout(linking);
    linking = window.setTimeout(() => {
      const query = writeView(state, recorded);
      if (query !== location.search) window.history.replaceState(null, "", `${location.pathname}${query}`);
    }, 200);
  };
  const slice = new SlicePanel(page, log, history, state, {
    changed: link,
    shown(step) { charts.mark(step); figures.goBack(step); figures.numbers(run); },
  });
  const time = new TimeScrubber(page.querySelector<HTMLElement>("#time")!, {
    chosen: (moment, next) => slice.goTo(moment, next),
  });
  /** list asks what is kept, soon; what cannot be fetched now is asked for again with the next slice. */
  const list = (): void => {
    listing ||= window.setTimeout(() => {
      listing = 0;
      history.moments().then((kept) => { listed ||= kept.length > 0; time.list(kept); }, () => {});
    }, listed ? listPause : 0);
  };

  const socket = new EventSocket(page.dataset.socket!, {
    reset() { log.clear(); slice.clear(); measure?.clear(); listed = false; time.list([]); refresh(); },
    events(events) { log.apply(events); toCome = Math.max(0, toCome - events.length); refresh(); part.again(); },
    async leap(before) {
      const whole = await fetchCurves(base, { before });
      return () => { log.load(whole, run?.started ?? null); refresh(); part.again(); };
    },
    run(newest, history) {
      run = newest;
      toCome = history;
      figures.status(newest);
      moves.accept(newest.accepts);
      time.ended(settled.has(newest.status));
      refresh();
    },
    slice(newest) { slice.show(newest); list(); },
    measurement(newest) { measure?.news(newest); },
    connection(newest) {
      connection = newest;
      figures.connection(connection, toCome);
      if (newest.state === "live") list();
      if (newest.state === "gone") moves.accept([]);
    },
    gone: () => history.gone(),
  });

  for (const radio of axes) radio.addEventListener("change", () => { state.axis = radio.value as typeof state.axis; link(); });
  const restore = (): void => {
    choose();
    toolbar.dispatchEvent(new Event("input"));
    slice.restore();
    time.open(state.at);
  };
  const keys = page.querySelector<HTMLDialogElement>("#run-keys")!;
  page.querySelector("#run-keys-open")!.addEventListener("click", () => keys.showModal());
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typing(e.target) || (e.key === " " && pressable(e.target))) return;
    if (e.key === "?") keys.showModal();
    else if (e.key === "k" || e.key === "K") void copy();
    else if (e.key === "l" || e.key === "L") tools.toggleLogY();
    else if (!slice.key(e.key) && !time.key(e.key, e.shiftKey)) return;
    e.preventDefault();
  });
  const copier = page.querySelector<HTMLElement>("#copy-link")!;
  const copy = async (): Promise<void> => {
    const address = `${location.origin}${location.pathname}${writeView(state, recorded)}`;
    if (!(await copyText(copier, address, "In the address bar"))) window.history.replaceState(null, "", address);
  };
  copier.addEventListener("click", () => void copy());
  addEventListener("popstate", () => { Object.assign(state, readView(location.search, recorded)); restore(); });
  watchTheme(() => { charts.recolor(); slice.recolor(); });
  window.setInterval(() => figures.connection(connection, toCome), 1000); // "stale since" comes with time alone
  restore();
  charts.refresh();
  list();
  socket.open();
}

/** pressable says whether the space bar belongs to the control itself. */
function pressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, summary, a, input, dialog") !== null;
}

const page = document.querySelector<HTMLElement>("#run");
if (page) start(page);
