/** Cuts one Kafka broker off: from its clients, from the other brokers, or from both. Connections stay open and hang. */
import type { Ms } from '../../core/units.ts';
import {
  BROKER_PERMISSIONS,
  type BrokerChoice,
  brokerParameter,
  linksOfBroker,
  parseBroker,
  resolveBroker,
} from '../broker-choice.ts';
import type { Fault, Parameter } from '../fault.ts';
import { impairmentId, type LinkAct, type LinkUndo, leased, UNDONE, undoFor } from '../link-impairment.ts';
import { LINK_PERMISSIONS } from '../link-pair.ts';
import { HOLD_PARAMETER, oneOf, parseHold, SpecReader } from '../parameters.ts';
import { judgePartition } from '../partition-proof.ts';
import { needActs, platformTimers, unknownName, type World } from '../world.ts';

type PartitionSpec = {
  readonly broker: BrokerChoice;
  readonly from: 'clients' | 'brokers' | 'both';
  readonly for: Ms;
};

export type PartitionAct = LinkAct & {
  readonly broker: number;
  readonly from: PartitionSpec['from'];
  readonly brokerLinks: readonly string[];
};

const ACTS = ['links', 'kafka'] as const;
const PERMISSIONS = [...LINK_PERMISSIONS, ...BROKER_PERMISSIONS];

const PARAMETERS: readonly Parameter[] = [
  brokerParameter('who is cut off'),
  {
    name: 'from',
    meaning: 'on which side: its clients (probes too), the other brokers and controllers, or both',
    unit: '',
    default: 'both',
    required: false,
    allowed: 'clients, brokers or both',
  },
  HOLD_PARAMETER,
];

export const partitionKafka: Fault<PartitionSpec, PartitionAct, LinkUndo> = {
  name: 'partition-kafka',
  summary: 'cuts one Kafka broker off: bytes stop both ways, connections stay open, new ones hang',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  undone: UNDONE,
  example: 'partition-kafka: { broker: "leader of intentions.business", for: 8s }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const broker = reader.take('broker', parseBroker);
    const from = reader.take('from', oneOf('clients', 'brokers', 'both'));
    const hold = reader.take('for', parseHold);
    if (reader.problems.length > 0 || broker === undefined || from === undefined || hold === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { broker, from, for: hold }, holdMs: hold };
  },

  async plan(spec, world) {
    const { links, kafka } = needActs('partition-kafka', world, ACTS);
    const broker = await resolveBroker('partition-kafka', spec.broker, kafka);
    const { clients, brokers } = linksOfBroker(await links.list(), broker.name);
    const cut = [...(spec.from === 'brokers' ? [] : clients), ...(spec.from === 'clients' ? [] : brokers)];
    if (cut.length === 0) {
      const subject = `partition-kafka: links of ${broker.name} (${spec.from})`;
      throw unknownName(subject, 'at least one link', [], []);
    }
    const id = impairmentId('partition-kafka');
    const names = cut.map((link) => link.name);
    return {
      fault: 'partition-kafka',
      victim: broker.text,
      victims: [broker.name],
      // Also when the clients are spared: then the receipt says what they go on seeing.
      probes: [broker.name],
      touches: names,
      timers: timers(spec.from, world),
      permissions: PERMISSIONS,
      impact: {
        services: [broker.name, 'kafka'],
        killed: [],
        brokersLost: spec.from === 'clients' ? [] : [broker.id],
        outageAccepted: false,
      },
      undo: { fault: 'partition-kafka', data: undoFor(id, cut) },
      act: {
        id,
        links: names,
        effect: { kind: 'cut' },
        broker: broker.id,
        from: spec.from,
        brokerLinks: spec.from === 'clients' ? [] : brokers.map((link) => link.name),
      },
    };
  },

  ...leased('partition-kafka'),

  expect(plan) {
    const { from, broker } = plan.act;
    return {
      text:
        from === 'brokers'
          ? `Kafka itself gives up kafka-${broker}, and the cut links carry no bytes`
          : 'both connections stall: nothing is refused, nothing is answered',
      looks: from === 'clients' ? [] : from === 'both' ? ['links'] : ['links', 'partitions'],
      judge: (evidence) => judgePartition(plan.act, evidence),
    };
  },
};

function timers(from: PartitionSpec['from'], world: World): readonly string[] {
  const brokerTimers = [
    'A leader that is cut off from its peers is replaced when its session expires (broker.session.timeout.ms).',
    'Its partitions commit again when the in-sync replicas shrink (replica.lag.time.max.ms), writes provided.',
  ];
  return [
    ...(from === 'clients' ? [] : brokerTimers),
    'A client notices at its own request timeout; kafkajs stays with the old leader until then (30 s by default).',
    'New connections are accepted and then hang: there is no SYN time-out through a proxy.',
    ...platformTimers(world, /broker|replica|session|election|quorum|kafka/i),
  ];
}
