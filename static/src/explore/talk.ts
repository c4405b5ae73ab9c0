// Follow me: the presenter's view goes to everybody who follows; a follower who touches something leaves, and rejoins with a button.

import { read } from "../state";
import type { Bench, Panel } from "./panel";
import { put } from "./put";
import { TalkSocket, type Crowd } from "./talksocket";

const pace = 40; // ms between two views that are sent
const kept = "smoothscape-talk"; // where a presenter's key survives a reload of the page

type Role =
  | { is: "nobody" }
  | { is: "presenter"; id: string; key: string }
  | { is: "follower"; id: string; left: boolean; newest: string | null; applied: string | null };

export class TalkPanel implements Panel {
  private role: Role = { is: "nobody" };
  private socket: TalkSocket | null = null;
  private crowd: Crowd = { followers: 0, presenting: false };
  private trouble = "";
  private applying = false;
  private query: string | null = null; // the newest of this page; null before the first
  private sent: string | null = null; // null: the presenter's view has to be sent
  private timer = 0;
  private readonly bar: HTMLElement;
  private readonly sentence: HTMLElement;
  private readonly action: HTMLButtonElement;
  private readonly toggle: HTMLButtonElement;
  private readonly copy: HTMLButtonElement;

  constructor(private readonly bench: Bench) {
    const get = <T extends HTMLElement>(id: string): T => bench.root.querySelector<T>(`#${id}`)!;
    this.bar = get("talk");
    this.sentence = get("talk-sentence");
    this.action = get("talk-action");
    this.toggle = get("talk-toggle");
    this.copy = get("talk-copy");
    this.toggle.addEventListener("click", () => void this.toggled());
    this.action.addEventListener("click", () => this.acted());
    this.copy.addEventListener("click", () => void this.copied());
    const id = new URLSearchParams(location.search).get("follow"), own = stored();
    if (id !== null && /^[a-z2-7]{6}$/.test(id)) this.enter({ is: "follower", id, left: false, newest: null, applied: null }, null);
    else if (id !== null) this.over();
    else if (own) this.enter({ is: "presenter", ...own }, own.key);
  }

  refresh(): void {}

  /** linked is told the view after each change: the presenter's goes out, a follower's own change leaves the talk. */
  linked(query: string): boolean {
    this.query = query;
    const { role } = this;
    if (role.is === "presenter") this.later();
    if (role.is !== "follower") return false;
    if (this.applying) role.applied = query;
    else if (!role.left && role.applied !== null && query !== role.applied) {
      role.left = true;
      this.show();
    }
    return true; // the address stays that of the talk, so that a reload comes back to it
  }

  private enter(role: Role & { id: string }, key: string | null): void {
    this.role = role;
    this.trouble = "";
    this.socket = new TalkSocket(role.id, key, {
      view: (query) => this.take(query),
      crowd: (crowd) => { this.crowd = crowd; this.trouble = ""; if (this.role.is === "presenter" && this.sent === null) this.later(); this.show(); },
      refused: (sentence) => { this.trouble = sentence; this.show(); },
      over: () => this.over(),
      away: () => { this.trouble = "The connection is lost and being tried again."; this.sent = null; this.show(); },
    });
    this.show();
  }

  private async toggled(): Promise<void> {
    if (this.role.is === "presenter") {
      this.socket?.send({ type: "end" });
      this.over();
      return;
    }
    this.socket?.close();
    let answer: Response;
    try {
      answer = await fetch("/api/talks", { method: "POST" });
    } catch {
      this.bench.warn("The talk could not begin: the server does not answer. Is it still running?");
      return;
    }
    if (!answer.ok) {
      this.bench.warn(`The talk could not begin: the server says ${answer.status}. Try again later.`);
      return;
    }
    const { id, key } = (await answer.json()) as { id: string; key: string };
    sessionStorage.setItem(kept, JSON.stringify({ id, key }));
    this.sent = null;
    this.enter({ is: "presenter", id, key }, key);
  }

  /** later sends the newest view, at most every `pace`. */
  private later(): void {
    if (this.timer !== 0 || this.query === this.sent) return; // both null, too: nothing to send yet
    const send = (): void => {
      this.timer = 0;
      if (this.role.is === "presenter" && this.query !== null && this.query !== this.sent && this.socket?.send({ type: "view", query: this.query })) this.sent = this.query;
    };
    this.timer = window.setTimeout(send, pace);
  }

  private take(query: string): void {
    const { role } = this;
    if (role.is !== "follower") return;
    role.newest = query;
    if (!role.left) this.apply(query);
    this.show();
  }

  /** apply shows the presenter's view; the grid and the size of the type stay the follower's own, as their machine and screen need them. */
  private apply(query: string): void {
    const { n, present } = this.bench.state;
    this.applying = true;
    this.bench.change({ ...read(query), n, present });
    this.applying = false;
  }

  private acted(): void {
    const { role } = this;
    if (role.is !== "follower") return;
    role.left = !role.left;
    if (!role.left && role.newest !== null) this.apply(role.newest);
    this.show();
  }

  private over(): void {
    if (this.role.is === "presenter") sessionStorage.removeItem(kept);
    const followed = this.role.is !== "presenter";
    this.socket?.close();
    this.socket = null;
    this.role = { is: "nobody" };
    this.trouble = followed ? "This talk has ended. Ask for a new link; the picture is yours now." : "";
    this.show();
  }

  private show(): void {
    const { role, crowd, trouble } = this, presents = role.is === "presenter";
    this.toggle.setAttribute("aria-pressed", String(presents));
    put(this.toggle, presents ? "End the talk" : "Follow me");
    this.bar.hidden = role.is === "nobody" && trouble === "";
    this.copy.hidden = !presents;
    this.action.hidden = role.is !== "follower";
    put(this.sentence, trouble || this.words(role, crowd));
    if (role.is === "follower") put(this.action, role.left ? "Rejoin" : "Leave");
    this.bar.dataset.role = role.is === "follower" && role.left ? "left" : role.is;
  }

  private words(role: Role, { followers, presenting }: Crowd): string {
    if (role.is === "presenter") {
      const alone = /^(localhost|127\.|\[::1\])/.test(location.host) ? " This address works on this machine alone: start Smoothscape with --addr and a token to let a class in." : "";
      return `${followers} ${followers === 1 ? "follows" : "follow"} ${followed(role.id)}.${alone}`;
    }
    if (role.is !== "follower") return "";
    if (role.left) return "You left the presenter's view: the picture is yours.";
    return presenting ? "Following the presenter. Touch anything to try it yourself." : "Waiting for the presenter.";
  }

  private async copied(): Promise<void> {
    if (this.role.is !== "presenter") return;
    const address = followed(this.role.id);
    try { await navigator.clipboard.writeText(address); put(this.copy, "Copied"); } catch { put(this.copy, address); }
    window.setTimeout(() => put(this.copy, "Copy its link"), 1600);
  }
}

/** followed is the address that followers open. */
function followed(id: string): string { return `${location.origin}/?follow=${id}`; }

/** stored is the talk that this tab presents. */
function stored(): { id: string; key: string } | null {
  try {
    const { id, key } = JSON.parse(sessionStorage.getItem(kept) ?? "") as { id: unknown; key: unknown };
    return typeof id === "string" && typeof key === "string" ? { id, key } : null;
  } catch {
    return null;
  }
}
