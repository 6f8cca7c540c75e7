/** Slows the links between two services: less bandwidth, more latency, for all connections on them. */
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { type LinkAct, type LinkUndo, linkFaultVerbs, UNDONE } from './link-impairment.ts';
import { DELAY_PERMISSIONS, PAIR_PARAMETERS, type Pair, planOnPair } from './link-pair.ts';
import { heldOnLink, LINK_PROOF } from './link-proof.ts';
import { SLOW_PROOF } from './slow-proof.ts';
import { checkThrottle, type Throttle, throttleEffect, throttleOf, throttleParameters } from './throttle.ts';

type SlowSpec = Pair & Throttle & { readonly for: Ms };

const PARAMETERS = parameters({
  ...PAIR_PARAMETERS,
  ...throttleParameters({ links: 'all these links', way: 'the server side' }),
  for: HOLD_PARAMETER,
});

const TIMERS = [
  'Bytes that queued before the limit drain first: held connections may lag behind fresh ones.',
];

export const slowLink: Fault<SlowSpec, LinkAct, LinkUndo> = {
  name: 'slow-link',
  summary: 'slows the links between two services: limits the bandwidth, adds latency, or both',
  parameters: PARAMETERS,
  permissions: DELAY_PERMISSIONS,
  proof: `${SLOW_PROOF} ${LINK_PROOF}`,
  undone: UNDONE,
  example: 'slow-link: { from: web, to: redis, latency: 40ms, jitter: 10ms, for: 5s }',

  parse: parserOf(
    PARAMETERS,
    ({ from, to, for: hold, ...given }): SlowSpec => ({ from, to, ...throttleOf(given), for: hold }),
    checkThrottle,
  ),

  plan: (spec, world) => planOnPair('slow-link', spec, throttleEffect(spec, world.rng), TIMERS, world),
  ...linkFaultVerbs('slow-link'),

  expect: heldOnLink(
    (least) => `bytes on the link are held for at least ${least} more, and as long as the bandwidth asks`,
  ),
};
