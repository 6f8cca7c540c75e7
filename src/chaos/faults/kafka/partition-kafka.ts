/**
 * Cuts Kafka brokers off: one from its clients, from the other brokers, or from both; or splits the brokers
 * into two parts, with or without one that still reaches both. In both directions or in one. Connections stay
 * open and hang.
 */

import { oneOf } from '../../../config/forms.ts';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { LinkState } from '../../../core/acts/link-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { PARTITIONS_OF, type SnapshotPart } from '../../observation.ts';
import { HOLD_PARAMETER, parameter, parameters, parserOf } from '../../parameters.ts';
import { kafkaOf, named, needKafkaAnd, serviceParameter, theService } from '../../speakers.ts';
import { platformTimers, unknownName, type World } from '../../world.ts';
import {
  BROKER_PERMISSIONS,
  type BrokerChoice,
  brokerName,
  brokerParameter,
  resolveBroker,
} from '../instances/broker-choice.ts';
import {
  crossing,
  isUncounted,
  type LinkUndo,
  linkFaultVerbs,
  preview,
  UNDONE,
} from '../links/link-impairment.ts';
import { LINK_PERMISSIONS } from '../links/link-pair.ts';
import { type CutDirection, cutBetween, NAME, undoOf } from './partition-cut.ts';
import { judgePartition, type PartitionAct } from './partition-proof.ts';
import { describeShape, linksBetweenSides, SHAPES, type Shape, sidesOf } from './partition-shape.ts';

type PartitionSpec = {
  readonly service?: string;
  readonly broker: BrokerChoice;
  readonly shape: Shape;
  readonly from: PartitionAct['from'];
  readonly direction: CutDirection;
  readonly for: Ms;
};

const PERMISSIONS: readonly ActName[] = [...LINK_PERMISSIONS, ...BROKER_PERMISSIONS];

const THROUGH_PROXY = [
  'New connections are accepted and then hang: there is no SYN time-out through a proxy.',
];

const PARAMETERS = parameters({
  service: serviceParameter('kafka'),
  broker: brokerParameter('which broker is cut off, or is the centre of the shape'),
  shape: parameter(oneOf(SHAPES), {
    meaning: 'the role of the broker in the partition; the seed draws the others',
    allowed:
      'alone, minority (in the part smaller than half), majority (in the other part), or bridge (the only one that ' +
      'reaches both parts)',
  }).prefault('alone'),
  from: parameter(oneOf(['clients', 'brokers', 'both']), {
    meaning:
      'what the cut-off part loses: its clients (including probes), the other brokers and controllers, or both',
    allowed: 'clients, brokers or both; around a bridge only brokers',
  }).prefault('both'),
  direction: parameter(oneOf(['both', 'in', 'out']), {
    meaning: 'which direction is lost: to the cut-off part, from it, or both',
    allowed: 'in, out or both; around a bridge only both',
  }).prefault('both'),
  for: HOLD_PARAMETER,
});

export const partitionKafka: Fault<PartitionSpec, PartitionAct, LinkUndo> = {
  name: NAME,
  summary: 'cuts Kafka brokers off: bytes stop, both ways or one way, connections stay open, new ones hang',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof:
    'from: clients and from: both: a held and a fresh connection to the broker stall. from: brokers and from: both: links that ' +
    'carried bytes before carry none for 600 ms. Kafka’s own word that it dropped the broker is waited for up to 4 s: by default ' +
    'it comes only after replica.lag.time.max.ms, 30 s. In pods and containers the kernel counts what it dropped, and nothing crosses.',
  undone: UNDONE,
  example: 'partition-kafka: { broker: "leader of orders.new", for: 8s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, ...given }): PartitionSpec => ({
      ...named(service),
      ...given,
      from: given.shape === 'bridge' ? 'brokers' : given.from,
    }),
    ({ shape, from, direction }, { has, add }) => {
      if (shape !== 'bridge') return;
      if (has('from') && from !== undefined && from !== 'brokers') {
        add('from', 'brokers around a bridge: its clients belong to no part', from);
      }
      if (direction !== undefined && direction !== 'both') {
        add('direction', 'both around a bridge: neither part is the one that is cut off', direction);
      }
    },
  ),

  async plan(spec, world) {
    const { links } = needKafkaAnd(NAME, 'links', world);
    const service = theService(NAME, 'kafka', spec.service, world);
    const kafka = kafkaOf(NAME, service, world);
    const nameOf = (id: number): string => brokerName(service, id);
    const broker = await resolveBroker(NAME, service, spec.broker, kafka);
    const sides = sidesOf(spec.shape, broker.id, kafka.brokers(), world.rng);
    const victims = (spec.shape === 'bridge' ? [...sides.away, ...sides.rest] : sides.away).map(nameOf);
    const known = await links.list();
    const cut = linksBetweenSides(known, service, sides, spec.from);
    const all = [...cut.toward, ...cut.outward];
    if (spec.from !== 'clients' && all.length === cut.clients.length) {
      const { clients } = linksBetweenSides(known, service, sides, 'clients');
      if (clients.length > 0) throw needBrokerLinks(spec.from, clients);
    }
    if (all.length === 0) {
      throw unknownName(
        `${NAME}: links of ${victims.join(', ')} (${spec.from})`,
        'at least one link',
        [],
        [],
      );
    }
    const act = cutBetween(spec.direction, cut);
    if (spec.from !== 'clients' && isUncounted(all)) throw needCounters(spec.from);
    const asked = { fault: NAME, links, touched: all, effect: act.effect, probes: victims };
    const forecast = await preview({ ...asked, throughProxy: THROUGH_PROXY });
    return {
      fault: NAME,
      victim: describeShape(spec.shape, broker, sides),
      victims,
      // Also when the clients are spared: then the receipt shows that they still get answers.
      probes: victims,
      touches: forecast.touches,
      timers: timers(spec.from, forecast.notes, world),
      permissions: PERMISSIONS,
      impact: {
        services: [...victims, service],
        kafka: service,
        killed: [],
        brokersLost: spec.from === 'clients' ? [] : sides.away,
        outageAccepted: false,
        ...forecast.impact,
      },
      undo: undoOf(act, all),
      act: {
        ...act,
        ...sides,
        service,
        holdMs: spec.for,
        from: spec.from,
        bridged: spec.shape === 'bridge',
        byCounters: forecast.countersAlone || isUnprobed(spec.from, cut.clients, world),
        brokerLinks: all.filter((link) => !cut.clients.includes(link)).map((link) => link.name),
      },
    };
  },

  ...linkFaultVerbs(NAME),

  expect(plan) {
    const { from, away, bridged, byCounters, service } = plan.act;
    const among = bridged
      ? 'requests between the two parts wait in the links'
      : `Kafka itself drops ${away.map((id) => brokerName(service, id)).join(', ')}, and the cut links carry no bytes`;
    const stall = 'both connections stall: nothing is refused, nothing is answered';
    const dropped = `what is sent into the cut links waits or is dropped, and nothing crosses${from === 'clients' || bridged ? '' : '; Kafka itself drops the brokers that are cut off'}`;
    return {
      text: byCounters ? dropped : from === 'brokers' ? among : stall,
      observe: observedBy(plan.act),
      judge: (evidence) => judgePartition(plan.act, evidence),
    };
  },
};

function observedBy({ from, bridged, byCounters, service }: PartitionAct): readonly SnapshotPart[] {
  const askKafka = from === 'brokers' || (byCounters && from === 'both');
  if (askKafka && !bridged) return ['links', `${PARTITIONS_OF}${service}`];
  return from === 'clients' && !byCounters ? [] : ['links'];
}

/** Gauntlet's probes dial a user's own brokers, and not the links of their clients. */
const isUnprobed = (from: PartitionSpec['from'], clients: readonly LinkState[], world: World): boolean =>
  from !== 'brokers' && clients.length > 0 && crossing(clients, world).length === 0;

/** Clients alone would be cut off, and Kafka would notice nothing. */
const needBrokerLinks = (from: string, links: readonly LinkState[]): GauntletError =>
  new GauntletError('refused', [
    {
      subject: `${NAME}.from`,
      expected: `clients: the broker has no link with other brokers here, only ${links.map((one) => one.name).join(', ')}`,
      got: from,
      next: 'Write from: clients, or put links between the brokers into the target file.',
    },
  ]);

/** Among brokers, only bytes that moved before and no longer move show a cut. */
const needCounters = (from: string): GauntletError =>
  new GauntletError('refused', [
    {
      subject: `${NAME}.from`,
      expected: 'clients: the links among brokers have no counters here, so their cut could not be proven',
      got: from,
      next: 'Write from: clients, or leave this fault out.',
    },
  ]);

function timers(from: PartitionSpec['from'], notes: readonly string[], world: World): readonly string[] {
  const brokerTimers = [
    'A leader that is cut off from its peers is replaced when its session expires (broker.session.timeout.ms).',
    'Its partitions commit again when the in-sync replicas shrink (replica.lag.time.max.ms), if there are writes.',
  ];
  return [
    ...(from === 'clients' ? [] : brokerTimers),
    'A client notices at its own request timeout; kafkajs stays with the old leader until then (30 s by default).',
    ...notes,
    ...platformTimers(world, /broker|replica|session|election|quorum|kafka/i),
  ];
}
