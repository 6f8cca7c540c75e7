/** Kills one Kafka broker by signal, chosen by id or by its current role; the platform restarts it. */

import type { ActName } from '../../../core/acts/act-names.ts';
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import { isContainer } from '../../../core/topology.ts';
import type { Fault } from '../../fault.ts';
import { parameters, parserOf } from '../../parameters.ts';
import { kafkaOf, named, needKafkaAnd, serviceParameter, theService } from '../../speakers.ts';
import { needActs, platformTimers, type World } from '../../world.ts';
import {
  BROKER_PERMISSIONS,
  type BrokerChoice,
  brokerParameter,
  type ChosenBroker,
  resolveBroker,
} from '../instances/broker-choice.ts';
import type { KillAct } from '../instances/kill-proof.ts';
import { KILL_PROOF } from '../instances/kill-proof.ts';
import type { KillUndo } from '../instances/kill-removal.ts';
import {
  KILL_PERMISSIONS,
  KILL_UNDONE,
  killPlan,
  killVerbs,
  SIGNAL_PARAMETER,
} from '../instances/kill-verbs.ts';
import { brokerOf, draw, instancesOf } from '../instances/victims.ts';

type KillBrokerSpec = {
  readonly service?: string;
  readonly broker: BrokerChoice;
  readonly signal: 'SIGKILL' | 'SIGTERM';
};

const PERMISSIONS: readonly ActName[] = [...KILL_PERMISSIONS, ...BROKER_PERMISSIONS];
const PARAMETERS = parameters({
  service: serviceParameter('kafka'),
  broker: brokerParameter('which broker is killed'),
  signal: SIGNAL_PARAMETER,
});

export const killBroker: Fault<KillBrokerSpec, KillAct, KillUndo> = {
  name: 'kill-broker',
  summary:
    'kills one Kafka broker, by id or by role, when the others can run without it, and watches its recovery',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof: KILL_PROOF,
  undone: `${KILL_UNDONE} Refused while a quorum or the in-sync replicas would not survive it.`,
  example: 'kill-broker: { broker: "leader of orders.new" }',

  parse: parserOf(PARAMETERS, ({ service, ...given }): KillBrokerSpec => ({ ...named(service), ...given })),

  async plan(spec, world) {
    needKafkaAnd('kill-broker', 'instances', world);
    const name = theService('kill-broker', 'kafka', spec.service, world);
    const broker = await resolveBroker('kill-broker', name, spec.broker, kafkaOf('kill-broker', name, world));
    const { service, ofService, chosen } = await instanceOfBroker(broker, world);
    const { signal } = spec;
    const killing = { fault: 'kill-broker', service, signal, outageAccepted: false, ofService, chosen };
    const plan = await killPlan(killing, world);
    return {
      ...plan,
      victim: `${plan.victim}${asBroker(broker, chosen)}`,
      permissions: PERMISSIONS,
      timers: [
        'The controller replaces the leaders of a broker that died when its session expires (broker.session.timeout.ms).',
        ...plan.timers,
        ...platformTimers(world, /session|election|replica/i),
      ],
      impact: {
        ...plan.impact,
        services: [...new Set([...plan.impact.services, name])],
        brokersLost: [broker.id],
        kafka: name,
      },
    };
  },

  ...killVerbs('kill-broker'),
};

/** A container has a name of its own, whose number is no broker's. */
const asBroker = ({ name, text }: ChosenBroker, chosen: readonly InstanceState[]): string =>
  chosen.some(isContainer) ? `, which is ${text}` : text.slice(name.length);

/**
 * Its own service (in the sandbox), or one of the pods of a service that contains all brokers (a StatefulSet,
 * Strimzi).
 */
async function instanceOfBroker({ id, name, service: kafka }: ChosenBroker, world: World) {
  const all = await needActs('kill-broker', world, ['instances']).instances.list();
  const found = all.find((one) => brokerOf(one, kafka).includes(id));
  const isOwnService = found === undefined || all.some((one) => one.service === name);
  const service = isOwnService ? name : found.service;
  const ofService = await instancesOf('kill-broker', service, world);
  const chosen = isOwnService ? draw(ofService, 'all', world.rng) : [found];
  return { service, ofService, chosen };
}
