// The Explore page's entry.

import { ExplorePage } from "./explore/page";

const root = document.querySelector<HTMLElement>("#explore");
if (root) Object.defineProperty(root, "page", { value: new ExplorePage(root) }); // for measurements: document.querySelector("#explore").page.timings
