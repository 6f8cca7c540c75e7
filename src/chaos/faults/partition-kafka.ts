/** Cuts one Kafka broker off: from its clients, from the other brokers, or from both. Connections stay open and hang. */
import type { LinkState } from '../../core/platform.ts';
import type { Ms } from '../../core/units.ts';
import type { Fault, Parameter } from '../fault.ts';
import { impairmentId, type LinkAct, type LinkUndo, leased, UNDONE, undoFor } from '../link-impairment.ts';
import { LINK_PERMISSIONS } from '../link-pair.ts';
import { HOLD_PARAMETER, oneOf, parseHold, SpecReader } from '../parameters.ts';
import { judgePartition } from '../partition-proof.ts';
import { needActs, platformTimers, unknownName, type World } from '../world.ts';

/** `leader of <topic>` and `controller` are resolved when the fault fires, never earlier. */
type BrokerChoice =
  | { readonly kind: 'id'; readonly id: number }
  | { readonly kind: 'leader'; readonly topic: string }
  | { readonly kind: 'controller' };

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
const PERMISSIONS = [...LINK_PERMISSIONS, 'kafka.leaderOf', 'kafka.controller', 'kafka.partitions'];
const BROKER_ALLOWED = 'a broker id such as 1, `leader of <topic>`, or `controller`';

const PARAMETERS: readonly Parameter[] = [
  {
    name: 'broker',
    meaning: 'who is cut off; a role is resolved at the moment the fault fires',
    unit: '',
    default: null,
    required: true,
    allowed: BROKER_ALLOWED,
  },
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
    const broker = reader.take('broker', (value) => {
      const choice = brokerChoice(value);
      return choice === undefined ? { ok: false, expected: BROKER_ALLOWED } : { ok: true, value: choice };
    });
    const from = reader.take('from', oneOf('clients', 'brokers', 'both'));
    const hold = reader.take('for', parseHold);
    if (reader.problems.length > 0 || broker === undefined || from === undefined || hold === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { broker, from, for: hold }, holdMs: hold };
  },

  async plan(spec, world) {
    const { links } = needActs('partition-kafka', world, ACTS);
    const { id: broker, role } = await resolve(spec.broker, world);
    const cut = linksOf(await links.list(), broker, spec.from);
    if (cut.all.length === 0) {
      const subject = `partition-kafka: links of kafka-${broker} (${spec.from})`;
      throw unknownName(subject, 'at least one link', [], []);
    }
    const id = impairmentId('partition-kafka');
    const names = cut.all.map((link) => link.name);
    const victim = `kafka-${broker}`;
    return {
      fault: 'partition-kafka',
      victim: role === null ? victim : `${victim} (${role})`,
      victims: [victim],
      // Also when the clients are spared: then the receipt says what they go on seeing.
      probes: [victim],
      touches: names,
      timers: timers(spec.from, world),
      permissions: PERMISSIONS,
      impact: {
        services: [victim, 'kafka'],
        killed: [],
        brokersLost: spec.from === 'clients' ? [] : [broker],
        outageAccepted: false,
      },
      undo: { fault: 'partition-kafka', data: undoFor(id, cut.all) },
      act: {
        id,
        links: names,
        effect: { kind: 'cut' },
        broker,
        from: spec.from,
        brokerLinks: cut.brokers.map((link) => link.name),
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

function brokerChoice(value: unknown): BrokerChoice | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  if (/^\d+$/.test(text)) return { kind: 'id', id: Number(text) };
  if (text === 'controller') return { kind: 'controller' };
  const topic = /^leader of (\S+)$/.exec(text)?.[1];
  return topic === undefined ? undefined : { kind: 'leader', topic };
}

async function resolve(
  choice: BrokerChoice,
  world: World,
): Promise<{ readonly id: number; readonly role: string | null }> {
  const { kafka } = needActs('partition-kafka', world, ACTS);
  if (choice.kind === 'controller') return { id: await kafka.controller(), role: 'active controller' };
  if (choice.kind === 'leader') {
    const topics = [...new Set((await kafka.partitions()).map((one) => one.topic))].sort();
    if (!topics.includes(choice.topic)) {
      throw unknownName('partition-kafka.broker: topic', 'a topic', choice.topic, topics);
    }
    return { id: await kafka.leaderOf(choice.topic), role: `leader of ${choice.topic}` };
  }
  const ids = kafka.brokers();
  if (!ids.includes(choice.id)) {
    throw unknownName('partition-kafka.broker', 'a broker', choice.id, ids.map(String));
  }
  return { id: choice.id, role: null };
}

/** All links to the victim; those among brokers in both directions: raft and replication dial from either side. */
function linksOf(all: readonly LinkState[], broker: number, from: PartitionSpec['from']) {
  const victim = `kafka-${broker}`;
  const isBroker = (name: string): boolean => /^kafka-\d+$/.test(name);
  const brokers = all.filter((link) => link.from === victim || (link.to === victim && isBroker(link.from)));
  const clients = all.filter((link) => link.to === victim && !isBroker(link.from));
  if (from === 'clients') return { all: clients, brokers: [] };
  return { all: from === 'brokers' ? brokers : [...clients, ...brokers], brokers };
}

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
