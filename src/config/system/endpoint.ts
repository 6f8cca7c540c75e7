/** An endpoint of a service: `http: 8000`, or the long form with its questions. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Ask, type Endpoint, PROTOCOLS, type Protocol } from '../../core/system.ts';
import { block, choice, isMap, wholeNumber } from '../forms.ts';
import { grpcAsk, grpcAskOf, httpAsk, httpAskOf } from './ask.ts';
import { text } from './text.ts';

const NAME = /^[a-z][a-z0-9-]*$/;
const NAMED = 'the name of a question: lower-case letters, digits and dashes';
const HTTP_ASKS = 'questions such as ready: { get: /health, good: 200 }';
const GRPC_ASKS = 'questions such as ready: { call: shop.Orders/Check, good: { status: SERVING } }';

const port = wholeNumber(1, 65_535, 'a port from 1 to 65535');
const asked = port.optional().describe('its port, as its readers know it');

const http = block({
  port: asked,
  ask: z
    .record(z.string().regex(NAME, { error: NAMED }), httpAsk, { error: HTTP_ASKS })
    .optional()
    .describe('ready is the probe, contract is asked once before load; others are probes of their own'),
});
/** The contract of a service over gRPC is not asked: a scenario does it. */
const GRPC_NAME = /^(?!contract$)[a-z][a-z0-9-]*$/;
const grpc = block({
  port: asked,
  proto: text('a proto, beside this file').optional().describe('by which requests and answers are read'),
  ask: z
    .record(z.string().regex(GRPC_NAME, { error: `${NAMED}; contract is asked over HTTP only` }), grpcAsk, {
      error: GRPC_ASKS,
    })
    .optional()
    .describe('ready is the probe; others are probes of their own'),
});

const withPort = <Long extends z.ZodType>(long: Long) =>
  choice({ port, long }, (value) => (isMap(value) ? 'long' : 'port'));

/** By protocol. */
export const endpoints = {
  http: withPort(http).optional(),
  grpc: withPort(grpc).optional(),
  ...{ kafka: port.optional(), redis: port.optional(), postgres: port.optional(), tcp: port.optional() },
};

export type WrittenEndpoints = { readonly [Key in Protocol]?: z.output<(typeof endpoints)[Key]> };

/** In the order of the file: the first one is the main one. @param folder of the system file. */
export const endpointsOf = (service: WrittenEndpoints, folder: string): readonly Endpoint[] =>
  Object.keys(service)
    .filter((key): key is Protocol => (PROTOCOLS as readonly string[]).includes(key))
    .filter((protocol) => service[protocol] !== undefined)
    .map((protocol) => ({ protocol, ...partsOf(protocol, service, folder) }));

function partsOf(
  protocol: Protocol,
  service: WrittenEndpoints,
  folder: string,
): Pick<Endpoint, 'port' | 'proto' | 'asks'> {
  const written = service[protocol];
  if (written === undefined || typeof written === 'number')
    return { port: written ?? null, proto: null, asks: {} };
  if (protocol === 'grpc') {
    const { port: given = null, proto, ask = {} } = written as z.output<typeof grpc>;
    return {
      port: given,
      proto: proto === undefined ? null : resolve(folder, proto),
      asks: each(ask, grpcAskOf),
    };
  }
  const { port: given = null, ask = {} } = written as z.output<typeof http>;
  return { port: given, proto: null, asks: each(ask, httpAskOf) };
}

const each = <Written>(
  asks: Readonly<Record<string, Written>>,
  read: (written: Written) => Ask,
): Readonly<Record<string, Ask>> =>
  Object.fromEntries(Object.entries(asks).map(([name, written]) => [name, read(written)]));
