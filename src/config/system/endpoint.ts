/** An endpoint of a service: `http: 8000`, or the long form with its questions. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Ask, type Endpoint, PROTOCOLS, type Protocol } from '../../core/system.ts';
import { block, choice, isMap, wholeNumber } from '../forms.ts';
import { ask, askOf } from './ask.ts';
import { text } from './text.ts';
import { topicList, type WrittenTopics } from './topic.ts';

export const ASK_NAME = /^[a-z][a-z0-9-]*$/;
const NAME = 'the name of a question: lower-case letters, digits and dashes';
const port = wholeNumber(1, 65_535, 'a port from 1 to 65535');
const asks = z.record(z.string().regex(ASK_NAME, { error: NAME }), ask, {
  error: 'questions such as ready: { get: /health, good: 200 }',
});

const long = block({
  port: port.optional().describe('its port; default: that of the protocol'),
  ask: asks
    .optional()
    .describe('its questions: ready is the probe, contract is asked once before load, others on demand'),
  proto: text('a file or folder of protos, beside this file').optional().describe('of gRPC: its protos'),
  topics: topicList.optional().describe('of Kafka: its topics'),
});

export type WrittenEndpoint = z.output<typeof endpoint>;
export const endpoint = choice({ port, long }, (value) => (isMap(value) ? 'long' : 'port'));

const DEFAULT_PORTS: Readonly<Record<Protocol, number | null>> = {
  ...{ http: 80, grpc: null, kafka: 9092, redis: 6379, postgres: 5432, tcp: null },
};

/** In the order of the file: the first one is the main one. */
export const protocolsIn = (service: Readonly<Record<string, unknown>>): readonly Protocol[] =>
  Object.keys(service).filter((key): key is Protocol => (PROTOCOLS as readonly string[]).includes(key));

/** @param folder of the system file. */
export function endpointOf(protocol: Protocol, written: WrittenEndpoint, folder: string): Endpoint {
  const { port: given, ask: questions = {}, proto } = partsOf(written);
  const asked = Object.entries(questions).map(([name, one]): readonly [string, Ask] => [name, askOf(one)]);
  return {
    protocol,
    port: given ?? DEFAULT_PORTS[protocol],
    proto: proto === undefined ? null : resolve(folder, proto),
    asks: Object.fromEntries(asked),
  };
}

export const topicsOf = (written: WrittenEndpoint | undefined): WrittenTopics =>
  written === undefined ? {} : (partsOf(written).topics ?? {});

const partsOf = (written: WrittenEndpoint): z.output<typeof long> =>
  typeof written === 'number' ? { port: written } : written;
