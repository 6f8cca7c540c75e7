/** Slows Redis for all clients: less bandwidth, more latency, on every link to it. */
import type { LinkEffect } from '../../../core/acts/link-acts.ts';
import { formatMs, type Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { named, serviceParameter, theService } from '../../speakers.ts';
import { needActs, platformTimers, unknownName } from '../../world.ts';
import {
  crossing,
  impairmentId,
  type LinkAct,
  type LinkUndo,
  linkFaultVerbs,
  preview,
  UNDONE,
  undoFor,
} from '../links/link-impairment.ts';
import { DELAY_PERMISSIONS, permissionsOf } from '../links/link-pair.ts';
import { seenOnLink } from '../links/link-proof.ts';
import { isFastAgain, judgeSlower, SHARE, SLOW_PROOF } from '../links/slow-proof.ts';
import {
  checkThrottle,
  type Throttle,
  throttleEffect,
  throttleOf,
  throttleParameters,
} from '../links/throttle.ts';

type ThrottleSpec = Throttle & { readonly service?: string; readonly for: Ms };

const ACTS = ['links'] as const;
/** The Redis probe echoes this many bytes, which cross the link once each way. */
const PROBE_BITS = 1024 * 8;
const THROUGH_PROXY = [
  'Bytes that queued before the limit drain first: held connections may lag behind fresh ones.',
];
const PARAMETERS = parameters({
  service: serviceParameter('redis'),
  ...throttleParameters({ links: 'all links to Redis', way: 'Redis' }),
  for: HOLD_PARAMETER,
});

export const throttleRedis: Fault<ThrottleSpec, LinkAct, LinkUndo> = {
  name: 'throttle-redis',
  summary: 'slows Redis: limits the bandwidth of its links, adds latency, or both',
  parameters: PARAMETERS,
  permissions: DELAY_PERMISSIONS,
  proof:
    'A held and a fresh connection of the probe are slower than before (median of three answers) by at least 80% of what latency ' +
    `and bandwidth predict for 1 KiB each way. Where no probe crosses these links, their counters decide: ${SLOW_PROOF}`,
  undone: UNDONE,
  example: 'throttle-redis: { bandwidth: 256kbit, latency: 40ms, for: 8s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, for: hold, ...given }): ThrottleSpec => ({
      ...named(service),
      ...throttleOf(given),
      for: hold,
    }),
    checkThrottle,
  ),

  async plan(spec, world) {
    const { links } = needActs('throttle-redis', world, ACTS);
    const service = theService('throttle-redis', 'redis', spec.service, world);
    const all = await links.list();
    const touched = all.filter((link) => link.to === service);
    if (touched.length === 0) {
      const known = [...new Set(all.map((link) => link.to))].sort();
      throw unknownName('throttle-redis', 'a link that leads to it', service, known);
    }
    const id = impairmentId('throttle-redis');
    const names = touched.map((link) => link.name);
    const effect = throttleEffect(spec, world.rng);
    // Where no probe crosses them, the links' own counters are asked.
    const probes = crossing(touched, world);
    const asked = { fault: 'throttle-redis', links, touched, effect, probes, throughProxy: THROUGH_PROXY };
    const forecast = await preview(asked);
    return {
      fault: 'throttle-redis',
      victim: service,
      victims: [service],
      probes,
      touches: forecast.touches,
      timers: [...forecast.notes, ...platformTimers(world, /redis/i)],
      permissions: permissionsOf(effect),
      impact: {
        services: [service],
        killed: [],
        brokersLost: [],
        outageAccepted: false,
        ...forecast.impact,
      },
      undo: { fault: 'throttle-redis', data: undoFor(id, touched) },
      act: { id, links: names, effect, holdMs: spec.for },
    };
  },

  ...linkFaultVerbs('throttle-redis'),

  expect(plan) {
    if (plan.probes.length === 0) return countedOnLinks(plan);
    const slower = predictedMs(plan.act.effect);
    return {
      text: `both connections slower than before by at least ${formatMs(SHARE * slower)}`,
      observe: [],
      judge: (evidence) => judgeSlower(evidence, slower),
      isOver: (sample, baseline) => isFastAgain(sample, baseline, slower),
    };
  },
};

const countedOnLinks = seenOnLink('bytes on the links to Redis are held as bandwidth and latency predict');

/**
 * The predicted delay of one round trip of the probe: the latency once, and its payload through the limit
 * each way, in ms.
 */
function predictedMs(effect: LinkEffect): number {
  if (effect.kind !== 'throttle') return Number.POSITIVE_INFINITY;
  const transfer = effect.bitsPerSecond === undefined ? 0 : (2 * PROBE_BITS * 1000) / effect.bitsPerSecond;
  return (effect.latencyMs ?? 0) + transfer;
}
