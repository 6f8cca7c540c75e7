/** A question to an endpoint and its good answer. The key that is written chooses the form. */
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import type { Ask, Body, Question } from '../../core/system.ts';
import { formatMs, type Ms, ms, type Parsed, parseDuration } from '../../core/units.ts';
import type { AskForm, Forms } from '../../protocols/line/form.ts';
import type { ProtocolFile } from '../../protocols/line/protocol.ts';
import { REGISTRY } from '../../protocols/registry.ts';
import { block, choice, isMap } from '../forms.ts';
import { durationBy, durationOf } from '../words/duration.ts';
import { fields, goodOf, httpGood } from './good.ts';
import { text, textOf } from './text.ts';

/** Less would be load; with more, a run folder would look as if nobody had watched. */
const LEAST = ms(10);
const MOST_EVERY = ms(10_000);
const MOST_TIMEOUT = ms(20_000);

function within(most: Ms) {
  const bounds = `${formatMs(LEAST)} to ${formatMs(most)}`;
  const expected = `a duration from ${bounds}`;
  const read = (value: unknown): Parsed<Ms> => {
    const parsed = parseDuration(value);
    const fits = parsed.ok && parsed.value >= LEAST && parsed.value <= most;
    return fits ? parsed : { ok: false, expected };
  };
  return durationBy(read, bounds, expected).optional();
}

const timing = {
  every: within(MOST_EVERY).describe('how often it is asked; default: every 100ms'),
  timeout: within(MOST_TIMEOUT).describe('after which there is no answer; default: 400ms'),
};

const FORMS: Forms = {
  text: (expected, pattern) => (pattern === undefined ? text(expected) : textOf(pattern, expected)),
  body: z.unknown().meta({ description: 'a map, or the path of a JSON file beside this one' }),
  fields,
  good: httpGood.transform(goodOf),
  headers: z.record(z.string(), z.string({ error: 'a text' }), { error: 'a map of headers' }),
  duration: durationOf,
  block,
};

const CONNECT = 'connect';

/** @returns the schema of one question to an endpoint of this protocol, as {@link Written}. */
function askSchema({ name, forms }: ProtocolFile): z.ZodType<Written> {
  const options = Object.fromEntries(
    forms.map((form) => [form.keys.join(), block({ ...form.shape(FORMS), ...timing })] as const),
  );
  const keys = forms.flatMap((form) => form.keys);
  const expected =
    keys.length === 0
      ? `${CONNECT}, the one question to ${name}`
      : `${CONNECT}, or a map with ${keys.join(', ')}`;
  const all: Readonly<Record<string, z.ZodType>> = {
    ...options,
    [CONNECT]: z.literal(CONNECT),
    timed: block(timing),
  };
  const read = choice(all, (value) => {
    if (value === CONNECT) return CONNECT;
    if (!isMap(value)) return { expected };
    const form = forms.find((one) => one.keys.some((key) => key in value));
    if (form !== undefined) return form.keys.join();
    return Object.keys(value).length > 0 && Object.keys(value).every((key) => key in timing)
      ? 'timed'
      : { expected };
  });
  return read.transform((value, ctx): Written => {
    const written = value as Record<string, unknown> | typeof CONNECT | undefined;
    if (written === CONNECT) return { form: CONNECT, written: {} };
    if (written === undefined) return { form: null, written: {} };
    const form = forms.find((one) => one.keys.some((key) => written[key] !== undefined)) ?? null;
    const wrong = form?.refusal?.(written as never);
    if (wrong !== undefined) {
      const { key, expected: instead } = wrong;
      ctx.issues.push({ code: 'custom', input: written[key], message: instead, path: [key] });
    }
    return { form, written };
  });
}

/** A question as it was read: its form, null for the usual one of its name, and its values. */
export interface Written {
  readonly form: AskForm | typeof CONNECT | null;
  readonly written: Readonly<Record<string, unknown>>;
}

/** By protocol. */
export const askSchemas: Readonly<Record<string, z.ZodType<Written>>> = Object.fromEntries(
  REGISTRY.map((one) => [one.name, askSchema(one)]),
);

/** @param folder of the system file. */
export function askOf(read: Written | undefined, folder: string): Ask {
  // A question that could not be read has its problem already.
  const { form = null, written = {} } = read ?? {};
  const { every, timeout } = written as { readonly every?: Ms; readonly timeout?: Ms };
  const question = questionOf({ form, written }, folder);
  return { question, everyMs: every ?? null, timeoutMs: timeout ?? null };
}

function questionOf({ form, written }: Written, folder: string): Question | null {
  if (form === null || form === CONNECT) return form === null ? null : { kind: 'connect' };
  return form.read(written as never, (body) => bodyOf(body, folder));
}

function bodyOf(written: unknown, folder: string): Body | null {
  if (written === undefined) return null;
  if (typeof written !== 'string') return { kind: 'json', json: written };
  return { kind: 'file', file: isAbsolute(written) ? written : resolve(folder, written) };
}
