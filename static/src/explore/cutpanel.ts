// The line across the picture: where it lies, and its curves below.

import { CutStrip } from "./cutstrip";
import type { Bench, Panel } from "./panel";
import { put } from "./put";

export class CutPanel implements Panel {
  private readonly strip: CutStrip;
  private readonly toggle: HTMLElement;
  private readonly radios: NodeListOf<HTMLInputElement>;

  constructor(private readonly bench: Bench) {
    const { root } = bench;
    this.strip = new CutStrip(root.querySelector<HTMLElement>("#cut")!, (at) => bench.change({ at }));
    this.toggle = root.querySelector<HTMLElement>("#cut-toggle")!;
    this.toggle.addEventListener("click", () => bench.change({ cut: bench.state.cut === "off" ? "x" : "off" }));
    this.radios = root.querySelectorAll<HTMLInputElement>("input[name=cut]");
    for (const radio of this.radios) radio.addEventListener("change", () => bench.change({ cut: radio.value as "x" | "y" }));
  }

  refresh(): void {
    const { state, sampled, frame, kernel, drawn, surface } = this.bench, network = this.bench.network !== null;
    const knife = state.cut === "off" ? null : { along: state.cut, at: state.at };
    surface.knife = knife;
    this.toggle.setAttribute("aria-pressed", String(knife !== null));
    for (const radio of this.radios) {
      radio.checked = radio.value === state.cut;
      put(radio.nextElementSibling as HTMLElement, `along ${radio.value === "x" ? (network ? "α" : "x₁") : network ? "β" : "x₂"}`);
    }
    this.strip.show(knife && sampled && {
      sampled, frame, kernel, delta: drawn, knife,
      names: network ? { x: "α", y: "β", raw: "L", smooth: "L smoothed" } : { x: "x₁", y: "x₂", raw: "f", smooth: "f̂" },
    });
  }

  key(key: string): boolean {
    if (key !== "x" && key !== "X") return false;
    const { cut } = this.bench.state;
    this.bench.change({ cut: cut === "off" ? "x" : cut === "x" ? "y" : "off" });
    return true;
  }

  recolor(): void { this.strip.redraw(); }
}
