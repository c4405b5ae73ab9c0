package static_test

import (
	"math"
	"strings"
	"testing"

	"smoothscape/static/browsertest"
)

// Heights on the logarithmic scale, in one script: it is monotone and safe at and below zero, its ends are the box's, its ticks lie
// inside and grow, and its contour lines are five to a decade.
func TestLogarithmicHeights(t *testing.T) {
	b := browsertest.Start(t, 300, 200)
	bad := runScript[[]string](t, b, `
		import { bent, Contours, heightAt, heightTicks, levelOf, unitOfRange, type HeightScale } from "./surface/heights";
		const bad: string[] = [];
		for (const [lo, hi, from] of [[0, 80, 0], [-959, 400, -959], [1e-9, 1e-3, 1e-9], [-5, 5, -4.5], [0, 1e9, 0], [3.2, 3.7, 3.2]] as const) {
			for (const unit of [0, unitOfRange * (hi - from)]) {
				const scale: HeightScale = { lo, hi, from, unit }, name = JSON.stringify(scale);
				if (Math.abs(levelOf(scale, lo)) > 1e-12 || Math.abs(levelOf(scale, hi) - 1) > 1e-12) bad.push(name + " ends");
				let before = -Infinity;
				for (let i = 0; i <= 200; i++) {
					const h = lo + ((hi - lo) * i) / 200, l = levelOf(scale, h), back = heightAt(scale, l);
					if (!(l > before) || !Number.isFinite(bent(scale, h))) bad.push(name + " at " + h);
					if (Math.abs(back - h) > 1e-9 * (hi - lo)) bad.push(name + " back " + back + " from " + h);
					before = l;
				}
				const ticks = heightTicks(scale, 4);
				if (ticks.length < 2 || ticks.some((v, i) => v < lo || v > hi || (i > 0 && v <= ticks[i - 1]!))) bad.push(name + " ticks " + ticks.join());
			}
		}
		const log = new Contours({ lo: 0, hi: 80, from: 0, unit: 0.08 }, 5), even = new Contours({ lo: 0, hi: 80, from: 0, unit: 0 }, 5);
		if (Math.abs(log.index(10) - 5) > 1e-12 || Math.abs(log.height(5) - 10) > 1e-12 || Math.abs(log.index(1)) > 1e-12) bad.push("decades");
		if (even.index(25) !== 5 || even.height(5) !== 25) bad.push("steps");
		if (!Number.isFinite(log.index(0)) || !Number.isFinite(log.index(-3))) bad.push("at zero");
		export default bad;`)
	if len(bad) > 0 {
		t.Error(strings.Join(bad, "\n"))
	}
}

// Marks keep their identity as greedy pairing of the nearest gives it: every pair of an old and a new place, nearest first.
func TestMarkersKeepTheirIdentity(t *testing.T) {
	b := browsertest.Start(t, 300, 200)
	bad := runScript[[]string](t, b, `
		import { Markers } from "./surface/markers";
		const bad: string[] = [];
		let seed = 3;
		const random = (): number => ((seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648);
		for (let round = 0; round < 60; round++) {
			const place = () => ({ x: random(), y: random(), z: 0 }), old = Array.from({ length: Math.floor(30 * random()) }, place), fresh = Array.from({ length: Math.floor(30 * random()) }, place), near = 0.2;
			const pairs: [number, number, number][] = [];
			old.forEach((p, i) => fresh.forEach((q, j) => { const d = Math.hypot(p.x - q.x, p.y - q.y); if (d <= near) pairs.push([d, i, j]); }));
			pairs.sort((a, b) => a[0] - b[0]);
			const moved = new Map<number, number>(), taken = new Set<number>();
			for (const [, i, j] of pairs) if (!moved.has(i) && !taken.has(j)) { moved.set(i, j); taken.add(j); }
			const marks = new Markers();
			marks.replace(old);
			marks.update(fresh, near);
			const kept = (marks as unknown as { marks: { x: number; y: number; dying: boolean }[] }).marks;
			old.forEach((_, i) => {
				const j = moved.get(i), m = kept[i]!;
				if (j === undefined ? !m.dying : m.dying || m.x !== fresh[j]!.x) bad.push("round " + round + " mark " + i);
			});
			if (kept.length !== old.length + fresh.length - taken.size) bad.push("round " + round + ": " + kept.length + " marks");
			while (marks.age(100));
			if (marks.count !== fresh.length) bad.push("round " + round + ": " + marks.count + " alive of " + fresh.length);
		}
		export default bad;`)
	if len(bad) > 0 {
		t.Error(strings.Join(bad, "\n"))
	}
}

// surfaceSetup is a picture of a bowl with a bump in a box of its own, for scripts: host, view, sample(n), and click(x, y).
const surfaceSetup = `
	import { SurfaceView } from "./surface/view";
	import type { Sampled } from "./smoothing";
	const host = document.body.appendChild(document.createElement("div"));
	host.style.cssText = "position:fixed;left:0;top:0;width:400px;height:300px";
	const f = (x: number, y: number): number => x * x + 2 * y * y + Math.exp(-8 * ((x - 0.5) ** 2 + y * y)) - 0.25;
	const sample = (n: number): Sampled => {
		const raw = new Float32Array(n * n);
		for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) raw[r * n + c] = f(-1 + (2 * c) / (n - 1), -1 + (2 * r) / (n - 1));
		return { source: 1, n, lo: -1, hi: 1, halo: 0, raw, range: [-0.25, 3], minima: [{ x: 0, y: 0, z: -0.1 }] };
	};
	const line = { id: "a", points: Float32Array.of(-0.8, -0.8, 0.1, 0.2, 0.6, -0.4), shown: 3, color: "--path-1" };
	const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
	/** ink counts the colors of a canvas around its middle. */
	const ink = (canvas: HTMLCanvasElement): number => {
		const copy = document.createElement("canvas");
		copy.width = copy.height = 60;
		const c = copy.getContext("2d")!;
		c.drawImage(canvas, canvas.width / 2 - 30, canvas.height / 2 - 30, 60, 60, 0, 0, 60, 60);
		return new Set(new Uint32Array(c.getImageData(0, 0, 60, 60).data.buffer)).size;
	};
`

// Where there is no WebGL2 a map is drawn on a 2-D canvas, with the reason; it reads true heights, is moved, and carries lines and numbers.
func TestSurfaceWithoutGraphics(t *testing.T) {
	b := browsertest.Start(t, 500, 400)
	type seen struct {
		Note           string
		Colors, Labels int
		At             []float64
		Moved          bool
		Hidden         bool
	}
	got := runScript[seen](t, b, surfaceSetup+`
		const real = HTMLCanvasElement.prototype.getContext;
		HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) { return kind === "webgl2" ? null : (real as any).call(this, kind, ...rest); } as never;
		let at: number[] = [], moved = false;
		const view = new SurfaceView(host, { axes: { x: "x", y: "y", z: "f" }, probed: (p) => { if (p) at = [p.x, p.y, p.raw]; }, cameraMoved: (c) => { moved = c.panx < 0 && c.pany > 0; } });
		view.sampled(sample(65));
		view.paths = [line];
		view.logarithmic = true;
		view.crosshair = { x: 0.2, y: 0.2 };
		view.knife = { along: "x", at: 0.4 };
		export default (async () => {
			view.draw(false); // a page that was never shown has no animation frames
			await wait(400);
			const canvas = host.querySelector("canvas:not(.surface-flat)")!, box = canvas.getBoundingClientRect(), note = host.querySelector<HTMLElement>(".surface-note")!;
			const send = (type: string, x: number, y: number): unknown => canvas.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1, pointerType: "mouse", button: 0, clientX: box.left + x, clientY: box.top + y }));
			(canvas as any).setPointerCapture = () => {};
			send("pointermove", 200, 150);
			view.draw(false);
			const colors = ink(host.querySelector(".surface-flat")!), labels = [...host.querySelectorAll(".level")].filter((e) => e.textContent).length, seen = at;
			send("pointerdown", 100, 200); send("pointermove", 140, 230); send("pointerup", 140, 230);
			return { Note: note.textContent, Colors: colors, Labels: labels, At: seen, Moved: moved, Hidden: note.hidden };
		})();`)
	if !strings.Contains(got.Note, "WebGL2") || !strings.Contains(got.Note, "map is drawn") || got.Hidden {
		t.Errorf("without WebGL2 the surface says %q (hidden %v)", got.Note, got.Hidden)
	}
	if got.Colors < 8 || got.Labels < 1 {
		t.Errorf("the map has %d colors in its middle and %d numbers on its contour lines", got.Colors, got.Labels)
	}
	if len(got.At) != 3 || got.At[0]*got.At[0]+got.At[1]*got.At[1] > 0.1 || !near(got.At[2], bowl(got.At[0], got.At[1]), 0.01) {
		t.Errorf("the middle of the map reads %v, want the height of f there", got.At)
	}
	if !got.Moved {
		t.Error("a drag to the right and down did not move the map")
	}
}

// Edges are smooth either way: by four samples a pixel where a card draws, and where software does by the density of what rests; while
// something moves, software draws a pixel for a pixel. A smooth edge has pixels that are neither there nor not there.
func TestEdgesAreSmooth(t *testing.T) {
	b := browsertest.Start(t, 500, 400)
	type seen struct {
		Card, Software, Moving float64 // pixels of the canvas to a pixel of the page
		Part, SoftwarePart     int     // pixels of the first picture that are partly covered; of the second
		Failed                 bool
	}
	got := runScript[seen](t, b, surfaceSetup+`
		const real = WebGL2RenderingContext.prototype.getParameter;
		let name = "A graphics card";
		WebGL2RenderingContext.prototype.getParameter = function (this: WebGL2RenderingContext, key: number) { return key === this.RENDERER ? name : real.call(this, key); };
		let failed = false;
		const draw = (coarse: boolean): { density: number; part: number } => {
			const box = host.appendChild(document.createElement("div"));
			box.style.cssText = "position:absolute;inset:0";
			const view = new SurfaceView(box, { axes: { x: "x", y: "y", z: "f" } });
			view.sampled(sample(65));
			view.draw(coarse);
			const canvas = box.querySelector("canvas")!, gl = canvas.getContext("webgl2")!, pixels = new Uint8Array(4 * canvas.width * canvas.height);
			gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
			failed ||= gl.getError() !== 0;
			const part = pixels.filter((v, i) => i % 4 === 3 && v > 0 && v < 255).length, density = canvas.width / box.clientWidth;
			view.close();
			return { density, part };
		};
		const card = draw(false);
		name = "llvmpipe (LLVM 15.0.6, 256 bits)";
		const software = draw(false), moving = draw(true);
		export default { Card: card.density, Part: card.part, Software: software.density, SoftwarePart: software.part, Moving: moving.density, Failed: failed };`)
	if got.Failed || got.Card != 1 || got.Software != 2 || got.Moving != 1 {
		t.Errorf("a card draws %v pixels to a pixel, software %v at rest and %v in motion; want 1, 2, 1; an error of the graphics: %v", got.Card, got.Software, got.Moving, got.Failed)
	}
	if got.Part < 100 || got.SoftwarePart != 0 {
		t.Errorf("%d pixels are partly covered where a card draws, want more than 100; %d where software does, want none", got.Part, got.SoftwarePart)
	}
}

// Where the graphics context is lost a map stands in, with the reason, and the surface comes back with it.
func TestSurfaceSurvivesALostContext(t *testing.T) {
	p := openExplore(t, 640, 480, "?n=129")
	p.settled()
	type seen struct {
		Note         string
		Flat, Colors int
		Hidden       bool
	}
	got := browsertest.Evaluate[seen](p.Browser, `(async () => {
		const canvas = document.querySelector("#surface"), view = document.querySelector("#explore").page.surface, gl = canvas.getContext("webgl2"), loss = gl.getExtension("WEBGL_lose_context");
		const wait = (name) => new Promise((done) => canvas.addEventListener(name, () => setTimeout(done, 50), { once: true }));
		let event = wait("webglcontextlost"); loss.loseContext(); await event;
		view.draw(false);
		const flat = document.querySelector(".surface-flat"), row = flat.getContext("2d").getImageData(flat.width / 2 - 32, flat.height / 2, 64, 1);
		const note = document.querySelector(".surface-note").textContent, shades = new Set(row.data).size;
		event = wait("webglcontextrestored"); loss.restoreContext(); await event;
		view.draw(false);
		const pixels = new Uint8Array(4 * 64);
		gl.readPixels(canvas.width / 2 - 32, canvas.height / 2, 64, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
		return { Note: note, Flat: shades, Colors: new Set(pixels).size, Hidden: document.querySelector(".surface-note").hidden && !document.querySelector(".surface-flat") };
	})()`)
	if !strings.Contains(got.Note, "taken the graphics away") || got.Flat < 8 {
		t.Errorf("while the context is lost the page says %q, and the map has %d shades", got.Note, got.Flat)
	}
	if got.Colors < 8 || !got.Hidden {
		t.Errorf("after the context came back the middle of the picture holds %d values, and the map is gone: %v", got.Colors, got.Hidden)
	}
}

func bowl(x, y float64) float64 { return x*x + 2*y*y + math.Exp(-8*((x-0.5)*(x-0.5)+y*y)) - 0.25 }

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }
