/** Brokers of a Kafka, of which each is an instance of its own. */
import type { System } from '../core/system.ts';

type Service = System['services'][number];

export const isKafka = ({ endpoints }: Pick<Service, 'endpoints'>): boolean =>
  endpoints.some((one) => one.protocol === 'kafka');

/** The main class, as the scripts and images of Apache and Confluent start it. */
export const BROKER_COMMAND = 'kafka.Kafka';
