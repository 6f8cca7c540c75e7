/**
 * Which Kafka broker a fault selects, and its links. A role is resolved when the fault fires, never earlier.
 */

import { reading } from '../../../config/words/word.ts';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { KafkaActs } from '../../../core/acts/kafka-acts.ts';
import type { LinkState } from '../../../core/acts/link-acts.ts';
import { EVERYTHING } from '../../../core/declared-links.ts';
import { didYouMean } from '../../../core/did-you-mean.ts';
import type { Parsed } from '../../../core/units.ts';
import { parameter } from '../../parameters.ts';
import { unknownName } from '../../world.ts';

export type BrokerChoice =
  | { readonly kind: 'id'; readonly id: number }
  | { readonly kind: 'leader'; readonly topic: string }
  | { readonly kind: 'controller' };

const ALLOWED = 'a broker id such as 1, `leader of <topic>`, or `controller`';

export const BROKER_PERMISSIONS: readonly ActName[] = [
  'kafka.leaderOf',
  'kafka.controller',
  'kafka.partitions',
];

function parseBroker(value: unknown): Parsed<BrokerChoice> {
  const text = typeof value === 'number' ? String(value) : value;
  const good = (choice: BrokerChoice): Parsed<BrokerChoice> => ({ ok: true, value: choice });
  if (typeof text === 'string') {
    if (/^\d+$/.test(text)) return good({ kind: 'id', id: Number(text) });
    if (text === 'controller') return good({ kind: 'controller' });
    const topic = /^leader of (\S+)$/.exec(text)?.[1];
    if (topic !== undefined) return good({ kind: 'leader', topic });
  }
  return { ok: false, expected: ALLOWED, ...didYouMean(String(value), ['controller', 'leader of']) };
}

/** @param meaning what happens to the broker, such as `which broker is cut off`. */
export const brokerParameter = (meaning: string) =>
  parameter(reading(parseBroker, { type: ['integer', 'string'] }), {
    meaning: `${meaning}; a role is resolved at the moment the fault fires`,
    allowed: ALLOWED,
  });

export interface ChosenBroker {
  readonly id: number;
  /** The Kafka that it is a part of. */
  readonly service: string;
  /** `kafka-2`: of that service. */
  readonly name: string;
  /** For people: with the role by which it was chosen. */
  readonly text: string;
}

/** As links, probes and instances are called. */
export const brokerName = (service: string, id: number): string => `${service}-${id}`;

/** @throws usage error that lists the available topics or brokers. @param key the parameter to report. */
export async function resolveBroker(
  fault: string,
  service: string,
  choice: BrokerChoice,
  kafka: KafkaActs,
  key = 'broker',
): Promise<ChosenBroker> {
  const chosen = (id: number, role?: string): ChosenBroker => {
    const name = brokerName(service, id);
    return { id, service, name, text: role === undefined ? name : `${name} (${role})` };
  };
  if (choice.kind === 'controller') return chosen(await kafka.controller(), 'active controller');
  if (choice.kind === 'leader') {
    const topics = [...new Set((await kafka.partitions()).map((one) => one.topic))].sort();
    if (!topics.includes(choice.topic)) {
      throw unknownName(`${fault}.${key}: topic`, 'a topic', choice.topic, topics);
    }
    return chosen(await kafka.leaderOf(choice.topic), `leader of ${choice.topic}`);
  }
  const ids = kafka.brokers();
  if (!ids.includes(choice.id)) {
    throw unknownName(`${fault}.${key}`, 'a broker', choice.id, ids.map(String));
  }
  return chosen(choice.id);
}

/** The id at the end of a broker's name; undefined for a name that is none. */
export function brokerIdIn(service: string, name: string): number | undefined {
  const id = name.startsWith(`${service}-`) ? name.slice(service.length + 1) : '';
  return /^\d+$/.test(id) ? Number(id) : undefined;
}

export const isBroker = (service: string, name: string): boolean => brokerIdIn(service, name) !== undefined;

export interface BrokerLinks {
  readonly clients: readonly LinkState[];
  /** Among brokers, in both directions: raft and replication connections can be dialled from either side. */
  readonly brokers: readonly LinkState[];
}

export const linksOfBroker = (
  all: readonly LinkState[],
  { service, name }: Pick<ChosenBroker, 'service' | 'name'>,
): BrokerLinks => ({
  clients: all.filter((link) => link.to === name && !isBroker(service, link.from)),
  brokers: all.filter(
    (link) =>
      (link.from === name && link.to !== EVERYTHING) || (link.to === name && isBroker(service, link.from)),
  ),
});
