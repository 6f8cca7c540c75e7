/**
 * The executors of a foreign script, from what `k6 inspect --execution-requirements` prints: k6 has then
 * checked them, and has made executors of `vus`, `duration`, `iterations` and `stages`. Absent fields have
 * k6's defaults (lib/executor of k6 2.2).
 */
import { EXECUTORS, type ExecutorKind, type OwnSchedule, type ReadFlow } from '../core/foreign-script.ts';
import { ms } from '../core/units.ts';
import { k6DurationMs } from './k6-duration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** k6's own: maxDuration of the executors that end by count. */
const MAX_DURATION_MS = 600_000;

export function executorsOf(scenarios: Readonly<Record<string, Fields>>): readonly ReadFlow[] {
  return Object.entries(scenarios).map(([executor, fields]): ReadFlow => {
    const kind = EXECUTORS.find((one) => one === fields['executor']) ?? 'per-vu-iterations';
    const tag = (fields['tags'] as Fields | null | undefined)?.['flow'];
    return {
      executor,
      kind,
      model: kind.endsWith('arrival-rate') ? 'open' : 'closed',
      exec: typeof fields['exec'] === 'string' ? fields['exec'] : 'default',
      tag: typeof tag === 'string' && tag !== '' ? tag : null,
      vus: vusOf(kind, fields),
      own: { startMs: ms(k6DurationMs(fields['startTime']) ?? 0), ...ownOf(kind, fields) },
    };
  });
}

function ownOf(kind: ExecutorKind, fields: Fields): Omit<OwnSchedule, 'startMs'> {
  const duration = (name: string, instead = 0): number => k6DurationMs(fields[name]) ?? instead;
  const vus = count(fields['vus'], 1);
  const each = count(fields['iterations'], 1);
  const stages = stagesOf(fields);
  const staged = ms(stages.reduce((sum, one) => sum + one.durationMs, 0));
  const unitMs = duration('timeUnit', 1000);
  switch (kind) {
    case 'constant-arrival-rate': {
      const arrivals = { unitMs, startRate: count(fields['rate'], 0), targets: [], durationsMs: [] };
      return { lengthMs: ms(duration('duration')), arrivals };
    }
    case 'ramping-arrival-rate': {
      const startRate = count(fields['startRate'], 0);
      const targets = stages.map((one) => one.target);
      const durationsMs = stages.map((one) => one.durationMs);
      return { lengthMs: staged, arrivals: { unitMs, startRate, targets, durationsMs } };
    }
    case 'constant-vus':
      return { lengthMs: ms(duration('duration')) };
    case 'ramping-vus':
      return { lengthMs: staged };
    case 'per-vu-iterations':
      return { lengthMs: ms(duration('maxDuration', MAX_DURATION_MS)), iterations: vus * each };
    case 'shared-iterations':
      return { lengthMs: ms(duration('maxDuration', MAX_DURATION_MS)), iterations: each };
  }
}

function vusOf(kind: ExecutorKind, fields: Fields): number {
  if (kind === 'ramping-vus')
    return Math.max(count(fields['startVUs'], 1), ...stagesOf(fields).map((one) => one.target));
  if (!kind.endsWith('arrival-rate')) return count(fields['vus'], 1);
  return Math.max(count(fields['preAllocatedVUs'], 0), count(fields['maxVUs'], 0));
}

const stagesOf = (fields: Fields): readonly { readonly target: number; readonly durationMs: number }[] =>
  ((fields['stages'] ?? []) as readonly Fields[]).map((one) => ({
    target: count(one['target'], 0),
    durationMs: k6DurationMs(one['duration']) ?? 0,
  }));

const count = (value: unknown, instead: number): number => (typeof value === 'number' ? value : instead);
