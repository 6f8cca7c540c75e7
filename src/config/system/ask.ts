/** A question to an endpoint, and its good answer. */
import { z } from 'zod';
import { type Body, type GrpcAsk, HTTP_METHODS, type HttpAsk } from '../../core/system.ts';
import { block } from '../forms.ts';
import { fields, goodOf, httpGood } from './good.ts';
import { textOf } from './text.ts';

const headers = z.record(z.string(), z.string({ error: 'a text' }), { error: 'a map of headers' }).optional();
const body = z.record(z.string(), z.unknown(), { error: 'a map, which is sent as JSON' }).optional();
const path = textOf(/^\/\S*$/, 'a path such as /health');

type Method = (typeof HTTP_METHODS)[number];
const methods = Object.fromEntries(HTTP_METHODS.map((method) => [method, path.optional()])) as Record<
  Method,
  z.ZodOptional<typeof path>
>;

export const httpAsk = block({ ...methods, headers, json: body, good: httpGood.optional() }).refine(
  (written) => HTTP_METHODS.filter((method) => written[method] !== undefined).length === 1,
  { error: `one of ${HTTP_METHODS.join(', ')}, with a path such as /health` },
);

export const grpcAsk = block({
  call: textOf(/^[\w.]+\/\w+$/, 'package.Service/Method'),
  request: body,
  good: fields.optional(),
});

export function httpAskOf(written: z.output<typeof httpAsk>): HttpAsk {
  const method = HTTP_METHODS.find((one) => written[one] !== undefined) ?? 'get';
  return {
    kind: 'http',
    method,
    path: written[method] ?? '/',
    headers: written.headers ?? {},
    body: bodyOf(written.json),
    ...goodOf(written.good),
  };
}

export function grpcAskOf({ call, request, good = {} }: z.output<typeof grpcAsk>): GrpcAsk {
  const [service = '', method = ''] = call.split('/');
  return { kind: 'grpc', service, method, request: bodyOf(request), fields: good };
}

const bodyOf = (written: Readonly<Record<string, unknown>> | undefined): Body | null =>
  written === undefined ? null : { json: written };
