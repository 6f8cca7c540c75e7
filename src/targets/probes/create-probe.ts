/** Probe names → probes: `<service>` (its `ready`), `<service>:<question>`, `<service>-<id>` for a broker. */

import { addressOf } from '../../core/address.ts';
import type { Clock } from '../../core/clock.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { usageError } from '../../core/errors.ts';
import type { Question } from '../../core/system.ts';
import { dependencies, type EndpointAt, type Topology } from '../../core/topology.ts';
import { ConnectionProbe, type Probe } from './connection-probe.ts';
import { grpcDialler } from './grpc-line.ts';
import { kafkaDialler } from './kafka-line.ts';
import type { Dialler } from './line.ts';
import { httpProtocol, redisProtocol, redisWriteProtocol } from './protocols.ts';
import { connectDialler, socketDialler } from './socket-line.ts';

/** Asked once before load, and not by a probe. */
const CONTRACT = 'contract';

/** @throws usage error that lists the probes this target has. */
export function createProbe(name: string, topology: Topology, clock: Clock): Probe {
  const diallers = diallersOf(topology);
  const make = diallers.get(name);
  if (make) return new ConnectionProbe(name, make(), clock);
  const known = [...diallers.keys()];
  const expected = `one of ${known.join(', ')}`;
  throw usageError({ subject: 'probe', expected, got: JSON.stringify(name), ...didYouMean(name, known) });
}

/** One for each part of a target that can be asked. Without questions that need a permission or a reason. */
export const probeNames = (topology: Topology): readonly string[] => dependencies(topology);

function diallersOf(topology: Topology): ReadonlyMap<string, () => Dialler> {
  const found = new Map<string, () => Dialler>();
  for (const { name, endpoints } of topology.services) {
    const [main] = endpoints;
    if (main?.protocol === 'kafka')
      for (const { id, address } of main.at) found.set(`${name}-${id}`, () => kafkaDialler(address));
    else if (main) found.set(name, () => diallerFor(main, main.asks['ready']?.question));
    for (const endpoint of endpoints) {
      for (const [ask, { question }] of Object.entries(endpoint.asks))
        if (ask !== 'ready' && ask !== CONTRACT)
          found.set(`${name}:${ask}`, () => diallerFor(endpoint, question));
    }
    if (main?.protocol === 'redis') found.set(`${name}:write`, () => redisDialler(main, redisWriteProtocol));
  }
  return found;
}

/** @param question undefined: the cheapest one of the protocol. */
function diallerFor(endpoint: EndpointAt, question: Question | undefined): Dialler {
  const { protocol, at, proto } = endpoint;
  const address = at[0]?.address ?? '';
  if (question?.kind === 'http') return socketDialler(httpProtocol(address, question));
  if (question?.kind === 'grpc') return grpcDialler(address, question, proto);
  if (question === undefined && protocol === 'http') return socketDialler(httpProtocol(address));
  if (question === undefined && protocol === 'redis') return redisDialler(endpoint, redisProtocol);
  return connectDialler(addressOf(address, 0));
}

function redisDialler({ at }: EndpointAt, protocol: typeof redisProtocol): Dialler {
  const { host, port } = addressOf(at[0]?.address ?? '', 6379);
  return socketDialler(protocol(host, port));
}
