// The websocket of a talk: comes back by itself, after pauses that grow and are partly left to chance, until the talk has ended.

export interface Crowd { followers: number; presenting: boolean }

export interface TalkListener {
  view(query: string): void;
  crowd(crowd: Crowd): void;
  refused(sentence: string): void;
  /** over: the talk has ended, or there is none of that name. */
  over(): void;
  away(): void; // the connection is lost and being tried again
}

const firstPause = 250, longestPause = 5000; // ms

export class TalkSocket {
  private socket: WebSocket | null = null;
  private pause = firstPause;
  private timer = 0;
  private closed = false;
  private failures = 0; // attempts in a row that did not open

  /** key is the presenter's, or null for a follower. */
  constructor(private readonly id: string, private readonly key: string | null, private readonly listener: TalkListener) { this.connect(); }

  /** send says something now; false: there is no connection, and whoever presents sends the newest view when there is one again. */
  send(message: { type: "view"; query: string } | { type: "end" }): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.socket?.close();
  }

  private connect(): void {
    const url = new URL(`/ws/talks/${this.id}`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.failures = 0;
      this.pause = firstPause;
      socket.send(JSON.stringify(this.key === null ? { type: "follow" } : { type: "present", key: this.key }));
    };
    socket.onmessage = (e) => this.take(String(e.data));
    socket.onclose = () => void this.lost();
  }

  private take(text: string): void {
    const frame = JSON.parse(text) as { type: string; query?: string; sentence?: string; followers?: number; presenting?: boolean };
    switch (frame.type) {
      case "view": this.listener.view(frame.query ?? ""); break;
      case "crowd": this.listener.crowd({ followers: frame.followers ?? 0, presenting: frame.presenting ?? false }); break;
      case "refused": this.listener.refused(frame.sentence ?? ""); break;
      case "end": this.close(); this.listener.over(); break;
    }
  }

  private async lost(): Promise<void> {
    if (this.closed) return;
    // A socket does not say why it did not open; a page does.
    if (++this.failures > 1 && (await gone(this.id))) {
      this.closed = true;
      this.listener.over();
      return;
    }
    this.listener.away();
    this.timer = window.setTimeout(() => { if (!this.closed) this.connect(); }, this.pause * (0.5 + 0.5 * Math.random()));
    this.pause = Math.min(longestPause, this.pause * 1.7);
  }
}

/** gone says whether the server answers and knows no such talk. */
async function gone(id: string): Promise<boolean> {
  try {
    return (await fetch(`/api/talks/${id}`)).status === 404;
  } catch {
    return false;
  }
}
