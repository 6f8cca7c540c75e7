/** Slows one Kafka broker for all its peers: latency and bandwidth on all links to it and from it. */
import type { ActName } from '../../../core/acts/act-names.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { kafkaOf, named, needKafkaAnd, serviceParameter, theService } from '../../speakers.ts';
import { platformTimers, unknownName } from '../../world.ts';
import {
  BROKER_PERMISSIONS,
  type BrokerChoice,
  brokerParameter,
  linksOfBroker,
  resolveBroker,
} from '../instances/broker-choice.ts';
import {
  impairmentId,
  type LinkAct,
  type LinkUndo,
  linkFaultVerbs,
  preview,
  UNDONE,
  undoFor,
} from '../links/link-impairment.ts';
import { DELAY_PERMISSIONS, permissionsOf } from '../links/link-pair.ts';
import { heldOnLink, LINK_PROOF } from '../links/link-proof.ts';
import { SLOW_PROOF } from '../links/slow-proof.ts';
import {
  checkThrottle,
  type Throttle,
  throttleEffect,
  throttleOf,
  throttleParameters,
} from '../links/throttle.ts';

type SlowBrokerSpec = Throttle & {
  readonly service?: string;
  readonly broker: BrokerChoice;
  readonly for: Ms;
};

const PERMISSIONS: readonly ActName[] = [...DELAY_PERMISSIONS, ...BROKER_PERMISSIONS];
const PARAMETERS = parameters({
  service: serviceParameter('kafka'),
  broker: brokerParameter('which broker is slowed'),
  ...throttleParameters({ links: 'all links of the broker', way: 'the server side' }),
  for: HOLD_PARAMETER,
});

export const slowBroker: Fault<SlowBrokerSpec, LinkAct, LinkUndo> = {
  name: 'slow-broker',
  summary: 'slows one Kafka broker for its clients and for the other brokers',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof: `${SLOW_PROOF} ${LINK_PROOF}`,
  undone: UNDONE,
  example: 'slow-broker: { broker: "leader of orders.new", latency: 60ms, for: 5s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, broker, for: hold, ...given }): SlowBrokerSpec => ({
      ...named(service),
      broker,
      ...throttleOf(given),
      for: hold,
    }),
    checkThrottle,
  ),

  async plan(spec, world) {
    const { links } = needKafkaAnd('slow-broker', 'links', world);
    const service = theService('slow-broker', 'kafka', spec.service, world);
    const kafka = kafkaOf('slow-broker', service, world);
    const broker = await resolveBroker('slow-broker', service, spec.broker, kafka);
    const { clients, brokers } = linksOfBroker(await links.list(), broker);
    const touched = [...clients, ...brokers];
    if (touched.length === 0) {
      throw unknownName(`slow-broker: links of ${broker.name}`, 'at least one link', [], []);
    }
    const id = impairmentId('slow-broker');
    const names = touched.map((link) => link.name);
    const effect = throttleEffect(spec, world.rng);
    const probes = clients.some((link) => link.from === 'probe') ? [broker.name] : [];
    const asked = { fault: 'slow-broker', links, touched, effect, probes, throughProxy: [] };
    const forecast = await preview(asked);
    return {
      fault: 'slow-broker',
      victim: broker.text,
      victims: [broker.name],
      probes,
      touches: forecast.touches,
      timers: [
        'Writes with acks=all wait for the slowest in-sync replica: a slow follower slows every leader that it follows.',
        'Kafka drops a broker that is slower than its session or the in-sync lag allows, like a lost one.',
        ...forecast.notes,
        ...platformTimers(world, /broker|replica|session|election|quorum|kafka/i),
      ],
      permissions: [...permissionsOf(effect), ...BROKER_PERMISSIONS],
      impact: {
        services: [broker.name, service],
        kafka: service,
        killed: [],
        // The other brokers may drop a broker that lags: the guards must agree to that first.
        brokersLost: [broker.id],
        outageAccepted: false,
        ...forecast.impact,
      },
      undo: { fault: 'slow-broker', data: undoFor(id, touched) },
      act: { id, links: names, effect, holdMs: spec.for },
    };
  },

  ...linkFaultVerbs('slow-broker'),

  expect: heldOnLink(
    (least) => `clients and brokers wait at least ${least} more for it, and as long as the bandwidth asks`,
  ),
};
