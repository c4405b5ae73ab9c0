// Pointers, wheel and keys on the canvas. A mouse turns, with Shift or its right button it moves what is looked at, and the wheel
// zooms with Ctrl or on the focused picture; a hover reads. Of fingers two turn and zoom; one scrolls the page, and reads with a tap
// or a long press. Where the page cannot scroll, on the full screen, one finger turns.

export interface Gestures {
  turn(yaw: number, pitch: number): void; // radians
  pan(right: number, down: number): void; // pixels that the picture is dragged
  zoom(factor: number): void;
  reset(): void;
  tap(left: number, top: number): void; // pressed and let go without a drag
  point(left: number, top: number): void; // pixels from the canvas's corner
  leave(): void;
  grab(left: number, top: number): boolean; // something to drag is there: this pointer drags it and turns nothing
  drag(left: number, top: number): void;
  readonly flat: boolean; // the picture is a map, which is moved where a surface would be turned
}

const radiansPerPixel = 0.007;
const still = 7; // pixels that a tap may move
const long = 350; // ms of a long press
const step = 40; // pixels that a key moves the picture

interface Pointer { x: number; y: number; touch: boolean; pans: boolean }

export class GestureListener {
  private readonly down = new Map<number, Pointer>();
  private readonly stop = new AbortController();
  private dragging: number | null = null; // pointer that drags
  private press: { x: number; y: number; time: number } | null = null; // where and when the only pointer went down, until it has moved away
  private reading = false; // a finger was held long enough to read
  private timer = 0;

  constructor(private readonly canvas: HTMLCanvasElement, private readonly gestures: Gestures) {
    const { signal } = this.stop, on = { signal }, active = { signal, passive: false };
    canvas.addEventListener("pointerdown", (e) => this.pressed(e), on);
    canvas.addEventListener("pointermove", (e) => this.moved(e), on);
    canvas.addEventListener("pointerup", (e) => this.released(e), on);
    canvas.addEventListener("pointercancel", (e) => this.released(e), on);
    canvas.addEventListener("pointerleave", (e) => { if (e.pointerType === "mouse") gestures.leave(); }, on);
    canvas.addEventListener("wheel", (e) => this.wheel(e), active);
    canvas.addEventListener("dblclick", () => gestures.reset(), on);
    canvas.addEventListener("contextmenu", (e) => e.preventDefault(), on);
    canvas.addEventListener("keydown", (e) => this.key(e), on);
    // What is not stopped here the browser scrolls, and takes the pointer away.
    canvas.addEventListener("touchstart", (e) => this.hold(e), active);
    canvas.addEventListener("touchmove", (e) => this.hold(e), active);
  }

  close(): void {
    this.stop.abort();
    window.clearTimeout(this.timer);
  }

  private hold(e: TouchEvent): void {
    if (e.cancelable && (e.touches.length > 1 || this.dragging !== null || this.reading || document.fullscreenElement)) e.preventDefault();
  }

  private pressed(e: PointerEvent): void {
    const touch = e.pointerType === "touch", at = this.place(e);
    this.canvas.setPointerCapture(e.pointerId);
    this.quiet();
    this.press = this.down.size === 0 && e.button === 0 ? { x: e.clientX, y: e.clientY, time: e.timeStamp } : null;
    if (this.down.size === 0 && this.dragging === null && e.button === 0 && this.gestures.grab(...at)) this.dragging = e.pointerId;
    else this.down.set(e.pointerId, { x: e.clientX, y: e.clientY, touch, pans: e.shiftKey || e.button === 2 });
    if (!touch) this.gestures.point(...at);
    else if (this.press && this.dragging === null) this.timer = window.setTimeout(() => { this.reading = true; this.gestures.point(...at); }, long);
  }

  private released(e: PointerEvent): void {
    this.down.delete(e.pointerId);
    if (this.press && e.type === "pointerup" && this.dragging !== e.pointerId && !this.reading) {
      this.gestures.point(...this.place(e));
      this.gestures.tap(...this.place(e));
    }
    this.quiet();
    if (this.dragging === e.pointerId) this.dragging = null;
  }

  /** quiet ends what a single press may become. */
  private quiet(): void {
    window.clearTimeout(this.timer);
    this.press = null;
    this.reading = false;
  }

  private moved(e: PointerEvent): void {
    if (this.press && Math.hypot(e.clientX - this.press.x, e.clientY - this.press.y) > still) {
      // By the finger's own clock: on a busy page the timer may run out before a move that was made in time is heard of.
      if (this.reading && e.timeStamp - this.press.time < long) { this.reading = false; this.gestures.leave(); }
      this.press = null;
      if (!this.reading) window.clearTimeout(this.timer);
    }
    if (this.dragging === e.pointerId) this.gestures.drag(...this.place(e));
    const before = this.down.get(e.pointerId), { gestures } = this;
    if (!before || this.reading) { gestures.point(...this.place(e)); return; }
    const dx = e.clientX - before.x, dy = e.clientY - before.y, fingers = this.down.size;
    if (fingers === 2) {
      const other = [...this.down].find(([id]) => id !== e.pointerId)![1];
      const then = Math.hypot(before.x - other.x, before.y - other.y), now = Math.hypot(e.clientX - other.x, e.clientY - other.y);
      if (then > 10) gestures.zoom(now / then);
    } else if (before.touch && !document.fullscreenElement) return; // the finger scrolls the page
    before.x = e.clientX;
    before.y = e.clientY;
    if (this.press) return; // perhaps a tap
    if (before.pans || gestures.flat) gestures.pan(dx / fingers, dy / fingers);
    else gestures.turn((-dx * radiansPerPixel) / fingers, (dy * radiansPerPixel) / fingers);
  }

  /** A plain wheel scrolls the page where the page is longer than the window; over a picture that has the focus, and with Ctrl (a pinch on a touchpad), it zooms. */
  private wheel(e: WheelEvent): void {
    const scrolls = document.documentElement.scrollHeight > innerHeight + 1 && !document.fullscreenElement;
    if (scrolls && !e.ctrlKey && document.activeElement !== this.canvas) return;
    e.preventDefault();
    this.gestures.zoom(Math.exp(-Math.max(-60, Math.min(60, e.deltaY)) * (e.ctrlKey ? 0.01 : 0.003)));
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const { gestures } = this, arrow = arrows[e.key];
    if (arrow) {
      if (e.shiftKey || gestures.flat) gestures.pan(-step * arrow[0], -step * arrow[1]); else gestures.turn(0.08 * arrow[0], -0.08 * arrow[1]);
    } else switch (e.key) {
      case "+": case "=": gestures.zoom(1.15); break;
      case "-": gestures.zoom(1 / 1.15); break;
      case "Home": gestures.reset(); break;
      default: return;
    }
    e.preventDefault();
  }

  private place(e: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }
}

/** Right and down, in steps. */
const arrows: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
