/** What an author may write about kill-pod, and how it is read. */
import { type Ms, type Parsed, parseDuration } from '../core/units.ts';
import type { Parameter, ParsedFault } from './fault.ts';
import { SIGNAL_PARAMETER } from './killing.ts';
import { oneOf, parseSwitch, SpecReader } from './parameters.ts';
import {
  MODE_PARAMETER,
  type Mode,
  OUTAGE_PARAMETER,
  parseMode,
  parseService,
  serviceParameter,
} from './victims.ts';

export type KillSpec = {
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly mode: Mode;
  readonly acceptOutage: boolean;
  readonly evict: boolean;
  /** Time to drain, in whole seconds; null = the instance's own. */
  readonly graceMs: Ms | null;
};

const GRACE_ALLOWED = 'whole seconds with a unit, such as 30s, together with signal: SIGTERM';

export const KILL_PARAMETERS: readonly Parameter[] = [
  serviceParameter('killed'),
  SIGNAL_PARAMETER,
  MODE_PARAMETER,
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
  OUTAGE_PARAMETER,
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

/** Kubernetes knows whole seconds only. */
function parseGrace(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  return parsed.ok && parsed.value > 0 && parsed.value % 1000 === 0
    ? parsed
    : { ok: false, expected: GRACE_ALLOWED };
}
