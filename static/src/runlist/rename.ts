// A run's name as a field in the place of its link: Enter or leaving it saves, Esc gives the name back.

import type { Run } from "../protocol";
import { change } from "./api";
import type { Row } from "./row";

export function rename(row: Row, template: HTMLTemplateElement, saved: (run: Run) => void, failed: (sentence: string) => void): void {
  const link = row.part<HTMLAnchorElement>("name"), field = template.content.firstElementChild!.cloneNode() as HTMLInputElement;
  if (link.hidden) return;
  field.value = row.run.name;
  link.hidden = true;
  link.after(field);
  field.select();
  let over = false;
  const end = (save: boolean, back: boolean): void => {
    if (over) return;
    over = true;
    const name = field.value.trim();
    const close = (): void => { field.remove(); link.hidden = false; if (back) link.focus(); };
    if (!save || name === "" || name === row.run.name) { close(); return; }
    field.readOnly = true;
    change(row.run.id, { name }).then((run) => { saved(run); close(); }, (e: Error) => {
      over = field.readOnly = false;
      failed(`Not renamed: ${e.message} The new name is still in its field.`);
    });
  };
  field.addEventListener("keydown", (e) => {
    e.stopPropagation();
    if (e.key === "Enter") end(true, true);
    if (e.key === "Escape") end(false, true);
  });
  field.addEventListener("blur", () => end(true, false));
}
