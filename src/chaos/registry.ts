/** Every fault there is, by name. A new fault is one file and one line here; the contract suite then runs over it. */
import { didYouMean } from '../core/did-you-mean.ts';
import { show, usageError } from '../core/errors.ts';
import type { Fault } from './fault.ts';
import { cpuStress } from './faults/cpu-stress.ts';
import { cutLink } from './faults/cut-link.ts';
import { grpcFault } from './faults/grpc-fault.ts';
import { halfOpenLink } from './faults/half-open-link.ts';
import { httpFault } from './faults/http-fault.ts';
import { killBroker } from './faults/kill-broker.ts';
import { killPod } from './faults/kill-pod.ts';
import { memoryStress } from './faults/memory-stress.ts';
import { noop } from './faults/noop.ts';
import { partitionKafka } from './faults/partition-kafka.ts';
import { pausePod } from './faults/pause-pod.ts';
import { redisKillConnections } from './faults/redis-kill-connections.ts';
import { redisMaxclients } from './faults/redis-maxclients.ts';
import { redisMaxmemory } from './faults/redis-maxmemory.ts';
import { redisPause } from './faults/redis-pause.ts';
import { resetLink } from './faults/reset-link.ts';
import { restartStorm } from './faults/restart-storm.ts';
import { slowBroker } from './faults/slow-broker.ts';
import { slowLink } from './faults/slow-link.ts';
import { throttleRedis } from './faults/throttle-redis.ts';

export const FAULTS: readonly Fault[] = [
  killPod,
  pausePod,
  cpuStress,
  memoryStress,
  partitionKafka,
  killBroker,
  slowBroker,
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
