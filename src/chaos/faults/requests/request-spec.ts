/** The parameters that faults on HTTP requests and on gRPC calls share, and how they are read. */
import {
  DURATION_EXPECTED,
  type Ms,
  type Parsed,
  parseDuration,
  parseRatio,
  RATIO_EXPECTED,
  type Ratio,
} from '../../../core/units.ts';
import type { Parameter } from '../../fault.ts';
import { HOLD_PARAMETER, parseHold, type SpecReader } from '../../parameters.ts';

export type RequestSpec = {
  /** A number of HTTP (400 to 599) or of gRPC (1 to 16). */
  readonly status: number | null;
  readonly delay: Ms | null;
  readonly jitter: Ms | null;
  readonly share: Ratio;
  /** The client that is meant; null: all. */
  readonly from: string | null;
  readonly for: Ms;
};

const EITHER = 'at least one of status and delay';
const FROM_ALLOWED = 'the name of a client, such as client';

export const optional = (name: string, meaning: string, allowed: string, unit = ''): Parameter => ({
  name,
  meaning,
  unit,
  default: null,
  required: false,
  allowed,
});

export const statusParameter = (meaning: string, allowed: string): Parameter =>
  optional('status', meaning, `${allowed}; ${EITHER}`);

export const REQUEST_PARAMETERS: readonly Parameter[] = [
  optional('delay', 'before it is handed on, or answered', `${DURATION_EXPECTED}; ${EITHER}`, 'duration'),
  optional(
    'jitter',
    'spreads the delay evenly, this much to either side; seeded',
    `${DURATION_EXPECTED}, at most the delay`,
    'duration',
  ),
  {
    ...optional('share', 'of those that are chosen; each is drawn by the seed', RATIO_EXPECTED),
    default: '100%',
  },
  optional('from', 'only those of this client; without it those of all', FROM_ALLOWED),
  HOLD_PARAMETER,
];

/** Undefined when something is wrong or missing: then the reader has the problems. */
export function readRequestSpec(
  reader: SpecReader,
  parseStatus: (value: unknown) => Parsed<number>,
): RequestSpec | undefined {
  const status = reader.take('status', parseStatus) ?? null;
  const delay = reader.take('delay', parseHold) ?? null;
  const jitter = reader.take('jitter', parseDuration) ?? null;
  const share = reader.take('share', parseShare);
  const from = reader.take('from', matching(/\S/, FROM_ALLOWED)) ?? null;
  const hold = reader.take('for', parseHold);
  if (!reader.has('status') && !reader.has('delay')) reader.add('', EITHER, undefined);
  if (jitter !== null && jitter > (delay ?? 0)) reader.add('jitter', 'at most the delay', `${jitter} ms`);
  if (reader.problems.length > 0 || share === undefined || hold === undefined) return undefined;
  return { status, delay, jitter, share, from, for: hold };
}

function parseShare(value: unknown): Parsed<Ratio> {
  const parsed = parseRatio(value);
  return parsed.ok && parsed.value > 0
    ? parsed
    : { ok: false, expected: `${RATIO_EXPECTED}, greater than 0%` };
}

export const matching =
  (pattern: RegExp, expected: string) =>
  (value: unknown): Parsed<string> =>
    typeof value === 'string' && pattern.test(value) ? { ok: true, value } : { ok: false, expected };
