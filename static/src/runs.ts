// The list of runs and the form for a new one.

import { RunForm, type FormHints } from "./run/form";
import { RunList } from "./runlist/page";

const list = document.querySelector<HTMLElement>("#runs");
if (list) new RunList(list);

const form = document.querySelector<HTMLFormElement>("#new-run"), hints = document.querySelector("#new-run-hints")?.textContent;
if (form && hints) new RunForm(form, JSON.parse(hints) as FormHints);
