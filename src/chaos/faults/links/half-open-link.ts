/**
 * Swallows one direction of the links between two services: requests are lost, or executed and never
 * answered.
 */

import { oneOf } from '../../../config/forms.ts';
import type { LinkDirection } from '../../../core/acts/link-acts.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameter, parameters, parserOf } from '../../parameters.ts';
import { type LinkAct, type LinkUndo, linkFaultVerbs, UNDONE } from './link-impairment.ts';
import { LINK_PERMISSIONS, PAIR_PARAMETERS, type Pair, planOnPair } from './link-pair.ts';
import { LINK_PROOF, seenOnLink } from './link-proof.ts';

type HalfOpenSpec = Pair & { readonly direction: LinkDirection; readonly for: Ms };

const PARAMETERS = parameters({
  ...PAIR_PARAMETERS,
  direction: parameter(oneOf(['to-server', 'to-client']), {
    meaning: 'which direction is swallowed: the requests of the client, or the answers to it',
    allowed: 'to-server (requests do not arrive) or to-client (requests are executed, answers do not arrive)',
  }).prefault('to-client'),
  for: HOLD_PARAMETER,
});

const TIMERS = [
  'Callers notice at their own deadlines; with to-client, a repeated request may be executed twice.',
  'Swallowed bytes arrive after the fault, as TCP would send them again, unless their receiver gave up.',
];

export const halfOpenLink: Fault<HalfOpenSpec, LinkAct, LinkUndo> = {
  name: 'half-open-link',
  summary: 'swallows one direction between two services: requests are lost, or executed and not answered',
  parameters: PARAMETERS,
  permissions: LINK_PERMISSIONS,
  proof: `In the cut direction bytes wait that did not wait before, and nothing crosses for 300 ms. ${LINK_PROOF}`,
  undone: UNDONE,
  example: 'half-open-link: { from: web, to: redis, direction: to-client, for: 5s }',

  parse: parserOf(PARAMETERS, (given): HalfOpenSpec => given),

  plan: (spec, world) =>
    planOnPair('half-open-link', spec, { kind: 'cut', direction: spec.direction }, TIMERS, world),
  ...linkFaultVerbs('half-open-link'),

  expect: seenOnLink('bytes in that direction wait in the link, and none of them crosses it'),
};
