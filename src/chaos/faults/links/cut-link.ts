/** Cuts the links between two services: bytes stop both ways, connections stay open and new ones hang. */
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { type LinkAct, type LinkUndo, linkFaultVerbs, UNDONE } from './link-impairment.ts';
import { HELD_PAIR, LINK_PERMISSIONS, type Pair, parseHeldPair, planOnPair } from './link-pair.ts';
import { LINK_PROOF, seenOnLink } from './link-proof.ts';

type CutSpec = Pair & { readonly for: Ms };

const TIMERS = [
  'Callers notice at their own deadlines: nothing is closed, and new connections are accepted and then hang.',
  'Bytes sent during the cut arrive after it, unless their sender gave up.',
];

export const cutLink: Fault<CutSpec, LinkAct, LinkUndo> = {
  name: 'cut-link',
  summary: 'cuts one service off from another: bytes stop both ways, connections stay open, new ones hang',
  parameters: HELD_PAIR,
  permissions: LINK_PERMISSIONS,
  proof: `Bytes or new connections wait that did not wait before, and nothing crosses for 300 ms. ${LINK_PROOF}`,
  undone: UNDONE,
  example: 'cut-link: { from: web, to: redis, for: 5s }',

  parse: parseHeldPair,
  plan: (spec, world) => planOnPair('cut-link', spec, { kind: 'cut' }, TIMERS, world),
  ...linkFaultVerbs('cut-link'),

  expect: seenOnLink('sent bytes wait in the link, and nothing crosses it'),
};
