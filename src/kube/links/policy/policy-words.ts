/**
 * The texts of cuts by NetworkPolicy: what they cannot do, what is unknown before, and why one is no longer a
 * cut.
 */

import type { LinkEffect } from '../../../core/acts/link-acts.ts';
import { EffectLost, GauntletError } from '../../../core/errors.ts';
import type { Seen } from './link-dialler.ts';

/** For `gauntlet doctor`, which only reads. */
export const CAUTION =
  'by NetworkPolicy: only a fault shows whether the CNI enforces it, including on open connections; if not, the fault is reported as not injected';

/** @param others policies that may be the cause. */
export function lostOn(name: string, { good, bad, held }: Seen, others: readonly string[]): EffectLost {
  const isHeld = held.passing + held.silent + held.ended;
  return new EffectLost('unavailable', [
    {
      subject: `link ${name}`,
      expected: 'no connection to pass while it is cut',
      got: `${good} of ${good + bad} new connections and ${held.passing} of ${isHeld} held ones`,
      ...(others.length > 0 && { next: staysAllowed(others) }),
    },
  ]);
}

const staysAllowed = (others: readonly string[]): string =>
  `Traffic that other policies on these pods allow stays allowed: ${others.join(', ')}.`;

export function refuseOther(effect: LinkEffect): void {
  if (effect.kind === 'cut' && effect.direction === undefined) return;
  throw new GauntletError('refused', [
    {
      subject: 'kubernetes.network: network-policy',
      expected: 'cut-link: a NetworkPolicy either allows connections or not',
      got: effect.kind === 'cut' ? 'one direction' : effect.kind,
      next: 'Use kubernetes: { network: agent }.',
    },
  ]);
}

export const notDialled = (name: string): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: `link ${name}`,
      expected: 'a Service with a TCP port that can be dialled before the fault',
      got: 'none that answers from every pod',
      next: 'Without it a cut cannot be distinguished from a missing Service. Use kubernetes: { network: agent }.',
    },
  ]);

export const notesOf = (image: string, others: readonly string[]): readonly string[] => [
  'The CNI enforces a NetworkPolicy and decides whether it cuts open connections: Calico and kube-router do not. ' +
    'Then the fault is not injected, because most clients keep their connections, and the policy is removed.',
  'A policy decides on the side that opens a connection: on open connections that are cut, data from the other side may still arrive until that side waits for an acknowledgement.',
  'Its effect is checked with each renewal; a change between two of them is not observed.',
  ...(others.length === 0 ? [] : [staysAllowed(others)]),
  'It has no time-out: if harness and keeper both die it stays until `gauntlet recover`.',
  `An ephemeral container (${image}, without any capability) that dials, and holds connections, is added to each pod that has none running. ` +
    "It ends 2½ min after the last fault; after that it stays in the pod's status until the pod is replaced (the API cannot remove it).",
];
