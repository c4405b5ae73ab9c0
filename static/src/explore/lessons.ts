// The lessons: numbered scenes, each one sentence and one thing to do. A presenter's view leaves the sentence, δ and one control.

import { put } from "./put";

export interface Scene { title: string; claim: string; task: string; query: string; control: string; notes: string }

export class Lessons {
  private readonly list: HTMLSelectElement;

  constructor(private readonly root: HTMLElement, private readonly scenes: readonly Scene[], private readonly choose: (number: number) => void) {
    this.list = root.querySelector<HTMLSelectElement>("#scene-list")!;
    this.list.addEventListener("change", () => choose(Number(this.list.value)));
    root.querySelector("#scene-next")!.addEventListener("click", () => this.step(1));
    root.querySelector("#scene-back")!.addEventListener("click", () => this.step(-1));
  }

  /** scene with that number, counted from 1. */
  scene(number: number): Scene | undefined { return this.scenes[number - 1]; }

  /** step goes on or back; before the first and after the last is no lesson. */
  step(by: number): void {
    const count = this.scenes.length + 1;
    this.choose((Number(this.list.value) + by + count) % count);
  }

  /** show writes a lesson; 0 is none. Notes are for who presents. */
  show(number: number, presenting: boolean): void {
    const scene = this.scene(number), get = (id: string): HTMLElement => this.root.querySelector<HTMLElement>(`#${id}`)!;
    this.list.value = String(number);
    this.root.classList.toggle("open", scene !== undefined);
    put(get("scene-title"), scene ? `${number} · ${scene.title}` : "");
    put(get("scene-claim"), scene?.claim ?? "");
    put(get("scene-task"), scene?.task ?? "");
    put(get("scene-notes"), scene && presenting ? scene.notes : "");
  }
}
