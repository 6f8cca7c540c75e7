/**
 * The combined effect of a link's impairments on one direction of its connections. Several compose: one cut
 * is enough to cut, latencies add up, and a byte must pass every throttle (so the slowest decides).
 */
import type { LinkDirection, LinkEffect } from '../../../src/core/acts/link-acts.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { Pacer } from './pacer.ts';

/** `upstream` is towards the server. */
export type Direction = 'upstream' | 'downstream';

export interface LaneEffects {
  readonly cut: boolean;
  /** The delay of the next chunk in ms, drawn anew each time. */
  delayMs(): number;
  readonly longestDelayMs: number;
  readonly pacers: readonly Pacer[];
  /** Bytes that may wait in a lane before its source is paused. */
  readonly queueLimitBytes: number;
}

/**
 * One impairment's effect with its state: the line and the random numbers that all lanes of all its links
 * share.
 */
export interface ActiveEffect {
  readonly cut: Readonly<Record<Direction, boolean>>;
  /** Connections are reset: open ones once, new ones as soon as they are accepted. */
  readonly reset: boolean;
  /** New connections get this answer and are closed. Empty: they are only closed. Undefined: they are not. */
  readonly rejectsWith: string | undefined;
  readonly longestDelayMs: number;
  delayMs(): number;
  readonly pacers: Readonly<Record<Direction, Pacer | undefined>>;
}

const SMALLEST_QUEUE_BYTES = 64 * 1024;
const LARGEST_QUEUE_BYTES = 16 * 1024 * 1024;
/** With latency only, the queue must hold what a fast link carries in that time: 1 Gbit/s. */
const UNLIMITED_BYTES_PER_MS = 125_000;
/** Added to latency × bandwidth, so that a paused source is read again before the line runs dry. */
const REFILL_MS = 50;

export const CLEAR: LaneEffects = {
  cut: false,
  delayMs: () => 0,
  longestDelayMs: 0,
  pacers: [],
  queueLimitBytes: SMALLEST_QUEUE_BYTES,
};

/**
 * Latency is added once per round trip, on the way to the server: a request and its answer together take
 * `latencyMs` longer. The handshake of a new connection is the proxy's own and is not delayed.
 */
export function activate(effect: LinkEffect): ActiveEffect {
  if (effect.kind !== 'throttle') {
    const isCut = (direction: LinkDirection): boolean =>
      effect.kind === 'cut' && (effect.direction ?? direction) === direction;
    return {
      cut: { upstream: isCut('to-server'), downstream: isCut('to-client') },
      reset: effect.kind === 'reset',
      rejectsWith: effect.kind === 'reject' ? (effect.answer ?? '') : undefined,
      longestDelayMs: 0,
      delayMs: () => 0,
      pacers: { upstream: undefined, downstream: undefined },
    };
  }
  const { latencyMs = 0, jitterMs = 0, bitsPerSecond } = effect;
  const rng = seededRng(effect.seed ?? 1);
  const line = (): Pacer | undefined => (bitsPerSecond === undefined ? undefined : new Pacer(bitsPerSecond));
  return {
    cut: { upstream: false, downstream: false },
    reset: false,
    rejectsWith: undefined,
    longestDelayMs: latencyMs + jitterMs,
    delayMs: () => (jitterMs === 0 ? latencyMs : latencyMs + (rng.next() * 2 - 1) * jitterMs),
    pacers: { upstream: line(), downstream: line() },
  };
}

export function compose(active: readonly ActiveEffect[], direction: Direction): LaneEffects {
  const pacers = active.flatMap((one) => one.pacers[direction] ?? []);
  const delayed = direction === 'upstream' ? active.filter((one) => one.longestDelayMs > 0) : [];
  const longestDelayMs = delayed.reduce((sum, one) => sum + one.longestDelayMs, 0);
  const cut = active.some((one) => one.cut[direction]);
  // Also when other impairments affect only the other direction: this one keeps its fast path.
  if (!cut && pacers.length === 0 && delayed.length === 0) return CLEAR;
  return {
    cut,
    delayMs: () => delayed.reduce((sum, one) => sum + one.delayMs(), 0),
    longestDelayMs,
    pacers,
    queueLimitBytes: queueLimit(pacers, longestDelayMs),
  };
}

function queueLimit(pacers: readonly Pacer[], longestDelayMs: number): number {
  const bytesPerMs = Math.min(UNLIMITED_BYTES_PER_MS, ...pacers.map((pacer) => pacer.bytesPerMs));
  const wanted =
    pacers.length + longestDelayMs === 0 ? 0 : Math.ceil(bytesPerMs * (longestDelayMs + REFILL_MS));
  return Math.min(LARGEST_QUEUE_BYTES, Math.max(SMALLEST_QUEUE_BYTES, wanted));
}
