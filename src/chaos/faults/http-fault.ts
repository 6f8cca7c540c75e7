/** Delays HTTP requests to the gateway, or answers them with an error: all, or a share of those on a path. */
import {
  DURATION_EXPECTED,
  type Ms,
  type Parsed,
  parseDuration,
  parseRatio,
  RATIO_EXPECTED,
  type Ratio,
} from '../../core/units.ts';
import type { Fault, Parameter } from '../fault.ts';
import { HOLD_PARAMETER, parseHold, SpecReader } from '../parameters.ts';
import {
  expectHits,
  type RequestAct,
  type RequestUndo,
  requestFaultId,
  requestsFree,
} from '../request-fault.ts';
import { needActs, platformTimers, unknownName, type World } from '../world.ts';

type HttpSpec = {
  readonly from: string | null;
  readonly status: number | null;
  readonly delay: Ms | null;
  readonly jitter: Ms | null;
  readonly share: Ratio;
  readonly method: string | null;
  readonly path: string | null;
  readonly for: Ms;
};

type HttpAct = RequestAct & { readonly probed: boolean };

const NAME = 'http-fault';
const VICTIM = 'gateway';
const ACTS = ['links', 'http'] as const;
const PERMISSIONS = ['links.list', 'http.list', 'http.put', 'http.renew', 'http.end'];
/** What the gateway's probe asks. */
const PROBE = { method: 'GET', path: '/ready' };
const STATUS_ALLOWED = 'a status from 400 to 599, such as 503';
const METHOD_ALLOWED = 'a method in capital letters, such as POST';
const PATH_ALLOWED = 'a path without query, such as /intentions';
const EITHER = 'at least one of status and delay';

const optional = (name: string, meaning: string, allowed: string, unit = ''): Parameter => ({
  name,
  meaning,
  unit,
  default: null,
  required: false,
  allowed,
});

const PARAMETERS: readonly Parameter[] = [
  optional(
    'status',
    'answered in place of the gateway, which does not see the request',
    `${STATUS_ALLOWED}; ${EITHER}`,
  ),
  optional(
    'delay',
    'before the request is handed on, or answered',
    `${DURATION_EXPECTED}; ${EITHER}`,
    'duration',
  ),
  optional(
    'jitter',
    'spreads the delay evenly, this much to either side; seeded',
    `${DURATION_EXPECTED}, at most the delay`,
    'duration',
  ),
  {
    ...optional('share', 'of the chosen requests; each is drawn by the seed', RATIO_EXPECTED),
    default: '100%',
  },
  optional('method', 'only requests with this method', METHOD_ALLOWED),
  optional('path', 'only requests to this path and below it', PATH_ALLOWED),
  optional(
    'from',
    'only requests of this client; without it those of all',
    'the name of a client, such as client',
  ),
  HOLD_PARAMETER,
];

export const httpFault: Fault<HttpSpec, HttpAct, RequestUndo> = {
  name: NAME,
  summary: 'delays HTTP requests to the gateway or answers them with an error: all, or a share of some',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  undone:
    'The rule is removed by its id; requests that wait go on at once, and open connections go back to the gateway with their ' +
    'next request. The proxy itself ends it when it is not renewed within the lease.',
  example: 'http-fault: { path: /intentions, method: POST, status: 503, share: 20%, for: 8s }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const status = reader.take('status', parseStatus) ?? null;
    const delay = reader.take('delay', parseHold) ?? null;
    const jitter = reader.take('jitter', parseDuration) ?? null;
    const share = reader.take('share', parseShare);
    const method = reader.take('method', matching(/^[A-Z]+$/, METHOD_ALLOWED)) ?? null;
    const path = reader.take('path', matching(/^\/[^?#\s]*$/, PATH_ALLOWED)) ?? null;
    const from = reader.take('from', matching(/\S/, 'the name of a client, such as client')) ?? null;
    const hold = reader.take('for', parseHold);
    if (!reader.has('status') && !reader.has('delay')) reader.add('', EITHER, undefined);
    if (jitter !== null && jitter > (delay ?? 0)) reader.add('jitter', 'at most the delay', `${jitter} ms`);
    if (reader.problems.length > 0 || share === undefined || hold === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { from, status, delay, jitter, share, method, path, for: hold }, holdMs: hold };
  },

  async plan(spec, world) {
    const { links, http } = needActs(NAME, world, ACTS);
    const all = (await links.list()).filter((link) => link.to === VICTIM);
    const touched = all.filter((link) => spec.from === null || link.from === spec.from);
    if (touched.length === 0) {
      const known = [...new Set(all.map((link) => link.from))].sort();
      throw unknownName(`${NAME}.from`, 'a client of the gateway', spec.from ?? VICTIM, known);
    }
    const names = touched.map((link) => link.name);
    const isWatched = touched.some((link) => link.from === 'probe');
    const id = requestFaultId(NAME);
    return {
      fault: NAME,
      victim: `requests to ${VICTIM}`,
      victims: [`requests to ${VICTIM}`],
      probes: isWatched ? [VICTIM] : [],
      touches: names,
      timers: [
        'While it is held, every request on these links crosses one more hop: 0.05 ms in the median on loopback.',
        'Open connections change over between two requests; to the gateway that is one connection closed and one opened.',
        ...platformTimers(world, /gateway/i),
      ],
      permissions: PERMISSIONS,
      impact: { services: [VICTIM], killed: [], brokersLost: [], outageAccepted: false },
      undo: { fault: NAME, data: { id, links: names, before: (await http.list()).map((one) => one.id) } },
      act: actOf(spec, id, names, isWatched, world),
    };
  },

  apply({ act }, world, ttl) {
    const { probed: _, ...fault } = act;
    return needActs(NAME, world, ACTS).http.put({ ...fault, ttlMs: ttl });
  },
  renew: (plan, world, ttl) => needActs(NAME, world, ACTS).http.renew(plan.act.id, ttl),
  expect: ({ act }) => expectHits(act, act.probed),
  undo: (record, world) => needActs(NAME, world, ['http']).http.end(record.data.id),
  removed: (record, world) => requestsFree(needActs(NAME, world, ['http']).http, record.data),
};

function actOf(
  spec: HttpSpec,
  id: string,
  links: readonly string[],
  isWatched: boolean,
  world: World,
): HttpAct {
  const { status, delay, jitter, share, method, path } = spec;
  const isProbeChosen =
    (method === null || method === PROBE.method) && (path === null || path === '/' || path === PROBE.path);
  return {
    id,
    links,
    share,
    seed: world.rng.below(2 ** 31),
    ...(status !== null && { status }),
    ...(delay !== null && { delayMs: delay }),
    ...(jitter !== null && { jitterMs: jitter }),
    ...(method !== null && { method }),
    ...(path !== null && { path }),
    probed: isWatched && isProbeChosen && share === 1,
  };
}

function parseStatus(value: unknown): Parsed<number> {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599
    ? { ok: true, value: status }
    : { ok: false, expected: STATUS_ALLOWED };
}

function parseShare(value: unknown): Parsed<Ratio> {
  const parsed = parseRatio(value);
  return parsed.ok && parsed.value > 0
    ? parsed
    : { ok: false, expected: `${RATIO_EXPECTED}, greater than 0%` };
}

const matching =
  (pattern: RegExp, expected: string) =>
  (value: unknown): Parsed<string> =>
    typeof value === 'string' && pattern.test(value) ? { ok: true, value } : { ok: false, expected };
