/** A question to an endpoint and its good answer. The key that is written chooses the form. */
import { z } from 'zod';
import { type Ask, type Body, HTTP_METHODS, type Question } from '../../core/system.ts';
import { block, choice, isMap } from '../forms.ts';
import { durationOf } from '../words/duration.ts';
import { fields, goodOf, httpGood } from './good.ts';
import { text, textOf } from './text.ts';

const timing = {
  every: durationOf('10ms').optional().describe('how often it is asked; default: every 100ms'),
  timeout: durationOf('10ms').optional().describe('after which there is no answer; default: 400ms'),
};

const headers = z.record(z.string(), z.string({ error: 'a text' }), { error: 'a map of headers' }).optional();
const body = z.unknown().meta({ description: 'a map, or the path of a file beside this one' }).optional();
const path = textOf(/^\/\S*$/, 'a path such as /health');

const http = block({
  ...Object.fromEntries(HTTP_METHODS.map((method) => [method, path.optional()])),
  headers,
  json: body,
  good: httpGood.optional(),
  ...timing,
} as Record<(typeof HTTP_METHODS)[number], z.ZodOptional<typeof path>> & {
  headers: typeof headers;
  json: typeof body;
  good: z.ZodOptional<typeof httpGood>;
} & typeof timing);

const grpc = block({
  call: textOf(/^[\w.]+\/\w+$/, 'package.Service/Method'),
  request: body,
  good: fields.optional(),
  ...timing,
});
const sql = block({ sql: text('a statement that returns one row, such as select 1'), ...timing });
const echo = block({
  send: block({
    to: text('the service that it is sent to'),
    topic: text('a Kafka topic').optional(),
    channel: text('a Redis channel').optional(),
    json: z.unknown(),
  }),
  hear: block({ websocket: path, json: fields, within: durationOf('10ms') }),
  ...timing,
});
const FORMS = 'connect, or a map with get, post, put, patch, delete, head, call, sql, or send and hear';

export const ask = choice({ http, grpc, sql, echo, connect: z.literal('connect') }, (value) => {
  if (value === 'connect') return 'connect';
  if (!isMap(value)) return { expected: FORMS };
  if ('call' in value) return 'grpc';
  if ('sql' in value) return 'sql';
  if ('send' in value || 'hear' in value) return 'echo';
  return HTTP_METHODS.some((method) => method in value) ? 'http' : { expected: FORMS };
});

type Written = z.output<typeof ask>;

export function askOf(written: Written): Ask {
  if (typeof written !== 'object') return { question: { kind: 'connect' }, everyMs: null, timeoutMs: null };
  return {
    question: questionOf(written),
    everyMs: written.every ?? null,
    timeoutMs: written.timeout ?? null,
  };
}

function questionOf(written: Exclude<Written, string>): Question {
  if ('call' in written) {
    const [service = '', method = ''] = written.call.split('/');
    return { kind: 'grpc', service, method, request: bodyOf(written.request), fields: written.good ?? {} };
  }
  if ('sql' in written) return { kind: 'sql', statement: written.sql };
  if ('send' in written) {
    const { send, hear } = written;
    const { json, ...to } = send;
    const sent = { ...definedOf(to), to: send.to, body: bodyOf(json) ?? { kind: 'json' as const, json: {} } };
    return { kind: 'echo', send: sent, websocket: hear.websocket, fields: hear.json, withinMs: hear.within };
  }
  const http = written as z.output<typeof http_>;
  const method = HTTP_METHODS.find((one) => http[one] !== undefined) ?? 'get';
  return {
    kind: 'http',
    method,
    path: http[method] ?? '/',
    headers: http.headers ?? {},
    body: bodyOf(http.json),
    ...goodOf(http.good),
  };
}
const http_ = http;

const definedOf = <Shape extends object>(shape: Shape) =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Shape]?: Exclude<Shape[Key], undefined>;
  };

function bodyOf(written: unknown): Body | null {
  if (written === undefined) return null;
  return typeof written === 'string' ? { kind: 'file', file: written } : { kind: 'json', json: written };
}
