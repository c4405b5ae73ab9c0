// The live connection to a run's log: opens a websocket at the first offset that the page does not have, and opens it again, with
// growing pauses, whenever it ends. What it delivers has no gap and no repetition, whatever happens to the network or the server.

import { decodeFrame, type Frame, type LogEvent, type Measurement, type Run, type Slice } from "./protocol";

/** connecting: never connected yet; live; away: the connection ended at `since` and is being tried again; gone: there is no such run any more. */
export type Connection = { state: "connecting" } | { state: "live" } | { state: "away"; since: number } | { state: "gone"; since: number };

export interface SocketHandlers {
  /** The log is shorter than what was delivered: the page belongs to another data folder now. Forget everything; offset 0 follows. */
  reset(): void;
  events(events: LogEvent[]): void;
  /** leap reads what the log says before an offset as curves, and gives what puts that in the place of all events so far. */
  leap(next: number): Promise<() => void>;
  /** history: events that are still to come before the page is up to date. */
  run(run: Run, history: number): void;
  slice(slice: Slice): void;
  measurement(measurement: Measurement): void;
  connection(connection: Connection): void;
  /** gone is asked when the server turned a connection down: is the run no longer there? Then nothing is tried again. */
  gone?(): Promise<boolean>;
}

const firstPause = 250, longestPause = 5000; // ms
const silence = 20_000; // ms without a frame from a run that should be sending some, before the connection is given up

export class EventSocket {
  private socket: WebSocket | null = null;
  private next = 0; // first offset that has not been delivered
  private length = 0; // of the log, as far as is known
  private leaping: { next: number; events: LogEvent[] } | null = null; // what follows a leap that is not done
  private leaps = true; // until curves cannot be read: then every event comes
  private pause = firstPause;
  private timer = 0;
  private heard = Date.now(); // last sign of life
  private connected = false; // has a hello ever arrived
  private greeted = false; // has it on this connection
  private busy = false; // the run is in a state that sends frames
  private closed = false;

  /** path is that of the websocket, such as "/ws/runs/7". Call open to start. */
  constructor(private readonly path: string, private readonly handlers: SocketHandlers) {}

  open(): void {
    this.handlers.connection({ state: "connecting" });
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.hurry(); });
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", (e) => { if (e.persisted) { this.closed = false; this.connect(); } });
    window.setInterval(() => { if (this.busy && this.socket?.readyState === WebSocket.OPEN && Date.now() - this.heard > silence) this.drop(); }, 2000);
    this.connect();
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
  }

  private connect(): void {
    window.clearTimeout(this.timer);
    if (this.closed) return;
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("from", String(this.next));
    if (this.leaps) url.searchParams.set("curves", "1");
    this.leaping = null;
    const socket = new WebSocket(url);
    this.socket = socket;
    this.greeted = false;
    socket.onmessage = (e) => { if (socket === this.socket) this.receive(String(e.data)); };
    socket.onclose = () => { if (socket === this.socket) this.lost(); };
  }

  private receive(text: string): void {
    this.heard = Date.now();
    let frame: Frame;
    try {
      frame = decodeFrame(text);
    } catch (cause) { // not our protocol: nothing after it can be trusted; asking again from the last good offset may help
      console.error(cause);
      this.pause = longestPause;
      this.drop();
      return;
    }
    switch (frame.type) {
      case "hello":
        if (frame.length < this.next) { // offsets of a log are stable, so this is another log
          this.next = 0;
          this.handlers.reset();
          if (frame.next !== 0) { this.drop(); return; }
        }
        this.length = frame.length;
        this.pause = firstPause;
        this.connected = this.greeted = true;
        this.handlers.connection({ state: "live" });
        if (frame.next > this.next) void this.leap(frame.next);
        this.run(frame.run);
        break;
      case "events": {
        if (frame.from > this.received) { this.drop(); return; } // a gap: ask for what is missing
        const fresh = frame.events.slice(this.received - frame.from); // what came twice is left out
        if (fresh.length === 0) return;
        this.length = Math.max(this.length, frame.next);
        if (this.leaping) {
          this.leaping.next = frame.next;
          this.leaping.events.push(...fresh);
          return;
        }
        this.next = frame.next;
        this.handlers.events(fresh);
        break;
      }
      case "run":
        this.run(frame.run);
        break;
      case "slice":
        this.handlers.slice(frame.slice);
        break;
      case "measurement":
        this.handlers.measurement(frame.measurement);
    }
  }

  /** received is the first offset that has not come yet, delivered or not. */
  private get received(): number { return this.leaping?.next ?? this.next; }

  /** leap: what was not delivered before an offset comes as curves, and the events from there on after them. */
  private async leap(next: number): Promise<void> {
    const leap = (this.leaping = { next, events: [] as LogEvent[] });
    try {
      const land = await this.handlers.leap(next);
      if (this.leaping !== leap) return; // the connection ended meanwhile, or leapt further
      land();
    } catch (cause) {
      if (this.leaping !== leap) return;
      this.leaps = cause instanceof TypeError; // the network's fault alone
      this.drop(); // asks again
      return;
    }
    this.leaping = null;
    this.next = leap.next;
    this.handlers.events(leap.events);
  }

  private run(run: Run): void {
    this.busy = run.status === "running" || run.status === "pausing" || run.status === "stopping";
    this.handlers.run(run, this.length - this.received);
  }

  /** drop gives up a connection that is open but of no use. */
  private drop(): void {
    const socket = this.socket;
    this.socket = this.leaping = null;
    if (socket) { socket.onmessage = socket.onclose = null; socket.close(); }
    this.lost();
  }

  private lost(): void {
    this.socket = null;
    if (this.closed) return;
    this.handlers.connection(this.connected ? { state: "away", since: this.heard } : { state: "connecting" });
    if (!this.greeted && this.handlers.gone) void this.handlers.gone().then((gone) => { if (gone && !this.greeted) this.end(); });
    // Half of the pause is left to chance, so that a class of browsers does not come back in one stroke.
    this.timer = window.setTimeout(() => this.connect(), this.pause * (0.5 + 0.5 * Math.random()));
    this.pause = Math.min(longestPause, this.pause * 1.7);
  }

  private end(): void {
    this.close();
    this.handlers.connection({ state: "gone", since: this.heard });
  }

  /** hurry tries at once: the network is back, or somebody looks again. */
  private hurry(): void {
    if (this.closed || this.socket) return;
    this.pause = firstPause;
    this.connect();
  }
}
