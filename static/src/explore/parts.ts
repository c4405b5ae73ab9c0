// What a link, a class or a frame of another page leaves of the controls: some parts are hidden, some show and cannot be changed.

import type { Part, ViewState } from "../state";

export class Parts {
  private readonly sections: NodeListOf<HTMLElement>;
  private readonly boxes: NodeListOf<HTMLInputElement>;

  /** ticked takes the new lists of the view; what is ticked goes into the link and leaves the hand that ticks alone. */
  constructor(root: HTMLElement, ticked: (part: Pick<ViewState, "hide" | "lock">) => void) {
    this.sections = root.querySelectorAll<HTMLElement>("[data-part]");
    this.boxes = root.querySelectorAll<HTMLInputElement>("input[name=hide], input[name=lock]");
    const listed = (name: string): Part[] => [...this.boxes].filter((box) => box.name === name && box.checked).map((box) => box.value as Part);
    for (const box of this.boxes) box.addEventListener("change", () => ticked({ hide: listed("hide"), lock: listed("lock") }));
  }

  /** show hides and locks what the view says, and all but the kept parts where only some are kept. */
  show({ hide, lock }: ViewState, kept: readonly string[] | null): void {
    for (const section of this.sections) {
      const name = section.dataset.part!;
      // The slider of α is inside of the kernel's part.
      const left = kept === null || kept.includes(name) || (name === "kernel" ? kept.includes("alpha") : name === "alpha");
      section.hidden = !left || hide.some((h) => h === name);
      this.lock(section, lock.some((l) => l === name));
    }
    for (const box of this.boxes) box.checked = (box.name === "hide" ? hide : lock).some((part) => part === box.value);
  }

  /** lock disables the controls of a part, and frees those that it had disabled. */
  private lock(section: HTMLElement, locked: boolean): void {
    if (!locked && !section.querySelector("[data-locked]")) return;
    for (const control of section.querySelectorAll<HTMLInputElement>("input, select, button")) {
      const title = control.dataset.locked; // what the control said of itself, while it is locked
      if (locked === (title !== undefined)) continue;
      control.disabled = locked;
      if (locked) control.dataset.locked = control.title; else delete control.dataset.locked;
      control.title = locked ? "Locked by the link" : title!;
    }
  }
}
