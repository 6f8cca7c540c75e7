/**
 * What cuts by NetworkPolicy say: of what they cannot do, what nobody can know before, and why one is not a
 * cut any more.
 */

import type { LinkEffect } from '../../../core/acts/link-acts.ts';
import { EffectLost, GauntletError } from '../../../core/errors.ts';
import type { Seen } from './link-dialler.ts';

/** For `gauntlet doctor`, which only reads. */
export const CAUTION =
  'by NetworkPolicy: only a fault shows whether the CNI enforces it, and for open connections too; otherwise the fault is reported as not injected';

/** @param others policies that may be why. */
export function lostOn(name: string, { good, bad, held }: Seen, others: readonly string[]): EffectLost {
  const isHeld = held.passing + held.silent + held.ended;
  return new EffectLost('unavailable', [
    {
      subject: `link ${name}`,
      expected: 'nothing to come through while it is cut',
      got: `${good} of ${good + bad} new connections and ${held.passing} of ${isHeld} held ones`,
      ...(others.length > 0 && { next: staysAllowed(others) }),
    },
  ]);
}

const staysAllowed = (others: readonly string[]): string =>
  `What other policies on these pods allow stays allowed: ${others.join(', ')}.`;

export function refuseOther(effect: LinkEffect): void {
  if (effect.kind === 'cut' && effect.direction === undefined) return;
  throw new GauntletError('refused', [
    {
      subject: 'kubernetes.network: network-policy',
      expected: 'cut-link: a NetworkPolicy allows connections or does not',
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
  'A NetworkPolicy is carried out by the CNI. Whether connections that are open are cut is its own: Calico and kube-router leave them alone. ' +
    'Then the fault is not injected, because most clients keep their connections, and the policy is taken away.',
  'A policy decides on the side that opens a connection: on open connections that are cut, what the other side sends by itself may still arrive until it waits for an acknowledgement.',
  'Whether it bites is looked at with each renewal; what comes and goes between two of them is not seen.',
  ...(others.length === 0 ? [] : [staysAllowed(others)]),
  'It has no time-out: if harness and keeper both die it stays until `gauntlet recover`.',
  `An ephemeral container (${image}, without any capability) that dials, and holds connections, is added to each pod that has none running. ` +
    "It ends 2½ min after the last fault; ended, it stays in the pod's status until the pod is replaced (the API cannot remove it).",
];
