/** Probe names → probes: `gateway`, `specialist-<name>`, `kafka-<id>`, `redis`; `redis-write` for faults that hit writes only. */

import { addressOf } from '../../core/address.ts';
import type { Clock } from '../../core/clock.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError } from '../../core/errors.ts';
import { SPECIALISTS, type Topology } from '../../core/topology.ts';
import { ConnectionProbe, type Probe } from './connection-probe.ts';
import { grpcDialler } from './grpc-line.ts';
import { kafkaDialler } from './kafka-line.ts';
import type { Dialler } from './line.ts';
import { httpReadyProtocol, redisProtocol, redisWriteProtocol } from './protocols.ts';
import { socketDialler } from './socket-line.ts';

const WRITE_PROBE = 'redis-write';

/** @throws usage error that lists the probes this target has. */
export function createProbe(name: string, topology: Topology, clock: Clock): Probe {
  const diallers = diallersOf(topology);
  const make = diallers.get(name);
  if (make) return new ConnectionProbe(name, make(), clock);
  const known = [...diallers.keys()];
  throw new GauntletError('usage', [
    {
      subject: 'probe',
      expected: `one of ${known.join(', ')}`,
      got: JSON.stringify(name),
      ...didYouMean(name, known),
    },
  ]);
}

/**
 * The parts of a target that a probe can ask, in their order. Without `redis-write`: it is not a part, and
 * requires permission to write.
 */
export const probeNames = (topology: Topology): readonly string[] =>
  [...diallersOf(topology).keys()].filter((name) => name !== WRITE_PROBE);

function diallersOf(topology: Topology): ReadonlyMap<string, () => Dialler> {
  const found = new Map<string, () => Dialler>();
  const { gateway, redis, kafka } = topology;
  if (gateway) found.set('gateway', () => socketDialler(httpReadyProtocol(gateway.url)));
  for (const name of SPECIALISTS) {
    const address = topology.specialists[name];
    if (address !== undefined) found.set(`specialist-${name}`, () => grpcDialler(address));
  }
  for (const broker of kafka?.brokers ?? [])
    found.set(`kafka-${broker.id}`, () => kafkaDialler(broker.client));
  if (redis) {
    const { host, port } = addressOf(redis.url, 6379);
    found.set('redis', () => socketDialler(redisProtocol(host, port)));
    found.set(WRITE_PROBE, () => socketDialler(redisWriteProtocol(host, port)));
  }
  return found;
}
