// The words and numbers at the head of a run's page, and its table: everything that is text and changes.

import type { Connection } from "../socket";
import type { Run, Started } from "../protocol";
import { count, digits, percent, steady, withError } from "../numbers";
import { clock, duration } from "../times";
import type { EpochRow, RunLog } from "./log";

const needC = "C is not known yet";
const mostRows = 500; // of the table

export class RunFigures {
  private rows = 0; // epochs in the table
  private announced = "";
  private moment: number | null = null; // an update that has been gone back to

  constructor(private readonly log: RunLog) {
    element("run-epochs").addEventListener("toggle", () => this.table());
  }

  /** status shows what the server says of the run. */
  status(run: Run): void {
    const badge = element("run-status");
    badge.textContent = run.status;
    badge.dataset.status = run.status;
    paragraph("run-reason", run.reason || reasonless[run.status] || "");
    paragraph("run-where", where(run.started ?? this.log.started));
    paragraph("run-warning", run.started?.warning ?? this.log.started?.warning ?? "");
    const said = `${run.name}: ${run.status}${run.reason ? `. ${run.reason}` : ""}`;
    if (said !== this.announced) element("run-announcement").textContent = this.announced = said;
    document.title = `${run.status === "running" ? "▶ " : ""}${run.name} · Smoothscape`;
  }

  connection(connection: Connection, history: number): void {
    const badge = element("run-connection"), now = Date.now();
    let state: string = connection.state, text = "connecting…";
    if (connection.state === "live") {
      text = history > 0 ? `connected, ${count(history)} events of history to come` : "connected";
    } else if (connection.state === "away") {
      const seconds = (now - connection.since) / 1000;
      state = seconds < 5 ? "reconnecting" : "stale";
      text = seconds < 5 ? "reconnecting…" : `stale since ${clock(connection.since)}, reconnecting`;
    } else if (connection.state === "gone") text = `gone since ${clock(connection.since)}`;
    element("run-gone").hidden = connection.state !== "gone";
    if (badge.dataset.state !== state) badge.dataset.state = state;
    if (badge.textContent !== text) badge.textContent = text;
  }

  /** goBack makes the numbers those of an update; null: the newest. */
  goBack(step: number | null): void {
    this.moment = step;
    element("run-numbers").toggleAttribute("data-past", step !== null);
    element("run-numbers").setAttribute("aria-label", step === null ? "The run now" : `The run at update ${count(step)}`);
  }

  /** numbers fills in the values of now, or of the moment that has been gone back to. */
  numbers(run: Run | null): void {
    if (this.moment === null) this.now(run); else this.then(this.moment);
    this.progress(run);
    this.table();
  }

  private then(step: number): void {
    const then = this.log.then(step), word = (v: number | null, write: (v: number) => string): string => (v === null ? "" : write(v));
    put("trainLoss", word(then.trainLoss, (v) => steady(v, 4)));
    put("testAccuracy", word(then.testAccuracy, percent));
    put("learningRate", word(then.learningRate, digits));
    put("batchSize", word(then.batchSize, count));
    put("ratio", then.learningRate === null || then.batchSize === null ? "" : digits(then.learningRate / Math.sqrt(then.batchSize)));
    put("gradStdDev", word(then.gradStdDev, steady) || needC);
    put("noiseLevel", word(then.noiseLevel, steady) || needC);
    paragraph("run-momentum-note", ""); // what it says is of now
  }

  private now(run: Run | null): void {
    const { log } = this, update = log.scheduled, n = log.started?.trainSize ?? 0;
    put("trainLoss", log.update ? steady(log.update.trainLoss, 4) : "");
    const newest = log.epochs[log.epochs.length - 1]?.result.testAccuracy ?? run?.testAccuracy;
    put("testAccuracy", typeof newest === "number" ? percent(newest) : "");
    const eta = update?.learningRate ?? run?.config.learningRate, b = update?.batchSize ?? run?.config.batchSize;
    put("learningRate", eta === undefined ? "" : digits(eta));
    put("batchSize", b === undefined ? "" : count(b));
    put("ratio", eta === undefined || b === undefined ? "" : digits(eta / Math.sqrt(b)));
    const c = update?.gradStdDev, spread = update?.gradStdDevErr;
    put("gradStdDev", c === undefined ? needC : spread !== undefined && Number.isFinite(spread) && spread > 0 ? withError(c, spread) : steady(c));
    put("noiseLevel", update?.noiseLevel === undefined ? needC : steady(update.noiseLevel));
    const beta = run?.config.momentum ?? 0, ready = c !== undefined && eta !== undefined && b !== undefined && log.gradNorm !== null;
    paragraph("run-momentum-note", beta > 0 && ready ? momentumNote(eta, c, log.gradNorm!, beta, b, run?.config.nesterov ?? false) : "");
    paragraph("run-noise-note", n > 1 && b !== undefined && b / n > 0.05 ? wholeDataNote(b, n) : "");
  }

  private progress(run: Run | null): void {
    const { log } = this, total = run?.totalSteps || log.started?.totalSteps || 0, step = Math.max(log.step, run?.step ?? 0); // its log may still be on the way
    const bar = element("run-progress") as HTMLProgressElement;
    bar.max = total || 1;
    bar.value = total ? Math.min(step, total) : 0;
    const epochs = run?.config.epochs ?? 0, epoch = log.update ? log.update.epoch + 1 : 0;
    let text = total ? `${count(step)} of ${count(total)} updates` : step > 0 ? `${count(step)} updates` : "no update yet";
    if (epochs > 0 && epoch > 0) text += `, epoch ${Math.min(epoch, epochs)} of ${epochs}`;
    const speed = log.speed();
    if (run?.status === "running" && speed !== null && speed > 0 && total > step) {
      text += `, about ${duration((total - step) / speed)} left at ${digits(speed, 2)} updates/s`;
      if (log.scheduled) text += `, ${digits(speed * log.scheduled.batchSize, 2)} images/s`;
    }
    element("run-progress-text").textContent = text;
  }

  /** table follows the epochs while it is open; the newest come first, and of very many only those. */
  private table(): void {
    const box = element("run-epochs") as HTMLDetailsElement, { epochs } = this.log;
    if (!box.open) return;
    const body = element("epoch-rows") as HTMLTableSectionElement, fragment = document.createDocumentFragment();
    if (epochs.length < this.rows) { body.replaceChildren(); this.rows = 0; }
    const first = Math.max(this.rows, epochs.length - mostRows);
    for (let i = epochs.length - 1; i >= first; i--) fragment.append(row(epochs[i]!));
    body.prepend(fragment);
    while (body.rows.length > mostRows) body.lastElementChild!.remove();
    this.rows = epochs.length;
    element("epoch-note").textContent = epochs.length > mostRows ? `After each epoch: the newest ${count(mostRows)} of ${count(epochs.length)}` : "After each epoch, the newest first";
  }
}

function row({ step, result, learningRate, batchSize, noiseLevel, gradStdDev }: EpochRow): HTMLTableRowElement {
  const line = document.createElement("tr");
  for (const text of [
    String(result.epoch + 1), count(step), steady(result.trainLoss, 4), steady(result.testLoss, 4), percent(result.testAccuracy, 2),
    ...[learningRate, batchSize, noiseLevel, gradStdDev].map((v, i) => (v === null ? "–" : i === 1 ? count(v) : i === 0 ? digits(v) : steady(v))),
  ]) {
    const cell = document.createElement("td");
    cell.className = "number";
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

/** where says on which device the network is computed, if it is one. */
function where(started: Started | null): string {
  if (!started?.device) return "";
  const { name, kind, driver, backend, memory = 0, checked, resident } = started.device, size = memory < 1e9 ? `${digits(memory / 1e6, 2)} MB` : `${digits(memory / 1e9, 2)} GB`;
  return `The network is computed on ${name} (${[kind, driver, backend].filter(Boolean).join(", ")})${memory > 0 ? `, where ${size} are planned for it` : ""}${checked ? `; at the start its gradients were the CPU's to ${digits(checked, 2)}` : ""}${resident ? "; images and parameters stay there" : "; images and updates on the processors"}.`;
}

/** What to say of a status that came without a reason. */
const reasonless: Partial<Record<Run["status"], string>> = {
  queued: "Waiting: another run is being trained where this one wants to be. It starts when that one ends.",
  interrupted: "The worker ended without its last word. Resume goes on from the last checkpoint.",
  diverged: "The loss stopped being finite. The last finite state is kept.",
};

/** δ with momentum, as trainer/measure.NoiseLevelSHB: for the stochastic heavy ball, which is PyTorch's momentum. */
function momentumNote(eta: number, c: number, k: number, beta: number, b: number, nesterov: boolean): string {
  const variance = (c * c) / b, factor = (beta * (beta * beta - beta + 1)) / (1 - beta) ** 2;
  const delta = eta * Math.sqrt(variance + factor * (variance + k * k));
  return `δ = ηC/√b is that of plain SGD. With momentum β = ${digits(beta)} the bound of arXiv 2402.02325 is η√(C²/b + β̂(C²/b + K²)) = ${digits(delta)}, ` +
    `β̂ = ${digits(factor)}, where K = ${digits(k)} is the length of the newest mini-batch gradient that was measured${nesterov ? "; it is derived for the heavy ball, not for Nesterov's variant" : ""}.`;
}

/** Batches drawn without replacement from n images: their noise is smaller than that of independent draws, and 0 at b = n. */
function wholeDataNote(b: number, n: number): string {
  const factor = (n - b) / (n - 1);
  return `b is ${percent(b / n)} of the ${count(n)} training images. Batches are drawn without replacement, so the gradient noise has ` +
    `E‖ω‖² = C²/b · (n−b)/(n−1) with (n−b)/(n−1) = ${digits(factor)}; δ = ηC/√b does not contain this factor.`;
}

function put(name: string, text: string): void {
  const output = element(`now-${name}`), shown = text || "–";
  if (output.textContent !== shown) output.textContent = shown;
  output.toggleAttribute("data-words", text === needC);
}

function paragraph(id: string, text: string): void {
  const p = element(id);
  p.hidden = text === "";
  if (p.textContent !== text) p.textContent = text;
}

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}
