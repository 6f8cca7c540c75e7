/** Every fault, by name. A new fault is one file and one line here; the contract suite then covers it. */
import { didYouMean } from '../../core/did-you-mean.ts';
import { show, usageError } from '../../core/errors.ts';
import type { Fault } from '../fault.ts';
import { killPod } from './instances/kill-pod.ts';
import { noop } from './instances/noop.ts';
import { pausePod } from './instances/pause-pod.ts';
import { restartStorm } from './instances/restart-storm.ts';
import { rollingRestart } from './instances/rolling-restart.ts';
import { scale } from './instances/scale.ts';
import { kafkaMaxMessage } from './kafka/kafka-max-message.ts';
import { killBroker } from './kafka/kill-broker.ts';
import { partitionKafka } from './kafka/partition-kafka.ts';
import { slowBroker } from './kafka/slow-broker.ts';
import { cutLink } from './links/cut-link.ts';
import { halfOpenLink } from './links/half-open-link.ts';
import { resetLink } from './links/reset-link.ts';
import { slowLink } from './links/slow-link.ts';
import { cpuStress } from './pressure/cpu-stress.ts';
import { memoryStress } from './pressure/memory-stress.ts';
import { redisKillConnections } from './redis/redis-kill-connections.ts';
import { redisMaxclients } from './redis/redis-maxclients.ts';
import { redisMaxmemory } from './redis/redis-maxmemory.ts';
import { redisPause } from './redis/redis-pause.ts';
import { throttleRedis } from './redis/throttle-redis.ts';
import { grpcFault } from './requests/grpc-fault.ts';
import { httpFault } from './requests/http-fault.ts';

export const FAULTS: readonly Fault[] = [
  killPod,
  pausePod,
  cpuStress,
  memoryStress,
  partitionKafka,
  killBroker,
  slowBroker,
  kafkaMaxMessage,
  throttleRedis,
  redisPause,
  redisMaxclients,
  redisMaxmemory,
  redisKillConnections,
  httpFault,
  grpcFault,
  cutLink,
  slowLink,
  halfOpenLink,
  resetLink,
  restartStorm,
  rollingRestart,
  scale,
  noop,
];

/** @throws usage error that lists the faults, with the nearest name. */
export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name);
  if (fault) return fault;
  const names = FAULTS.map((one) => one.name);
  throw usageError({
    subject: `fault ${show(name)}`,
    expected: `one of ${names.join(', ')}`,
    got: show(name),
    ...didYouMean(name, names),
  });
}
