// The five charts of a run, and which curve of its log each shows.

import { ChartGroup, type ChartPlan } from "../chart/group";
import { count, digits, percent, steady, tick, tickPercent } from "../numbers";
import type { RunLog } from "./log";

/** plans says what the charts of a run show. */
function plans(log: RunLog): Record<string, ChartPlan> {
  return {
    loss: {
      title: "Loss",
      spec: {
        axisFormat: tick,
        curves: [
          { label: "training, each batch", color: "--ink-1", scale: "left", width: 1, format: (v) => steady(v, 4) },
          { label: "test, each epoch", color: "--ink-2", scale: "left", width: 2, dash: [6, 3], dots: true, format: (v) => steady(v, 4) },
        ],
      },
      sources: [{ series: log.trainLoss, smooth: true }, { series: log.testLoss }],
    },
    accuracy: {
      title: "Test accuracy",
      spec: {
        axisFormat: tickPercent, linear: true,
        curves: [{ label: "test accuracy", color: "--ink-2", scale: "left", width: 2, dots: true, format: (v) => percent(v, 2) }],
      },
      sources: [{ series: log.testAccuracy, smooth: true }],
    },
    schedule: {
      title: "Learning rate η and batch size b",
      spec: {
        axisFormat: tick, rightFormat: tick, fromZero: true, right: { color: "--ink-2" },
        curves: [
          { label: "η", color: "--ink-1", scale: "left", width: 2, stepped: true, format: (v) => digits(v, 4) },
          { label: "b (right)", color: "--ink-2", scale: "right", width: 2, dash: [6, 3], stepped: true, format: count },
        ],
      },
      sources: [{ series: log.learningRate, held: true }, { series: log.batchSize, held: true }],
    },
    noise: {
      title: "Degree of smoothing δ, with η/√b",
      spec: {
        axisFormat: tick, rightFormat: tick, fromZero: true, right: { color: "--ink-2" },
        curves: [
          { label: "δ = ηC/√b", color: "--ink-3", scale: "left", width: 2, format: (v) => steady(v, 4) },
          { label: "η/√b (right)", color: "--ink-2", scale: "right", dash: [6, 3], stepped: true, format: (v) => digits(v, 4) },
        ],
      },
      sources: [{ series: log.noiseLevel, smooth: true }, { series: log.ratio, held: true }],
    },
    spread: {
      title: "Gradient spread C",
      spec: {
        axisFormat: tick, fromZero: true, bands: [{ high: 2, low: 3 }],
        curves: [
          { label: "C", color: "--ink-1", scale: "left", width: 2, format: (v) => steady(v, 4) },
          { label: "C + spread", color: "--ink-1", scale: "left", hidden: true, format: (v) => steady(v, 4) },
          { label: "C − spread", color: "--ink-1", scale: "left", hidden: true, format: (v) => steady(v, 4) },
        ],
      },
      sources: [{ series: log.gradStdDev, smooth: true }, { series: log.gradStdDev, edge: 1 }, { series: log.gradStdDev, edge: -1 }],
    },
  };
}

export class RunCharts extends ChartGroup {
  /** figures are the elements with data-chart; name is that of the run, for exported files. */
  constructor(log: RunLog, figures: Iterable<HTMLElement>, name: () => string) {
    super(figures, plans(log), () => [log.trainLoss], name);
  }
}
