/**
 * Resets the connections between two services: the open ones once, and each new one while the fault is held.
 */
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { type LinkAct, type LinkUndo, linkFaultVerbs, UNDONE } from './link-impairment.ts';
import { HELD_PAIR, LINK_PERMISSIONS, type Pair, parseHeldPair, planOnPair } from './link-pair.ts';
import { LINK_PROOF, seenOnLink } from './link-proof.ts';

type ResetSpec = Pair & { readonly for: Ms };

const TIMERS = [
  'Callers notice at once; how soon they dial again is their own back-off.',
  'A new connection is accepted and then reset: its connect succeeds, its first read or write fails.',
];

export const resetLink: Fault<ResetSpec, LinkAct, LinkUndo> = {
  name: 'reset-link',
  summary: 'resets the connections between two services (RST): the open ones once, each new one while held',
  parameters: HELD_PAIR,
  permissions: LINK_PERMISSIONS,
  proof: `The link counts new resets, and no connection is open. ${LINK_PROOF}`,
  undone: `${UNDONE} Reset connections stay closed: their owners dial again.`,
  example: 'reset-link: { from: web, to: redis, for: 5s }',

  parse: parseHeldPair,
  plan: (spec, world) => planOnPair('reset-link', spec, { kind: 'reset' }, TIMERS, world),
  ...linkFaultVerbs('reset-link'),

  expect: seenOnLink('connections are reset and none is open'),
};
