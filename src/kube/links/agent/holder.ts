/**
 * Connections that a dialler in a pod opens before a fault and keeps during it (packages/netagent/held.go).
 * Nothing is written to them: every second the kernel probes the peer. Nothing has to release them: 30 s
 * without a request do.
 */
import type { HeldConnections } from '../../../core/acts/link-acts.ts';
import type { RunCommand } from './command.ts';
import type { NetPod } from './net-pods.ts';
import { runNetagent } from './run-netagent.ts';

/** Field for field what netagent writes. */
export interface HeldConnection {
  readonly address: string;
  readonly state: 'open' | 'closed' | 'reset' | 'gone' | 'failed';
  readonly silentMs: number;
  readonly unanswered: number;
  readonly outcome: string;
}

/** Each @throws as a command (command.ts). */
export interface Holder {
  /** Opens one to each of these, replaces any that is held there, and reports all. */
  hold(pod: NetPod, container: string, addresses: readonly string[]): Promise<readonly HeldConnection[]>;
  held(pod: NetPod, container: string): Promise<readonly HeldConnection[]>;
}

/** The shortest time between two keepalives that Linux offers. */
export const ASKED_EVERY_MS = 1000;
/** With the second one sent, the first has been unanswered for a second. */
const FEWEST_UNANSWERED = 2;

export function holderBy(run: RunCommand): Holder {
  return {
    hold: (pod, container, addresses) => runNetagent(run, pod, container, 'hold', ...addresses),
    held: (pod, container) => runNetagent(run, pod, container, 'held'),
  };
}

/** @param askedMs how long ago, at most, these answers were requested. */
export function countHeld(connections: readonly HeldConnection[], askedMs: number): HeldConnections {
  const isSilent = ({ state, unanswered }: HeldConnection): boolean =>
    state === 'gone' || (state === 'open' && unanswered >= FEWEST_UNANSWERED);
  const silent = connections.filter(isSilent);
  const open = connections.filter((one) => one.state === 'open');
  // For one that the kernel gave up, only the two minutes that this took are known.
  const since = silent.filter((one) => one.state === 'open').map((one) => one.silentMs);
  return {
    passing: open.filter((one) => !isSilent(one)).length,
    silent: silent.length,
    ended: connections.filter((one) => one.state !== 'open' && !isSilent(one)).length,
    silentMs: since.length === 0 ? 0 : Math.max(0, Math.min(...since) - askedMs),
    silentBoundMs: askedMs,
    askedEveryMs: ASKED_EVERY_MS,
  };
}
