/** The Kafka of a target, each by its service: commands go to the addresses of the target file. */
import type { Platform } from '../../core/acts/platform.ts';
import { kafkasOf, type Topology } from '../../core/topology.ts';
import { kafkaActsOf } from '../../targets/kafka-acts.ts';

/** The guards of quorum and in-sync replicas ask Kafka itself. */
export const withStores = (platform: Platform, topology: Topology): Platform => ({
  ...platform,
  ...kafkaActsOf(kafkasOf(topology)),
});
