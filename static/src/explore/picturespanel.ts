// The four pictures on the Explore page: two are smoothed here, two come from the server, for a closed form while they are sampled,
// for a network as they were computed beforehand.

import type { Kernel } from "../kernel";
import { SpaceFeed } from "../pictures/feed";
import { Layers, over, quality, share, type Layer } from "../pictures/layers";
import type { Space, SpaceFrame, SpaceHead } from "../pictures/space";
import { FourPictures, type Look, type PictureSpec } from "../pictures/view";
import type { Facts } from "../pictures/words";
import type { Smooth, Source } from "../smoothing";
import { read, write } from "../state";
import { count, digits } from "../numbers";
import type { Bench, Panel } from "./panel";
import { put } from "./put";

const patience = 250; // ms without a change, after which the server is asked

export class PicturesPanel implements Panel {
  private readonly host: HTMLElement;
  private readonly toggle: HTMLElement;
  private readonly away: HTMLElement;
  private view: FourPictures | null = null;
  private source: Source | null = null;
  private readonly feed = new SpaceFeed(() => this.refresh());
  private readonly layers = new Layers();

  constructor(private readonly bench: Bench) {
    const { root } = bench;
    this.host = root.querySelector<HTMLElement>("#pictures")!;
    this.away = root.querySelector<HTMLElement>("#pictures-away")!;
    this.toggle = root.querySelector<HTMLElement>("#pictures-toggle")!;
    this.toggle.addEventListener("click", () => bench.change({ pictures: !bench.state.pictures }));
    root.querySelector("#pictures-back")!.addEventListener("click", () => this.back());
  }

  refresh(): void {
    const { state, source } = this.bench;
    this.host.hidden = !state.pictures;
    this.bench.root.classList.toggle("side-by-side", state.pictures);
    this.toggle.setAttribute("aria-pressed", String(state.pictures));
    if (!state.pictures) {
      this.feed.stop();
      this.feed.of = "";
      this.view?.close();
      this.view = this.source = null;
      return;
    }
    this.view ??= new FourPictures(this.host.querySelector<HTMLElement>("#pictures-view")!, this.look, {
      cameraMoved: (camera) => this.bench.change({ ...camera }),
      failed: (sentence) => this.bench.warn(sentence),
    });
    this.view.set(this.look);
    if (source !== this.source) {
      this.source = source;
      if (source) this.view.load(source);
    }
    this.follow();
    if (source) this.view.show(this.specs(), this.facts());
  }

  key(key: string): boolean {
    if (key !== "4") return false;
    this.bench.change({ pictures: !this.bench.state.pictures });
    return true;
  }

  recolor(): void { this.view?.recolor(); }

  private get look(): Look {
    const { state, network } = this.bench;
    return { axes: network ? { x: "α", y: "β", z: "L" } : { x: "x₁", y: "x₂", z: "f" }, camera: state, palette: state.palette, mode: state.view, logarithmic: state.log };
  }

  /** query is all of the view that its pictures in full space depend on. */
  private get query(): string {
    const { f, eta, b, c, kernel, alpha, convention, dim, seed } = this.bench.state;
    return write({ ...read("?split=0"), f, ...(this.bench.network ? {} : { eta, b, c, kernel, alpha, convention, dim, seed }) });
  }

  /** follow asks the server for the view, a moment after its last change. */
  private follow(): void {
    if (this.bench.source) this.feed.follow(`/api/fullspace${this.query}`, this.bench.network ? 0 : patience);
  }

  /** space is what is known at the δ that is nearest to that of the view. */
  private get space(): Space | null {
    const { feed: { spaces, there } } = this, far = ({ head }: Space): number => Math.abs(Math.log(head.delta / this.wide));
    return spaces.length === 0 || (!there && this.bench.network) ? null : [...spaces].sort((a, b) => far(a) - far(b))[0]!;
  }

  /** wide is the δ that is drawn, in the units of full space: of a network m·δ, a length in parameter space. */
  private get wide(): number { return this.bench.drawn * (this.bench.network?.norms[0] ?? 1); }

  /** dim is the number of variables; 0 where a slice does not say it. */
  private get dim(): number { return this.bench.network ? this.bench.network.parameters ?? 0 : this.bench.state.dim; }

  /** there: full space is that of this view. What was computed beforehand has a kernel of its own. */
  private get there(): boolean {
    const { space, bench: { network, kernel } } = this;
    if (!space || !this.feed.there) return false;
    return !network || (kernel.law === "gaussian" && kernel.convention === "vector" && Math.abs(space.head.delta / this.wide - 1) < 0.02);
  }

  private specs(): PictureSpec[] {
    const { kernel, drawn } = this.bench, { dim } = this, whole: Kernel = { ...kernel, dim }, specs: PictureSpec[] = [];
    if (dim === 2) specs.push({ id: "exact", source: this.checked("exact"), smooth: { kernel, delta: drawn }, errors: null, stale: false });
    else {
      specs.push({ id: "slice", source: "the plane smoothed by a kernel of the plane", smooth: { kernel, delta: drawn }, errors: null, stale: false });
      if (dim > 2) specs.push({ id: "projected", source: "exact: the plane smoothed by what the kernel leaves in it", smooth: { kernel: whole, delta: drawn }, errors: null, stale: false }, this.full());
    }
    specs.push(this.measured());
    return specs;
  }

  private full(): PictureSpec {
    const { space, there } = this;
    if (!space || !(there || this.bench.network)) return { id: "full", source: this.feed.problem || "being computed …", smooth: this.last("full", space), errors: null, stale: true };
    const { head, full } = space;
    if (head.exact.length > 0) return { id: "full", source: this.checked("exact, by formula"), smooth: this.over(head, this.layer(head, head, head.exact, null)), errors: null, stale: !there };
    return this.sampled("full", head, full, there);
  }

  private measured(): PictureSpec {
    const { space, there } = this;
    if (!space || !(there || this.bench.network)) return { id: "measured", source: this.feed.problem || "comes after full space …", smooth: this.last("measured", space), errors: null, stale: true };
    return this.sampled("measured", space.head, space.measured, there);
  }

  /** last is the picture of the view before, while the new one is not there. */
  private last(id: "full" | "measured", space: Space | null): Smooth | null {
    if (!space || this.bench.network || space.head.dim !== this.dim) return null;
    const z = id === "full" && space.head.exact.length > 0 ? space.head.exact : space[id]?.z;
    return z && z.length > 0 ? this.over(space.head, this.layer(z === space.head.exact ? space.head : space[id]!, space.head, z, null)) : null;
  }

  private sampled(id: "full" | "measured", head: SpaceHead, frame: SpaceFrame | null, there: boolean): PictureSpec {
    if (!frame) return { id, source: this.feed.problem || `${id === "full" ? "Monte Carlo" : head.recorded}: being computed …`, smooth: null, errors: null, stale: true };
    if (frame.refused || !frame.z || !frame.stdErr) return { id, source: frame.refused, smooth: null, errors: null, stale: true };
    const layer = this.layer(frame, head, frame.z, frame.stdErr), at = there ? "" : `; computed at δ = ${digits(head.delta)}`;
    return { id, source: `${quality(head, frame, layer.lost)}${at}`, smooth: this.over(head, layer), errors: layer.errors, stale: !there };
  }

  /** checked says how Monte Carlo compares with what is exact. */
  private checked(source: string): string {
    const { space, there, feed: { problem } } = this, full = there ? space?.full : null;
    if (problem) return `${source}. ${problem}`;
    if (full?.refused) return `${source}. No Monte Carlo beside it: ${full.refused}`;
    if (!full?.z || !full.relErr) return `${source}; Monte Carlo beside it is being computed …`;
    const { head } = space!, exact = head.exact.length > 0 ? head.exact : head.base;
    let far = 0, lo = Infinity, hi = -Infinity;
    full.z.forEach((z, i) => {
      const e = exact[i];
      if (typeof z !== "number" || typeof e !== "number") return;
      far = Math.max(far, Math.abs(z - e));
      lo = Math.min(lo, e);
      hi = Math.max(hi, e);
    });
    return `${source}; Monte Carlo, ${count(full.samples)} draws, ± ${share(full.relErr)}, is at most ${digits((100 * far) / (hi - lo), 2)} % away${full.done ? "" : " …"}`;
  }

  private layer(key: SpaceHead | SpaceFrame, head: SpaceHead, z: readonly (number | null)[], stdErr: readonly (number | null)[] | null): Layer { return this.layers.of(key, head, z, stdErr); }

  private over(head: SpaceHead, layer: Layer): Smooth { return over(head, layer, this.bench.kernel); }

  private facts(): Facts {
    const { bench: { network, kernel, drawn }, space, there } = this;
    const apart = network !== null && space !== null && !there;
    this.away.hidden = !apart;
    if (apart) put(this.away.querySelector("span")!, `Full space and measured were computed at δ = ${digits(space.head.delta)}${network.delta ? ` (×${digits(space.head.delta / network.delta)} that of the run)` : ""}, Gaussian kernel, vector convention.`);
    const caution = network && there && this.bench.unit !== network.norms[0] ? `All of this is drawn with noise ×${digits(network.norms[0] / this.bench.unit)} that of the run.` : "";
    return { dim: this.dim, kernel, delta: drawn, name: network ? "L" : "f", unit: network ? " in units of the plane" : "", recorded: space?.head.recorded ?? "", caution };
  }

  /** back goes to the δ and the kernel at which the pictures of a network were computed. */
  private back(): void {
    const { space, bench: { network } } = this;
    if (!space || !network?.delta) return;
    this.bench.change({ m: Number((space.head.delta / network.delta).toPrecision(4)), kernel: "gaussian", convention: "vector" });
    this.bench.setDelta(network.delta / this.bench.unit);
  }
}
