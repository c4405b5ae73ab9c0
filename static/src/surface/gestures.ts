// Pointer, wheel and keys on the canvas. One pointer turns, two zoom and turn, the wheel zooms with Ctrl or on the focused picture,
// a tap or a hover reads.

export interface Gestures {
  turn(yaw: number, pitch: number): void; // radians
  zoom(factor: number): void;
  reset(): void;
  tap(left: number, top: number): void; // pressed and let go without a drag
  point(left: number, top: number): void; // pixels from the canvas's corner
  leave(): void;
  grab(left: number, top: number): boolean; // something to drag is there: this pointer drags it and turns nothing
  drag(left: number, top: number): void;
}

const radiansPerPixel = 0.007;
const still = 5; // pixels that a tap may move

export class GestureListener {
  private readonly down = new Map<number, { x: number; y: number }>();
  private readonly stop = new AbortController();
  private dragging: number | null = null; // pointer that drags
  private press: { x: number; y: number } | null = null; // where the only pointer went down, until it has moved away

  constructor(private readonly canvas: HTMLCanvasElement, private readonly gestures: Gestures) {
    const { signal } = this.stop, on = { signal };
    canvas.addEventListener("pointerdown", (e) => this.pressed(e), on);
    canvas.addEventListener("pointermove", (e) => this.moved(e), on);
    canvas.addEventListener("pointerup", (e) => this.released(e), on);
    canvas.addEventListener("pointercancel", (e) => this.released(e), on);
    canvas.addEventListener("pointerleave", (e) => { if (e.pointerType === "mouse") gestures.leave(); }, on);
    canvas.addEventListener("wheel", (e) => this.wheel(e), { signal, passive: false });
    canvas.addEventListener("dblclick", () => gestures.reset(), on);
    canvas.addEventListener("keydown", (e) => this.key(e), on);
  }

  close(): void { this.stop.abort(); }

  private pressed(e: PointerEvent): void {
    this.canvas.setPointerCapture(e.pointerId);
    this.press = this.down.size === 0 && e.button === 0 ? { x: e.clientX, y: e.clientY } : null;
    if (this.down.size === 0 && this.dragging === null && this.gestures.grab(...this.place(e))) this.dragging = e.pointerId;
    else this.down.set(e.pointerId, { x: e.clientX, y: e.clientY });
    this.read(e);
  }

  private released(e: PointerEvent): void {
    this.down.delete(e.pointerId);
    if (this.press && e.type === "pointerup" && this.dragging !== e.pointerId) this.gestures.tap(...this.place(e));
    this.press = null;
    if (this.dragging === e.pointerId) this.dragging = null;
  }

  private moved(e: PointerEvent): void {
    if (this.press && Math.hypot(e.clientX - this.press.x, e.clientY - this.press.y) > still) this.press = null;
    if (this.dragging === e.pointerId) this.gestures.drag(...this.place(e));
    const before = this.down.get(e.pointerId);
    if (!before) { this.read(e); return; }
    const dx = e.clientX - before.x, dy = e.clientY - before.y, fingers = this.down.size;
    if (fingers === 2) {
      const other = [...this.down].find(([id]) => id !== e.pointerId)![1];
      const then = Math.hypot(before.x - other.x, before.y - other.y), now = Math.hypot(e.clientX - other.x, e.clientY - other.y);
      if (then > 10) this.gestures.zoom(now / then);
    }
    this.down.set(e.pointerId, { x: e.clientX, y: e.clientY });
    this.gestures.turn((-dx * radiansPerPixel) / fingers, (dy * radiansPerPixel) / fingers);
  }

  /** A plain wheel scrolls the page where the page is longer than the window; over a picture that has the focus, and with Ctrl (a pinch on a touchpad), it zooms. */
  private wheel(e: WheelEvent): void {
    const scrolls = document.documentElement.scrollHeight > innerHeight + 1;
    if (scrolls && !e.ctrlKey && document.activeElement !== this.canvas) return;
    e.preventDefault();
    this.gestures.zoom(Math.exp(-Math.max(-60, Math.min(60, e.deltaY)) * (e.ctrlKey ? 0.01 : 0.003)));
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const { gestures } = this, turn = e.shiftKey ? 0.3 : 0.08;
    switch (e.key) {
      case "ArrowLeft": gestures.turn(-turn, 0); break;
      case "ArrowRight": gestures.turn(turn, 0); break;
      case "ArrowUp": gestures.turn(0, turn); break;
      case "ArrowDown": gestures.turn(0, -turn); break;
      case "+": case "=": gestures.zoom(1.15); break;
      case "-": gestures.zoom(1 / 1.15); break;
      case "Home": gestures.reset(); break;
      default: return;
    }
    e.preventDefault();
  }

  private read(e: PointerEvent): void { this.gestures.point(...this.place(e)); }

  private place(e: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }
}
