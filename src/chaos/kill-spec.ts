/** What an author may write about a kill, and how it is read. */
import { type Ms, type Parsed, parseDuration, parseRatio } from '../core/units.ts';
import type { Parameter, ParsedFault } from './fault.ts';
import { oneOf, parseSwitch, SpecReader } from './parameters.ts';

export type KillSpec = {
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** A share is rounded up to whole instances. */
  readonly mode: 'one' | 'all' | { readonly share: number };
  readonly acceptOutage: boolean;
  readonly evict: boolean;
  /** Time to drain, in whole seconds; null = the instance's own. */
  readonly graceMs: Ms | null;
};

const MODE_ALLOWED = 'one, all, or a share greater than 0% such as 50% (rounded up)';

const GRACE_ALLOWED = 'whole seconds with a unit, such as 30s, together with signal: SIGTERM';

export const KILL_PARAMETERS: readonly Parameter[] = [
  {
    name: 'service',
    meaning: 'whose instance is killed; the instance is drawn by the seed when the fault fires',
    unit: '',
    default: null,
    required: true,
    allowed: 'the name of a service of the target, such as specialist-business',
  },
  {
    name: 'signal',
    meaning: 'SIGKILL: it dies at once; SIGTERM: it may drain first',
    unit: '',
    default: 'SIGKILL',
    required: false,
    allowed: 'SIGKILL or SIGTERM',
  },
  {
    name: 'mode',
    meaning: 'how many of the ready instances',
    unit: '',
    default: 'one',
    required: false,
    allowed: MODE_ALLOWED,
  },
  {
    name: 'grace',
    meaning:
      'time to drain after SIGTERM, on platforms that remove instances (Kubernetes); without it the pod has its own',
    unit: 'duration',
    default: null,
    required: false,
    allowed: GRACE_ALLOWED,
  },
  {
    name: 'evict',
    meaning:
      'asks the disruption budget first (Kubernetes eviction); a budget that says no refuses the fault',
    unit: '',
    default: 'false',
    required: false,
    allowed: 'true or false',
  },
  {
    name: 'accept-outage',
    meaning: 'declares that a service with several replicas may be left without a ready one',
    unit: '',
    default: 'false',
    required: false,
    allowed: 'true or false',
  },
];

export function parseKill(raw: unknown): ParsedFault<KillSpec> {
  const reader = new SpecReader(raw, KILL_PARAMETERS);
  const service = reader.take('service', parseService);
  const signal = reader.take('signal', oneOf('SIGKILL', 'SIGTERM'));
  const mode = reader.take('mode', parseMode);
  const acceptOutage = reader.take('accept-outage', parseSwitch);
  const evict = reader.take('evict', parseSwitch);
  const grace = reader.take('grace', parseGrace);
  if (grace !== undefined && signal === 'SIGKILL') {
    reader.add('grace', GRACE_ALLOWED, 'signal SIGKILL, which leaves no time');
  }
  const complete = evict !== undefined && service !== undefined && signal !== undefined && mode !== undefined;
  if (reader.problems.length > 0 || !complete || acceptOutage === undefined) {
    return { ok: false, problems: reader.problems };
  }
  const spec = { service, signal, mode, acceptOutage, evict, graceMs: grace ?? null };
  return { ok: true, spec, holdMs: null };
}

function parseService(value: unknown): Parsed<string> {
  return typeof value === 'string' && value.trim() !== ''
    ? { ok: true, value }
    : { ok: false, expected: 'the name of a service, such as specialist-business' };
}

/** Kubernetes knows whole seconds only. */
function parseGrace(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  return parsed.ok && parsed.value > 0 && parsed.value % 1000 === 0
    ? parsed
    : { ok: false, expected: GRACE_ALLOWED };
}

function parseMode(value: unknown): Parsed<KillSpec['mode']> {
  if (value === 'one' || value === 'all') return { ok: true, value };
  const share = parseRatio(value);
  return share.ok && share.value > 0
    ? { ok: true, value: { share: share.value } }
    : { ok: false, expected: MODE_ALLOWED };
}
