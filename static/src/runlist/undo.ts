// The line that says what was done, with the button that takes it back. It stays ten seconds, and while the focus or the pointer is on it.

const stay = 10_000; // ms

export class Undo {
  private back: (() => void) | null = null;
  private timer = 0;
  private readonly text: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly end: HTMLButtonElement;

  constructor(private readonly box: HTMLElement) {
    this.text = box.querySelector("p")!;
    [this.button, this.end] = box.querySelectorAll("button") as unknown as [HTMLButtonElement, HTMLButtonElement];
    this.button.addEventListener("click", () => this.undo());
    this.end.addEventListener("click", () => this.say(""));
    for (const event of ["focusout", "pointerleave"]) box.addEventListener(event, () => this.wait());
  }

  /** say shows a sentence; back takes back what it tells of. */
  say(text: string, back: (() => void) | null = null): void {
    this.back = back;
    this.text.textContent = text;
    this.box.classList.toggle("on", text !== "");
    this.button.hidden = !back;
    this.end.hidden = text === "";
    this.wait();
  }

  /** pending says that something can still be taken back. */
  get pending(): boolean { return this.back !== null; }

  focus(): void { this.button.focus({ preventScroll: true }); }

  /** undo takes the last thing back, if that can be done. */
  undo(): boolean {
    const { back } = this;
    this.say("");
    back?.();
    return back !== null;
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => { if (this.box.matches(":focus-within, :hover")) this.wait(); else this.say(""); }, stay);
  }
}
