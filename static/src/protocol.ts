// What crosses the wire about runs; server/protocol.go and trainer/event.go say the same in Go. Both sides are tested against
// server/testdata/frames.json.
//
// The server sends numbers that JSON has no word for as the strings "NaN", "Infinity" and "-Infinity"; decodeFrame turns
// them into numbers, once, here. Everything behind this file sees numbers only.

export type Status =
  | "queued" | "running" | "pausing" | "paused" | "stopping" | "stopped" | "done" | "diverged" | "interrupted" | "failed" | "recorded";

export type Move = "pause" | "resume" | "stop";

/** What decides a run's numbers, as trainer.Config. */
export interface Config {
  dataset: string;
  model: string;
  spec?: unknown; // the network of the model "custom"
  engine: string;
  schedule: string;
  learningRate: number;
  batchSize: number;
  epochs: number;
  stageEpochs: number;
  power: number;
  factor: number;
  carrier: string;
  warmupEpochs: number;
  lateBatch: boolean;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
  augment: string;
  seed: number;
}

/** The job that works on a run, as trainer.Started. */
export interface Started {
  engine: string;
  path: string;
  device?: { name: string; driver?: string; backend: string; kind: string; memory?: number; resident?: boolean; checked?: number }; // where it computes, with the bytes planned there, whether images and updates stay there, and the worst difference from the CPU in its check; absent: on the processors
  parameters: number; // d
  trainSize: number; // n
  testSize: number;
  totalSteps: number;
  resumed: boolean;
  warning?: string;
}

export interface Run {
  id: string;
  name: string;
  status: Status;
  reason: string;
  created: number; // Unix milliseconds
  config: Config;
  started: Started | null;
  step: number;
  totalSteps: number;
  epoch: number; // 0-based
  testAccuracy: number | null; // 0 … 1
  accepts: Move[];
  learningRate: number | null; // η of the newest update; null before the first, as the next two
  batchSize: number | null; // b of it
  noiseLevel: number | null; // δ of it; null while C is not known, too
  pinned: boolean;
  tags: string[];
  color: string; // one of eight names, or empty
  notes: string;
  study: string; // the comparison that it belongs to, or empty
}

/** One line of a run's log, as trainer.Event. Numbers may be NaN or infinite. */
export interface LogEvent {
  kind: "started" | "update" | "epoch" | "checkpoint" | "ended";
  time: number; // Unix milliseconds
  step: number;
  started?: Started;
  update?: Update;
  epoch?: EpochResult;
  ended?: { outcome: string; reason?: string };
}

export interface Update {
  epoch: number;
  learningRate: number;
  batchSize: number;
  trainLoss: number;
  gradStdDev?: number; // C
  gradStdDevErr?: number; // spread of its measurements
  gradNorm?: number; // length of the mini-batch gradient, where C was measured
  noiseLevel?: number; // δ
}

export interface EpochResult {
  epoch: number;
  trainLoss: number;
  trainAccuracy: number;
  testLoss: number;
  testAccuracy: number;
}

/** The loss on a plane through a checkpoint's parameters: z[row·n + col] at (alphas[col], betas[row]); NaN where not finite. */
export interface Slice {
  run: string;
  step: number;
  delta: number | null; // vector convention, a length in parameter space
  alphas: number[];
  betas: number[];
  z: number[];
  level: number;
  levels: number;
  viewHalfWidth: number;
  halo: number;
  norms: [number, number];
  cosine: number;
  images: number;
  loss: number | null;
  lift: { mean: number; stdErr: number; pairs: number; delta: number } | null;
  label: string;
  plane?: string; // which directions, in words
  magnification: number | null;
}

export type MeasureStatus = "waiting" | "running" | "done" | "stopped" | "interrupted" | "failed";

/** What somebody wanted to know about a run's network, as server/measurements.go. */
export interface Measurement {
  run: string;
  number: number; // 1, 2, 3, … within the run
  created: number; // Unix milliseconds
  request: { what?: string[]; images?: number };
  status: MeasureStatus;
  reason: string;
  step: number | null; // of the checkpoint
  progress?: { group: string; done: number; total: number };
  report?: Report; // when done, except in lists
}

/** As trainer/measure.Report. Numbers may be NaN or infinite. */
export interface Report {
  parameters: number;
  trainSize: number;
  images: number;
  quantities: Quantity[];
  series: ReportSeries[];
  warnings: string[];
}

export interface Quantity {
  group: string;
  name: string;
  title: string;
  symbol: string;
  unit: string;
  value: number;
  stdErr: number | null; // null where it is not known
  definition: string;
  source: string;
  note: string;
}

/** histogram: x are y.length + 1 borders; curve and points: x and y are as long. */
export interface ReportSeries {
  group: string;
  name: string;
  title: string;
  kind: "histogram" | "curve" | "points";
  xTitle: string;
  yTitle: string;
  x: number[];
  y: number[];
  definition: string;
}

export type Frame =
  | { type: "hello"; run: Run; next: number; length: number }
  | { type: "events"; from: number; next: number; events: LogEvent[] }
  | { type: "run"; run: Run }
  | { type: "slice"; slice: Slice }
  | { type: "measurement"; measurement: Measurement };

/** A frame that does not follow the protocol: another version of the server, or something between us and it. */
export class ProtocolError extends Error {}

/** decodeFrame reads one text frame. It throws ProtocolError with what was expected and what was found. */
export function decodeFrame(text: string): Frame {
  let frame: Record<string, unknown>;
  try {
    frame = record(JSON.parse(text), "a frame");
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    throw new ProtocolError(`a frame is not JSON: ${String(cause)}`);
  }
  switch (frame.type) {
    case "hello": {
      const next = offset(frame.next, "hello.next");
      return { type: "hello", run: decodeRun(frame.run), next, length: frame.length === undefined ? next : offset(frame.length, "hello.length") };
    }
    case "events": {
      const from = offset(frame.from, "events.from"), next = offset(frame.next, "events.next");
      if (!Array.isArray(frame.events) || frame.events.length !== next - from) {
        throw new ProtocolError(`events ${from} … ${next}: expected ${next - from} events`);
      }
      return { type: "events", from, next, events: frame.events.map(decodeEvent) };
    }
    case "run":
      return { type: "run", run: decodeRun(frame.run) };
    case "slice":
      return { type: "slice", slice: decodeSlice(frame.slice) };
    case "measurement":
      return { type: "measurement", measurement: decodeMeasurement(frame.measurement) };
  }
  throw new ProtocolError(`a frame of type ${String(frame.type)}: expected hello, events, run, slice or measurement`);
}

/** decodeSlice reads a slice as /api/runs/{id}/slice and slice frames carry it. One without values is a slice, too. */
export function decodeSlice(value: unknown): Slice {
  const s = record(value, "a slice") as unknown as Slice;
  if (!Array.isArray(s.alphas) || !Array.isArray(s.betas) || !Array.isArray(s.z) || s.z.length !== s.alphas.length * s.betas.length) {
    throw new ProtocolError("a slice: expected z to hold one number for each α and β");
  }
  return { ...s, z: (s.z as unknown[]).map((v) => (v === null ? NaN : number(v))) };
}

/** decodeMeasurement reads a measurement as /api/runs/{id}/measurements/{number} and measurement frames carry it. */
export function decodeMeasurement(value: unknown): Measurement {
  const m = record(value, "a measurement") as unknown as Measurement;
  if (typeof m.number !== "number" || typeof m.status !== "string") throw new ProtocolError("a measurement: expected number and status");
  return { ...m, request: m.request ?? {}, ...(m.report ? { report: decodeReport(m.report) } : {}) };
}

function decodeReport(value: unknown): Report {
  const r = record(value, "a report") as unknown as Report;
  const series = (Array.isArray(r.series) ? r.series : []).map((s) => ({ ...s, x: s.x.map(number), y: s.y.map(number) }));
  for (const s of series) {
    if (s.x.length !== s.y.length + (s.kind === "histogram" ? 1 : 0)) throw new ProtocolError(`the series ${s.name}: ${s.x.length} x do not fit ${s.y.length} y`);
  }
  return {
    ...r, series, warnings: Array.isArray(r.warnings) ? r.warnings : [],
    quantities: (Array.isArray(r.quantities) ? r.quantities : []).map((q) => ({
      ...q, symbol: q.symbol ?? "", unit: q.unit ?? "", source: q.source ?? "", note: q.note ?? "",
      value: number(q.value), stdErr: q.stdErr === undefined || q.stdErr === null ? null : number(q.stdErr),
    })),
  };
}

function decodeRun(value: unknown): Run {
  const run = record(value, "a run") as unknown as Run;
  if (typeof run.id !== "string" || typeof run.status !== "string") throw new ProtocolError("a run: expected id and status");
  return { ...run, accepts: Array.isArray(run.accepts) ? run.accepts : [] };
}

function decodeEvent(value: unknown): LogEvent {
  const event = record(value, "an event") as unknown as LogEvent;
  const { update, epoch } = event;
  if (update) decodeNumbers(update);
  if (epoch) decodeNumbers(epoch);
  return event;
}

/** decodeNumbers turns the words for what JSON has no number for into numbers, in all fields. */
export function decodeNumbers(fields: object): void {
  const all = fields as Record<string, unknown>;
  for (const key in all) if (typeof all[key] === "string") all[key] = number(all[key]);
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ProtocolError(`${what}: expected an object`);
  return value as Record<string, unknown>;
}

function offset(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new ProtocolError(`${what}: expected a count, found ${String(value)}`);
  return value;
}

/** number reads a JSON number or one of the three words; anything else is NaN. */
export function number(value: unknown): number {
  return typeof value === "number" ? value : typeof value === "string" ? Number(value) : NaN;
}
