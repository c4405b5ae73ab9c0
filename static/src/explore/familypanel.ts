// The family tree beside the picture: fetched where it is that of another view, linked with the picture both ways.

import { read, write } from "../state";
import { fetchTree } from "./data";
import { FamilyTree } from "./familytree";
import type { Bench, Panel } from "./panel";

export class FamilyPanel implements Panel {
  private readonly host: HTMLElement;
  private readonly toggle: HTMLElement;
  private readonly tree: FamilyTree;
  private grown = ""; // query of the tree that is shown or on its way

  constructor(private readonly bench: Bench) {
    this.host = bench.root.querySelector<HTMLElement>("#family")!;
    this.toggle = bench.root.querySelector<HTMLElement>("#family-toggle")!;
    this.toggle.addEventListener("click", () => bench.change({ tree: !bench.state.tree }));
    this.tree = new FamilyTree(this.host, {
      chosen: (delta) => bench.setDelta(delta),
      pointed: (place) => { bench.surface.pointed = place; },
    });
  }

  refresh(): void {
    const { state, drawn } = this.bench, query = write({ ...read("?split=0"), f: state.f, kernel: state.kernel, convention: state.convention, alpha: state.alpha, dim: state.dim });
    this.host.hidden = !state.tree;
    this.toggle.setAttribute("aria-pressed", String(state.tree));
    this.tree.at(drawn);
    if (!state.tree || query === this.grown) return;
    this.grown = query;
    this.tree.show(null);
    fetchTree(query).then(
      (tree) => { if (query === this.grown) { this.tree.show(tree); this.tree.at(this.bench.drawn); } },
      (problem: unknown) => { if (query === this.grown) { this.grown = ""; this.tree.show(null, problem instanceof Error ? problem.message : String(problem)); } });
  }

  key(key: string): boolean {
    if (key !== "y" && key !== "Y") return false;
    this.bench.change({ tree: !this.bench.state.tree });
    return true;
  }

  probed(place: { x: number; y: number } | null): void {
    const { sampled, state } = this.bench;
    if (place && sampled && state.tree) this.tree.near(place.x, place.y, 0.03 * (sampled.hi - sampled.lo));
  }
}
