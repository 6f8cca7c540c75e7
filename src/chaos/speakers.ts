/**
 * Which service a fault of one protocol is for: the only one that speaks it, or the one that is named. Never
 * the first of several, which would be a guess.
 */
import type { KafkaActs } from '../core/acts/kafka-acts.ts';
import type { KafkaTopicActs } from '../core/acts/kafka-topic-acts.ts';
import type { RedisActs } from '../core/acts/redis-acts.ts';
import { GauntletError, usageError } from '../core/errors.ts';
import { own } from '../core/own.ts';
import type { Protocol } from '../core/system.ts';
import { speaking } from '../core/topology.ts';
import { matching, parameter } from './parameters.ts';
import { needActs, unknownName, type World } from './world.ts';

const WORDS: Readonly<Record<Protocol, string>> = {
  ...{ http: 'HTTP', grpc: 'gRPC', kafka: 'Kafka', redis: 'Redis', postgres: 'PostgreSQL', tcp: 'TCP' },
};

/** For `gauntlet faults`. */
export function serviceParameter(protocol: 'kafka' | 'redis') {
  const allowed = `the name of a service that speaks ${WORDS[protocol]}, such as ${protocol}`;
  return parameter(matching(/\S/, allowed), {
    meaning: `which ${WORDS[protocol]}; needed where the system has several`,
    allowed,
  }).optional();
}

/** A spec without the key where none was written: the plans of older campaigns stay as they are. */
export const named = (service: string | undefined): { readonly service?: string } =>
  service === undefined ? {} : { service };

/** Every service that speaks it, also one without an address: its links and its pods may be there. */
export function speakersOf(protocol: Protocol, { platform: { topology } }: World): readonly string[] {
  const declared = (topology.declared ?? []).filter((one) => one.protocols.includes(protocol));
  const reached = speaking(topology, protocol);
  const names = [...new Set([...declared, ...reached].map((one) => one.name))];
  // Nothing is known of the services, as for a keeper: then one is called as its protocol.
  return names.length > 0 ? names : [protocol];
}

/**
 * @param given undefined: the only one.
 * @throws usage with the services that speak it.
 */
export function theService(
  fault: string,
  protocol: 'kafka' | 'redis',
  given: string | undefined,
  world: World,
): string {
  const known = speakersOf(protocol, world);
  const [first, ...more] = known;
  if (given !== undefined) {
    if (known.includes(given)) return given;
    throw unknownName(`${fault}.service`, `a service that speaks ${WORDS[protocol]}`, given, known);
  }
  if (first !== undefined && more.length === 0) return first;
  throw usageError({
    subject: `${fault}.service`,
    expected: `one of ${known.join(', ')}`,
    got: `nothing, and ${known.length} services speak ${WORDS[protocol]}`,
    next: `Name one: service: ${first ?? protocol}`,
  });
}

/** @param service undefined: of a journal of a version that knew one Redis. */
export const redisOf = (fault: string, service: string | undefined, world: World): RedisActs =>
  (service === undefined ? undefined : own(world.platform.redisByService ?? {}, service)) ??
  needActs(fault, world, ['redis']).redis;

/** @throws refused, naming every act that is missing, as needActs. */
export function needKafkaAnd<Name extends 'links' | 'instances'>(fault: string, name: Name, world: World) {
  const isThere = world.platform.kafkaByService !== undefined;
  return needActs<Name | 'kafka'>(fault, world, isThere ? [name] : [name, 'kafka']);
}

/** @throws refused where only the names of its topics are known. */
export function topicsOf(fault: string, service: string, world: World): KafkaTopicActs {
  const { topics } = kafkaOf(fault, service, world);
  if (topics !== undefined) return topics;
  const got = `platform ${world.platform.handle.platform}, which has none`;
  throw new GauntletError('refused', [{ subject: fault, expected: 'access to the topics of Kafka', got }]);
}

export const kafkaOf = (fault: string, service: string, world: World): KafkaActs =>
  own(world.platform.kafkaByService ?? {}, service) ?? needActs(fault, world, ['kafka']).kafka;
