/**
 * One direction of one connection: bytes from `source` to `sink`, in order, delayed by the link's effects.
 * Promises: without effects a chunk is forwarded in the same turn of the event loop, with effects never
 * earlier than they demand; at most `queueLimitBytes` (plus one read) wait here, the rest waits in the
 * sender's buffers; the end of a stream is forwarded after its bytes.
 */
import type { Socket } from 'node:net';
import { Alarm, type AlarmClock } from './alarm-clock.ts';
import { CLEAR, type LaneEffects } from './lane-effects.ts';

type Held =
  | { readonly kind: 'bytes'; readonly chunk: Buffer; readonly takenAt: number; dueAt: number }
  | { readonly kind: 'end' | 'reset'; dueAt: number };

/** A proxy that was stopped for longer does not compensate with a burst. */
const LONGEST_CATCH_UP_MS = 100;

/** Shared by all lanes of one direction of a link; see LinkFlow. */
export interface LaneCounter {
  bytes: number;
  chunks: number;
  heldMs: number;
}

export class Lane {
  /** True once the source has ended. */
  ended = false;
  readonly #source: Socket;
  readonly #counter: LaneCounter;
  #sink: Socket | undefined;
  #effects: LaneEffects;
  #queue: Held[] = [];
  #queuedBytes = 0;
  /** Bytes of the first chunk that were already sent. */
  #offset = 0;
  #slice: { readonly bytes: number; readonly releaseAt: number } | undefined;
  #lastReleaseAt = 0;
  #blocked = false;
  #closed = false;
  readonly #alarm: Alarm;

  constructor(source: Socket, counter: LaneCounter, effects: LaneEffects, clock: AlarmClock) {
    this.#source = source;
    this.#counter = counter;
    this.#effects = effects;
    this.#alarm = new Alarm(clock, () => this.#pump());
    // Attaching a listener would start the flow, even into a cut.
    source.pause();
    source.on('data', this.#onData);
    source.on('end', this.#onEnd);
  }

  /** True when no byte waits in it. */
  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** The bytes that a cut holds back here. */
  get stuckBytes(): number {
    return this.#effects.cut ? this.#queuedBytes : 0;
  }

  /** Sets or replaces the lane's sink; until there is one, bytes wait, up to the queue's limit. */
  connect(sink: Socket): void {
    this.#sink?.off('drain', this.#onDrain);
    this.#blocked = false;
    this.#sink = sink;
    sink.on('drain', this.#onDrain);
    this.#pump();
  }

  /**
   * Applies new effects immediately, also to waiting bytes: an impairment that ended delays nothing any more.
   */
  change(effects: LaneEffects): void {
    this.#effects = effects;
    this.#slice = undefined;
    this.#lastReleaseAt = performance.now();
    const latest = performance.now() + effects.longestDelayMs;
    for (const held of this.#queue) held.dueAt = Math.min(held.dueAt, latest);
    this.#pump();
  }

  /** The source broke off: the sink is reset after all earlier bytes have arrived, and not during a cut. */
  sourceWasReset(): void {
    this.#hold({ kind: 'reset', dueAt: 0 });
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#alarm.clear();
    this.#source.off('data', this.#onData);
    this.#source.off('end', this.#onEnd);
    this.#sink?.off('drain', this.#onDrain);
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** Resumes or pauses reading, as room and effects allow. */
  flow(): void {
    // During a cut one read is accepted and no more: it shows that the peer wants to send.
    const isFull = this.#effects.cut
      ? this.#queue.length > 0
      : this.#queuedBytes >= this.#effects.queueLimitBytes;
    const read = !this.#blocked && !isFull && !this.#closed;
    if (read === this.#source.isPaused()) {
      if (read) this.#source.resume();
      else this.#source.pause();
    }
  }

  #onData = (chunk: Buffer): void => {
    if (this.#effects === CLEAR && this.#queue.length === 0 && this.#sink) {
      this.#counter.bytes += chunk.length;
      this.#counter.chunks += 1;
      if (!this.#sink.write(chunk)) {
        this.#blocked = true;
        this.#source.pause();
      }
      return;
    }
    this.#hold({ kind: 'bytes', chunk, takenAt: performance.now(), dueAt: 0 });
    this.#queuedBytes += chunk.length;
    this.#pump();
  };

  #onEnd = (): void => {
    this.ended = true;
    this.#hold({ kind: 'end', dueAt: 0 });
    this.#pump();
  };

  #onDrain = (): void => {
    this.#blocked = false;
    // The line was free while the receiver did not read: that time is lost, not saved up.
    if (this.#queue.length > 0) this.#lastReleaseAt = performance.now();
    this.#pump();
  };

  /**
   * First in, first out: a chunk with less jitter waits for the one before it, because bytes of one stream
   * keep their order.
   */
  #hold(held: Held): void {
    held.dueAt = performance.now() + this.#effects.delayMs();
    this.#queue.push(held);
  }

  /** Sends all bytes that are due and sets the alarm for the next ones. */
  #pump(): void {
    this.#alarm.clear();
    while (!this.#closed && !this.#blocked && !this.#effects.cut && this.#sink) {
      const held = this.#queue[0];
      if (!held) break;
      const sendAt = this.#sendAt(held);
      if (sendAt > performance.now()) {
        this.#alarm.set(sendAt);
        break;
      }
      this.#send(held, this.#sink);
    }
    this.flow();
  }

  #sendAt(held: Held): number {
    const { pacers } = this.#effects;
    if (held.kind !== 'bytes' || pacers.length === 0) return held.dueAt;
    if (performance.now() < held.dueAt) return held.dueAt;
    if (!this.#slice) {
      const bytes = Math.min(held.chunk.length - this.#offset, ...pacers.map((pacer) => pacer.sliceBytes));
      const readyAt = Math.max(held.dueAt, this.#lastReleaseAt, performance.now() - LONGEST_CATCH_UP_MS);
      const releaseAt = Math.max(...pacers.map((pacer) => pacer.reserve(bytes, readyAt)));
      this.#slice = { bytes, releaseAt };
    }
    return this.#slice.releaseAt;
  }

  #send(held: Held, sink: Socket): void {
    if (held.kind !== 'bytes') {
      this.#queue.shift();
      if (held.kind === 'end') sink.end();
      else if (!sink.destroyed) sink.resetAndDestroy();
      return;
    }
    const left = held.chunk.length - this.#offset;
    const bytes = Math.min(left, this.#slice?.bytes ?? left);
    const part =
      bytes === held.chunk.length ? held.chunk : held.chunk.subarray(this.#offset, this.#offset + bytes);
    this.#lastReleaseAt = this.#slice?.releaseAt ?? this.#lastReleaseAt;
    this.#slice = undefined;
    this.#offset += bytes;
    if (bytes === left) {
      this.#queue.shift();
      this.#offset = 0;
      this.#counter.chunks += 1;
      this.#counter.heldMs += performance.now() - held.takenAt;
    }
    this.#queuedBytes -= bytes;
    this.#counter.bytes += bytes;
    if (!sink.write(part)) this.#blocked = true;
  }
}
