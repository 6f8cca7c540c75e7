/** The Kafka of a target, each by its service: commands go to the addresses of the target file. */
import type { Platform } from '../../core/acts/platform.ts';
import { kafkasOf, onlyOf, type Topology } from '../../core/topology.ts';
import { openKafkaActs } from '../../targets/kafka-acts.ts';

/** The guards of quorum and in-sync replicas ask Kafka itself. */
export function withStores(platform: Platform, topology: Topology): Platform {
  const kafkas = Object.entries(kafkasOf(topology)).map(
    ([service, brokers]) => [service, openKafkaActs(brokers)] as const,
  );
  if (kafkas.length === 0) return platform;
  const kafkaByService = Object.fromEntries(kafkas);
  const kafka = onlyOf(kafkaByService);
  return { ...platform, kafkaByService, ...(kafka && { kafka }) };
}
