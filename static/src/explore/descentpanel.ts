// Descent on the picture: optimizers run on the closed form that is shown, all from one place; their paths are fetched, played and
// compared. What is in the link: the optimizers, the start, the seed and the step.

import { limits, read, write, type Descent, type ViewState } from "../state";
import { Announcer } from "./announcer";
import { at, DescentFeed, fetchEnsemble, type DescentEnsemble, type Descents } from "./descentdata";
import { inOrder, lineOf, shownTo, type DescentLine } from "./descentline";
import { DescentPlayer } from "./descentplayer";
import { beside, DescentStart } from "./descentstart";
import { DescentTable } from "./descenttable";
import { digits } from "../numbers";
import type { Bench, Panel } from "./panel";
import { put } from "./put";

const first: readonly Descent[] = ["gd", "smoothed", "sgd"]; // what runs when the panel is opened for the first time

export class DescentPanel implements Panel {
  private readonly host: HTMLElement;
  private readonly toggle: HTMLElement;
  private readonly parts: HTMLElement;
  private readonly table: DescentTable;
  private readonly start: DescentStart;
  private readonly scrub: HTMLInputElement;
  private readonly announcer: Announcer;
  private readonly player = new DescentPlayer(() => this.drawPaths(), () => this.keep());
  private readonly feed = new DescentFeed((descents) => this.told(descents), (query, sentence) => this.refused(query, sentence));
  private descents: Descents | null = null;
  private lines: DescentLine[] = [];
  private counting: AbortController | null = null;
  private counted = ""; // query of the many starts
  private asked = ""; // what the paths that are shown or on their way depend on
  private chosen: readonly Descent[] = first;
  private bare = false; // open with nothing ticked
  private before: { f: string; x0: number; y0: number } | null = null;
  private placing = false; // the start is to be found once the minima are known
  private playNext = false; // the paths on their way are played when they come
  private step = -1; // state.t that was taken over last

  constructor(private readonly bench: Bench) {
    const { root } = bench;
    this.host = root.querySelector<HTMLElement>("#descent")!;
    this.parts = this.get("parts");
    this.scrub = this.get<HTMLInputElement>("step");
    this.toggle = root.querySelector<HTMLElement>("#descent-toggle")!;
    this.announcer = new Announcer(this.get("spoken"));
    this.table = new DescentTable(this.host, (ids) => this.choose(ids));
    this.start = new DescentStart(this.host, {
      moved: (x, y) => {
        this.begin(x, y, false);
        this.announcer.say(`start at ${digits(bench.state.x0)}, ${digits(bench.state.y0)}`);
      },
      seeded: (seed) => bench.change({ seed }),
      pressed: () => { this.player.go(1); this.keep(); },
      held: (place) => { bench.surface.crosshair = place; },
      complained: (sentence) => this.complain(sentence),
    });
    this.toggle.addEventListener("click", () => this.open(!this.shown));
    this.listen();
  }

  private get shown(): boolean { return this.bench.state.paths.length > 0 || this.bare; }

  private open(on: boolean): void {
    const { state } = this.bench;
    this.bare = false;
    if (!on) {
      this.player.stop();
      this.bench.change({ paths: [], t: 0 });
      return;
    }
    if (state.x0 === 0 && state.y0 === 0) this.placing = true; // on most functions the global minimum: nothing would move
    this.bench.change({ paths: this.chosen });
  }

  private choose(ids: Descent[]): void {
    if (ids.length > 0) this.chosen = ids;
    this.bare = ids.length === 0;
    this.bench.change({ paths: ids });
  }

  refresh(): void {
    const { bench } = this, { state } = bench, info = bench.info(), on = this.shown, { before } = this;
    this.host.hidden = !on;
    this.toggle.setAttribute("aria-pressed", String(on));
    this.get("closed").hidden = info !== undefined;
    this.parts.hidden = this.get("player").hidden = !on || !info;
    this.before = { f: state.f, x0: state.x0, y0: state.y0 };
    if (before && (before.x0 !== state.x0 || before.y0 !== state.y0)) this.placing = false;
    else if (before && before.f !== state.f) this.placing = true; // another function, and nobody said where to start
    if (!on || !info || (before && before.f !== state.f)) this.forget();
    if (!on || !info) return;
    this.table.check(state.paths);
    this.start.show(state.x0, state.y0, state.seed, info.hi - info.lo);
    if (this.placing && !this.findStart()) return; // the minima come with the next refresh
    this.askFor(state);
    if (state.t === this.step) return;
    this.step = state.t;
    this.player.go(state.t || this.player.steps);
  }

  /** askFor fetches the paths of a state, where they are not those that are shown. */
  private askFor(state: Readonly<ViewState>): void {
    const key = [state.f, state.eta, state.b, state.c, state.kernel, state.alpha, state.convention, state.dim, state.paths, state.x0, state.y0, state.seed].join();
    if (key === this.asked) return;
    if (state.paths.length === 0) this.forget();
    this.asked = key;
    if (this.counted !== this.query({ ...state, x0: 0, y0: 0 })) this.count(null);
    if (state.paths.length > 0) this.feed.ask(this.query(state));
  }

  private query(state: Readonly<ViewState>): string {
    const { f, eta, b, c, kernel, alpha, convention, dim, paths, x0, y0, seed } = state;
    return write({ ...read("?split=0"), f, eta, b, c, kernel, alpha, convention, dim, paths, x0, y0, seed });
  }

  private told(descents: Descents): void {
    const info = this.bench.info();
    if (!info) return;
    this.descents = descents;
    this.lines = descents.paths.map((p) => lineOf(p, info));
    this.complain("");
    this.player.length = Math.max(1, ...descents.paths.map((p) => p.steps));
    if (this.step > 0 && this.player.step !== this.step && !this.player.playing) this.player.go(this.step);
    put(this.get("sentence"), descents.sentence);
    this.announcer.say(descents.sentence);
    this.get("how").replaceChildren(...descents.paths.flatMap((p) => [element("dt", p.name), element("dd", `${p.how}; ${p.steps} steps${p.end === "diverged" ? " until it was out of reach" : ""}.`)]));
    this.hint(descents);
    if (this.playNext) { this.playNext = false; this.player.go(1); this.player.play(); } else this.drawPaths();
  }

  private refused(query: string, sentence: string): void {
    if (query !== this.query(this.bench.state)) return;
    this.forget();
    this.complain(sentence);
  }

  /** forget stops what is under way; nothing is shown any more. */
  private forget(): void {
    if (this.asked === "") return;
    this.asked = "";
    this.feed.stop();
    this.player.stop();
    this.descents = null;
    this.lines = [];
    this.get("hint").hidden = true;
    put(this.get("sentence"), "");
    this.count(null);
    this.drawPaths();
  }

  /** hint tells that η is too large for gradient descent to settle, and offers one that is not. */
  private hint(descents: Descents): void {
    const { state } = this.bench, large = state.eta > 2 * descents.calm;
    this.get("hint").hidden = !large;
    if (large) put(this.get("hint-text"), `η = ${digits(state.eta)} is large for this function: descent jumps across its valleys. With η = ${digits(descents.calm)} it settles; a greater C keeps δ.`);
  }

  private calm(): void {
    const { state } = this.bench, eta = this.descents?.calm;
    if (eta) this.bench.change({ eta, c: Math.min(limits.c[1], Number(((state.c * state.eta) / eta).toPrecision(6))) });
  }

  /** drawPaths shows the paths up to the player's step, and says so. */
  private drawPaths(): void {
    const { player, descents, scrub } = this, step = player.step;
this.bench.surface.paths = inOrder(this.lines.map((line, i) => shownTo(line, at(descents!.paths[i]!, step))));
    scrub.max = String(player.steps);
    scrub.value = String(step);
    scrub.style.setProperty("--part", `${(100 * (step - 1)) / Math.max(1, player.steps - 1)}%`);
    scrub.setAttribute("aria-valuetext", this.spoken(step));
    put(this.get("step-text"), `step ${step} of ${player.steps}`);
    const play = this.get("play");
    put(play, player.playing ? "Pause" : "Play");
    play.setAttribute("aria-pressed", String(player.playing));
    this.table.show(descents, step);
  }

  private spoken(step: number): string {
    const parts = (this.descents?.paths ?? []).map((p) => { const f = p.f[at(p, step)]; return `${p.name} at f = ${f === null || f === undefined ? "∞" : digits(f)}`; });
    return [`step ${step} of ${this.player.steps}`, ...parts].join(", ");
  }

  /** keep puts the step into the link; at the end there is none. */
  private keep(): void {
    this.step = this.player.ended ? 0 : this.player.step;
    if (this.bench.state.t !== this.step) this.bench.change({ t: this.step });
  }

  private go(by: number): void {
    this.player.go(this.player.step + by);
    this.keep();
  }

  /** begin takes a place as the start; a click also plays the paths, except for those who asked for less motion. */
  private begin(x0: number, y0: number, play: boolean): void {
    const clamp = (v: number): number => Number(Math.min(limits.x0[1], Math.max(limits.x0[0], v)).toPrecision(4));
    this.placing = false;
    this.playNext = play && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!this.playNext) this.player.go(this.player.steps);
    this.step = 0;
    this.bench.change({ x0: clamp(x0), y0: clamp(y0), t: 0 });
  }

  /** findStart begins beside a minimum; false until minima are known. */
  private findStart(): boolean {
    const { sampled } = this.bench;
    if (sampled) this.begin(...beside(sampled), false);
    return sampled !== null;
  }

  tapped({ x, y }: { x: number; y: number }): boolean {
    if (!this.shown || !this.bench.info()) return false;
    this.begin(x, y, true);
    this.scrub.focus({ preventScroll: true }); // so that Space and the arrows are about the paths
    return true;
  }

  key(key: string, shift = false): boolean {
    if (key === "d" || key === "D") { this.open(!this.shown); return true; }
    if (!this.shown || this.lines.length === 0 || !this.listens(key)) return false;
    switch (key) {
      case " ": if (this.player.playing) this.player.pause(); else this.player.play(); return true;
      case "ArrowLeft": this.go(shift ? -10 : -1); return true;
      case "ArrowRight": this.go(shift ? 10 : 1); return true;
    }
    return false;
  }

  /** listens: a key that means something to what has the focus is not taken from it. */
  private listens(key: string): boolean {
    const focus = document.activeElement;
    if (focus === this.scrub || !focus || focus === document.body) return true;
    return key === " " ? !focus.matches("button, a, summary, input[type=checkbox], input[type=radio]") : !focus.matches("canvas, input");
  }

  private listen(): void {
    const on = (id: string, act: () => void): void => this.get(id).addEventListener("click", act);
    on("play", () => { if (this.player.playing) this.player.pause(); else this.player.play(); });
    on("back", () => this.go(-1));
    on("forward", () => this.go(1));
    on("calm", () => this.calm());
    on("many", () => void this.countMany());
    this.scrub.addEventListener("input", () => this.player.go(Number(this.scrub.value)));
    this.scrub.addEventListener("change", () => this.keep());
    const speed = this.get<HTMLSelectElement>("speed");
    this.player.speed = Number(speed.value);
    speed.addEventListener("change", () => { this.player.speed = Number(speed.value); });
  }

  /** countMany asks where a hundred starts end. */
  private async countMany(): Promise<void> {
    const button = this.get<HTMLButtonElement>("many"), stopper = new AbortController(), { state } = this.bench;
    if (state.paths.length === 0) return;
    this.count(null);
    this.counted = this.query({ ...state, x0: 0, y0: 0 });
    this.counting = stopper;
    button.setAttribute("aria-busy", "true");
    put(button, "Counting …");
    try {
      const many = await fetchEnsemble(this.counted, stopper.signal);
      if (!stopper.signal.aborted) {
        this.count(many);
        this.announcer.say(many.methods.map((m) => m.sentence).join(" "));
      }
    } catch (problem) {
      if (!stopper.signal.aborted) { this.count(null); this.complain(problem instanceof Error ? problem.message : String(problem)); }
    }
  }

  /** count shows a result of many starts, or none: it is of the numbers that it was made with. */
  private count(many: DescentEnsemble | null): void {
    this.counting?.abort();
    this.counting = null;
    const button = this.get("many");
    button.removeAttribute("aria-busy");
    put(button, "100 starts");
    this.get("counted").replaceChildren(...(many ? [
      element("p", `Of ${many.runs} starts all over the picture, in the valley of ${many.minima > 1 ? "a" : "the"} global minimum at the end (95 % interval):`),
      ...many.methods.map((m) => element("p", `${m.name}: ${m.global.successes} (${Math.round(100 * m.global.lo)} to ${Math.round(100 * m.global.hi)} %)${m.diverged > 0 ? `, ${m.diverged} diverged` : ""}`)),
    ] : []));
  }

  private complain(sentence: string): void {
    const problem = this.get("problem");
    put(problem, sentence);
    problem.hidden = sentence === "";
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.bench.root.querySelector<T>(`#descent-${id}`)!; }
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
