/** What a good answer is: a status, fields of its JSON, or both. */
import { z } from 'zod';
import type { GoodAnswer } from '../../core/good-answer.ts';
import type { Wanted } from '../../core/system.ts';
import { block, choice, isMap } from '../forms.ts';
import { reading } from '../words/word.ts';

const STATUS = 'a status such as 200, 2xx or [200, 201]';
const FIELD = 'a value, a list of values, { exists: true }, { not: value } or { matches: "pattern" }';
const DEFAULT: readonly (readonly [number, number])[] = [[200, 299]];

const statuses = reading(
  (value) => {
    const ranges = (Array.isArray(value) ? value : [value]).map(rangeOf);
    const isGood = ranges.length > 0 && ranges.every((one) => one !== undefined);
    return isGood
      ? { ok: true, value: ranges as (readonly [number, number])[] }
      : { ok: false, expected: STATUS };
  },
  { description: STATUS },
);

function rangeOf(value: unknown): readonly [number, number] | undefined {
  const text = String(value);
  const family = /^([1-5])xx$/.exec(text)?.[1];
  if (family !== undefined) return [Number(family) * 100, Number(family) * 100 + 99];
  return /^[1-5]\d\d$/.test(text) ? [Number(text), Number(text)] : undefined;
}

const wanted = reading<Wanted>(
  (value) => {
    if (Array.isArray(value)) return value.length > 0 && value.every(isPlain) ? oneOfValues(value) : no();
    if (!isMap(value)) return isPlain(value) ? oneOfValues([value]) : no();
    const [[key, given] = ['', undefined], ...more] = Object.entries(value);
    if (more.length > 0) return no();
    if (key === 'exists' && typeof given === 'boolean')
      return { ok: true, value: { kind: 'exists', exists: given } };
    if (key === 'not' && isPlain(given)) return { ok: true, value: { kind: 'not', value: given } };
    if (key === 'matches' && typeof given === 'string' && isPattern(given))
      return { ok: true, value: { kind: 'matches', pattern: given } };
    return no();
  },
  { description: FIELD },
);

const no = () => ({ ok: false, expected: FIELD }) as const;
const oneOfValues = (values: readonly unknown[]) =>
  ({ ok: true, value: { kind: 'one-of', values } }) as const;
const isPlain = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) || value === null;

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const PATH = 'a dotted path into the answer, such as status or data.items';
/** Fields by dotted path. */
export const fields = z.record(z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, { error: PATH }), wanted, {
  error: PATH,
});

const httpBlock = block({ status: statuses.optional(), json: fields.optional() });

export const httpGood = choice({ status: statuses, parts: httpBlock }, (value) =>
  isMap(value) ? 'parts' : 'status',
);

export function goodOf(read: z.output<typeof httpGood> | undefined): GoodAnswer {
  if (read === undefined) return { statuses: DEFAULT, fields: {} };
  if (Array.isArray(read)) return { statuses: read as GoodAnswer['statuses'], fields: {} };
  const { status, json } = read as z.output<typeof httpBlock>;
  return { statuses: status ?? DEFAULT, fields: json ?? {} };
}
