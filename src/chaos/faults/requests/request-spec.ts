/** The parameters that faults on HTTP requests and on gRPC calls share, and their parsing. */
import { duration } from '../../../config/words/duration.ts';
import { reading } from '../../../config/words/word.ts';
import {
  DURATION_EXPECTED,
  type Ms,
  type Parsed,
  parseRatio,
  RATIO_EXPECTED,
  type Ratio,
} from '../../../core/units.ts';
import { type Checking, HOLD_PARAMETER, heldFor, matching, parameter } from '../../parameters.ts';

export type RequestSpec = {
  /** An HTTP status (400 to 599) or a gRPC code (1 to 16). */
  readonly status: number | null;
  readonly delay: Ms | null;
  readonly jitter: Ms | null;
  readonly share: Ratio;
  /** The selected client; null: all. */
  readonly from: string | null;
  readonly for: Ms;
};

const EITHER = 'at least one of status and delay';
const FROM_ALLOWED = 'the name of a client, such as client';

export const statusParameter = (read: (value: unknown) => Parsed<number>, meaning: string, allowed: string) =>
  parameter(reading(read, { type: ['integer', 'string'] }), {
    meaning,
    allowed: `${allowed}; ${EITHER}`,
  }).optional();

export const REQUEST_PARAMETERS = {
  delay: parameter(heldFor, {
    meaning: 'added before the request is forwarded or answered',
    allowed: `${DURATION_EXPECTED}; ${EITHER}`,
    unit: 'duration',
  }).optional(),
  jitter: parameter(duration, {
    meaning: 'spreads the delay evenly, this much to either side; seeded',
    allowed: `${DURATION_EXPECTED}, at most the delay`,
    unit: 'duration',
  }).optional(),
  share: parameter(reading(parseShare, { type: 'string' }), {
    meaning: 'share of the selected requests that is affected; the seed draws each one',
    allowed: RATIO_EXPECTED,
  }).prefault('100%'),
  from: parameter(matching(/\S/, FROM_ALLOWED), {
    meaning: 'only requests of this client; default: of all clients',
    allowed: FROM_ALLOWED,
  }).optional(),
  for: HOLD_PARAMETER,
};

interface Given {
  readonly status?: number | undefined;
  readonly delay?: Ms | undefined;
  readonly jitter?: Ms | undefined;
  readonly share: Ratio;
  readonly from?: string | undefined;
  readonly for: Ms;
}

export const requestSpecOf = (given: Given): RequestSpec => ({
  status: given.status ?? null,
  delay: given.delay ?? null,
  jitter: given.jitter ?? null,
  share: given.share,
  from: given.from ?? null,
  for: given.for,
});

export function checkRequest(
  { delay, jitter }: Pick<Given, 'delay' | 'jitter'>,
  { has, add }: Checking,
): void {
  if (!has('status') && !has('delay')) add('', EITHER, undefined);
  if (jitter !== undefined && jitter > (delay ?? 0)) add('jitter', 'at most the delay', `${jitter} ms`);
}

function parseShare(value: unknown): Parsed<Ratio> {
  const parsed = parseRatio(value);
  return parsed.ok && parsed.value > 0
    ? parsed
    : { ok: false, expected: `${RATIO_EXPECTED}, greater than 0%` };
}
