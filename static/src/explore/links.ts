// The view's link: in the address bar, on the figure, in the clipboard, and as HTML for a frame of another page.

import { copyText } from "../copy";

export class Links {
  private timer = 0;

  /** query gives the view's query at any time. */
  constructor(private readonly root: HTMLElement, private readonly query: () => string) {
    this.get("copy-link").addEventListener("click", () => void this.copy());
    this.get("copy-embed").addEventListener("click", () => void copyText(this.get("copy-embed"), this.frame(), "The clipboard is blocked"));
  }

  /** keep brings the links up to date, a moment after the last call, for browsers refuse too many changes. held: the address stays as it is. */
  keep(held: boolean): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const query = this.query();
      if (!held && query !== location.search) history.replaceState(null, "", `${location.pathname}${query}`);
      this.get<HTMLAnchorElement>("figure").href = `/figure.png${query}`;
      this.get<HTMLAnchorElement>("embed-origin").href = `/${query}`;
    }, 200);
  }

  /** copy puts the link into the clipboard, or at least into the address bar. */
  async copy(): Promise<void> {
    const address = `${location.origin}/${this.query()}`;
    if (!(await copyText(this.get("copy-link"), address, "In the address bar"))) history.replaceState(null, "", address);
  }

  private frame(): string {
    const address = `${location.origin}/embed${this.query()}`.replaceAll("&", "&amp;");
    return `<iframe src="${address}" width="960" height="600" title="Smoothscape: a loss, smoothed as SGD smooths it" loading="lazy" allow="fullscreen"></iframe>`;
  }

  private get<T extends HTMLElement = HTMLElement>(id: string): T { return this.root.querySelector<T>(`#${id}`)!; }
}
