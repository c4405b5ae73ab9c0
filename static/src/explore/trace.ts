// How long a drag takes: from the change of a control to the draw calls for that very value, by sequence number.

const most = 1000; // measurements kept

export class Trace {
  private readonly started = new Map<number, number>();
  readonly latencies: number[] = []; // ms, input → draw calls issued
  readonly compute: number[] = []; // ms in the worker
  first = 0; // ms from navigation to the first drawing of f̂

  asked(seq: number): void {
    this.started.set(seq, performance.now());
    if (this.started.size > most) this.started.delete(this.started.keys().next().value!);
  }

  computed(_seq: number, milliseconds: number): void { keep(this.compute, milliseconds); }

  drawn(seq: number): void {
    const now = performance.now(), start = this.started.get(seq);
    this.first ||= now;
    if (start !== undefined) keep(this.latencies, now - start);
    for (const s of this.started.keys()) if (s <= seq) this.started.delete(s);
  }
}

function keep(list: number[], v: number): void {
  list.push(v);
  if (list.length > most) list.shift();
}
