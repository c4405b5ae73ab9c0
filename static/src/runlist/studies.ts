// The lines over the runs of a study: its name, which leads to the comparison, and how many runs are shown of it.

import { put } from "../explore/put";
import { count } from "../numbers";

export class StudyHeads {
  private readonly lines = new Map<string, HTMLElement>();

  constructor(private readonly template: HTMLTemplateElement) {}

  of(study: string, runs: number): HTMLElement {
    let line = this.lines.get(study);
    if (!line) {
      line = this.template.content.firstElementChild!.cloneNode(true) as HTMLElement;
      line.querySelector("a")!.href = `/compare?study=${encodeURIComponent(study)}`;
      this.lines.set(study, line);
      void this.name(study, line.querySelector("a")!);
    }
    put(line.querySelector("small")!, runs === 1 ? "1 run" : `${count(runs)} runs`);
    return line;
  }

  /** name asks for the name; without one the line says what it is. */
  private async name(study: string, link: HTMLElement): Promise<void> {
    try {
      const answer = await fetch(`/api/studies/${encodeURIComponent(study)}`);
      if (answer.ok) put(link, ((await answer.json()) as { name: string }).name);
    } catch { /* away */ }
  }
}
