/** An endpoint of a service: `http: 8000`, or the long form with its questions. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Ask, Endpoint, Protocol } from '../../core/system.ts';
import { REGISTRY } from '../../protocols/registry.ts';
import { block, choice, isMap, listOf, wholeNumber } from '../forms.ts';
import { askOf, askSchemas, type Written } from './ask.ts';
import { text } from './text.ts';
import { topicList, type WrittenTopics } from './topic.ts';

export const ASK_NAME = /^[a-z][a-z0-9-]*$/;
const NAME = 'the name of a question: lower-case letters, digits and dashes';
const port = wholeNumber(1, 65_535, 'a port from 1 to 65535');
const asksOf = (protocol: Protocol) =>
  z.record(z.string().regex(ASK_NAME, { error: NAME }), askSchemas[protocol] as z.ZodType<Written>, {
    error: 'questions such as ready: { get: /health, good: 200 }',
  });

const long = (protocol: Protocol) =>
  block({
    port: port.optional().describe('its port; default: that of the protocol'),
    ask: asksOf(protocol)
      .optional()
      .describe('its questions: ready is the probe, contract is asked once before load, others on demand'),
    proto: text('a file or folder of protos, beside this file').optional().describe('of gRPC: its protos'),
    topics: topicList.optional().describe('of Kafka: its topics'),
    consumers: listOf(text('the name of a consumer group'), 'a list of consumer groups', 1)
      .optional()
      .describe('of Kafka: the groups whose state and lag a run reads'),
  });

type Long = z.output<ReturnType<typeof long>>;
export type WrittenEndpoint = number | Long;

/** By protocol. */
export const endpoints: Readonly<Record<string, z.ZodType<WrittenEndpoint>>> = Object.fromEntries(
  REGISTRY.map(({ name }) => [
    name,
    choice({ port, long: long(name) }, (value) => (isMap(value) ? 'long' : 'port')),
  ]),
);

const defaultPort = (protocol: Protocol): number | null =>
  REGISTRY.find((one) => one.name === protocol)?.defaultPort ?? null;

/** In the order of the file: the first one is the main one. */
export const protocolsIn = (service: Readonly<Record<string, unknown>>): readonly Protocol[] =>
  Object.keys(service).filter((key) => REGISTRY.some((one) => one.name === key));

/** @param folder of the system file. */
export function endpointOf(protocol: Protocol, written: WrittenEndpoint, folder: string): Endpoint {
  const { port: given, ask: questions = {}, proto } = partsOf(written);
  const asked = Object.entries(questions).map(([name, one]): readonly [string, Ask] => [
    name,
    askOf(one, folder),
  ]);
  return {
    protocol,
    port: given ?? defaultPort(protocol),
    proto: proto === undefined ? null : resolve(folder, proto),
    asks: Object.fromEntries(asked),
  };
}

export const topicsOf = (written: WrittenEndpoint | undefined): WrittenTopics =>
  written === undefined ? {} : (partsOf(written).topics ?? {});

export const consumersOf = (written: WrittenEndpoint | undefined): readonly string[] =>
  written === undefined ? [] : (partsOf(written).consumers ?? []);

const partsOf = (written: WrittenEndpoint): Long =>
  typeof written === 'number' ? { port: written } : written;
