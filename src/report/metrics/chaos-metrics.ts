/**
 * The metric names that existing alerts and dashboards of chaos engineering query, with both spellings of
 * each label value. Counters are over all nights of the history, so that `rate` and `increase` see each new
 * one; over a single run they never rise. A fault in one round is a scenario, a run is an experiment and a
 * game day.
 */
import { withoutRound } from '../../core/fault-steps.ts';
import { gameDayId } from '../../core/game-day-id.ts';
import type { Night, NightFault } from '../../core/night.ts';
import type { Expected, ExpectedFault } from './expected.ts';
import { counter, type Family, gauge, histogram, info, type Labels } from './family.ts';
import { faultType } from './fault-types.ts';
import * as played from './played.ts';
import { epochSeconds } from './run-metrics.ts';

type Rows = readonly (readonly [Labels, number])[];

const ENDS: readonly played.Ended[] = ['completed', 'failed', 'inconclusive'];
/** Upper bounds in seconds. */
const EXPERIMENT_BOUNDS = [30, 60, 120, 300, 600, 900, 1800, 3600] as const;
const INJECTION_BOUNDS = [0.5, 1, 5, 10, 30, 60, 120, 300] as const;

/** @param nights all that are known, `night` among them. */
export const chaosMetrics = (
  nights: readonly Night[],
  night: Night,
  expected: Expected,
): readonly Family[] => [
  ...experiments(nights, night),
  ...injections(nights, expected),
  ...playbooks(nights, night, expected),
  ...gameDay(night, expected),
  ...safety(night),
];

function experiments(nights: readonly Night[], night: Night): readonly Family[] {
  const type = { experiment_type: night.campaign };
  const ended = (end: played.Ended): number => nights.filter((one) => played.endedOf(one) === end).length;
  const self = { experiment_id: night.run, experiment_name: night.campaign };
  const seconds = (one: Night): number => epochSeconds(one.endedAt) - epochSeconds(one.startedAt);
  const radius = played.blastRadius(night);
  return [
    counter(
      'chaos_experiments_total',
      'Runs by how they ended, in both spellings: a sum without a status counts each run twice.',
      ENDS.flatMap((end) =>
        [end, end.toUpperCase()].map((status) => [{ ...type, status }, ended(end)] as const),
      ),
    ),
    counter('chaos_experiment_started_total', 'Runs that were started.', [[type, nights.length]]),
    counter('chaos_experiment_completed_total', 'Runs that are over; success: PASS.', [
      [{ ...type, success: 'true' }, ended('completed')],
      [{ ...type, success: 'false' }, nights.length - ended('completed')],
    ]),
    histogram('chaos_experiment_duration_seconds', 'How long runs took.', EXPERIMENT_BOUNDS, [
      ...ENDS.map((end) => {
        const own = nights.filter((one) => played.endedOf(one) === end);
        return [{ ...type, status: end.toUpperCase() }, own.map(seconds)] as const;
      }),
    ]),
    gauge('chaos_active_experiments', 'Runs that go on: 0, since a run is told when it is over.', [
      [self, 0],
    ]),
    gauge('chaos_experiment_start_timestamp', 'When the latest run began, since the epoch, in seconds.', [
      [self, epochSeconds(night.startedAt)],
    ]),
    gauge('chaos_experiment_blast_radius', 'The most victims at one time in the latest run.', [
      [self, radius],
    ]),
    gauge('chaos_blast_radius_current', 'The most victims at one time in the latest run.', [[self, radius]]),
  ];
}

/** One line a fault type and service of the campaign; namespaces only where the target's file names one. */
function injections(nights: readonly Night[], { faults }: Expected): readonly Family[] {
  const places = new Map<string, { readonly labels: Labels; readonly has: (fault: NightFault) => boolean }>();
  for (const { kind, service } of faults) {
    const type = faultType(kind);
    const target = service ?? 'unknown';
    const has = (one: NightFault): boolean =>
      faultType(one.kind) === type && (one.service ?? 'unknown') === target;
    places.set(`${type} ${target}`, {
      labels: { ...typeLabels(kind), target_service: target, namespace: namespaceOf(nights) },
      has,
    });
  }
  const all = nights.flatMap((one) => one.faults);
  const injected = [...places.values()].flatMap(({ labels, has }): Rows => {
    const own = all.filter(has);
    const proven = own.filter(played.isInjected).length;
    return [
      [{ ...labels, status: 'success' }, proven],
      [{ ...labels, status: 'failed' }, own.length - proven],
    ];
  });
  const kinds = uniqueTypes(faults);
  const ofType = (kind: string) => all.filter((one) => faultType(one.kind) === faultType(kind));
  return [
    counter('chaos_injection_total', 'Faults by whether they were proven in place.', injected),
    counter(
      'chaos_rollback_total',
      'Faults by whether they were proven gone; one that was not counts as failed and as failure.',
      kinds.flatMap((kind): Rows => {
        const undone = ofType(kind).map(played.isUndone);
        const left = undone.filter((one) => one === false).length;
        const labels = typeLabels(kind);
        return [
          [{ ...labels, status: 'success' }, undone.filter((one) => one === true).length],
          [{ ...labels, status: 'failed' }, left],
          [{ ...labels, status: 'failure' }, left],
        ];
      }),
    ),
    histogram('chaos_injection_duration_seconds', 'From the act to its proof.', INJECTION_BOUNDS, [
      ...kinds.map((kind) => {
        const seconds = ofType(kind).flatMap((one) => played.injectionSeconds(one) ?? []);
        return [typeLabels(kind), seconds] as const;
      }),
    ]),
  ];
}

const typeLabels = (kind: string): Labels => ({
  fault_type: faultType(kind),
  injection_type: faultType(kind),
});

const uniqueTypes = (faults: readonly ExpectedFault[]): readonly string[] => [
  ...new Map(faults.map(({ kind }) => [faultType(kind), kind])).values(),
];

const namespaceOf = (nights: readonly Night[]): string =>
  nights.at(-1)?.environment.words['namespace'] ?? 'unknown';

/** No playbook is run: the system itself brings back what a fault broke, so the fault gives the name. */
function playbooks(nights: readonly Night[], night: Night, { faults }: Expected): readonly Family[] {
  const results = (fault: string): { passed: number; failed: number } => {
    const all = nights.flatMap((one) =>
      one.faults.filter(({ name }) => withoutRound(name) === fault).map((own) => played.isPassed(one, own)),
    );
    return { passed: all.filter(Boolean).length, failed: all.filter((one) => !one).length };
  };
  return [
    gauge(
      'chaos_playbook_recovery_duration_seconds',
      'Slowest recovery after the fault; +Inf: not recovered when the watch ended.',
      faults.map(({ name }) => [{ playbook: name }, played.slowestSeconds(night, name)] as const),
    ),
    counter(
      'chaos_playbook_validation_total',
      'Scenarios by whether all recovered and every limit after the fault was met.',
      faults.flatMap(({ name }) => {
        const { passed, failed } = results(name);
        return [
          [{ playbook: name, result: 'passed', status: 'passed' }, passed],
          [{ playbook: name, result: 'failed', status: 'failed' }, failed],
        ] as const;
      }),
    ),
  ];
}

function gameDay(night: Night, { injections: planned }: Expected): readonly Family[] {
  const total = Math.max(planned, night.faults.length);
  const passed = night.faults.filter((one) => played.isPassed(night, one)).length;
  const id = { game_day_id: gameDayId(night.startedAt) };
  const seconds = epochSeconds(night.endedAt) - epochSeconds(night.startedAt);
  const counts = {
    scenarios_total: String(total),
    scenarios_passed: String(passed),
    scenarios_failed: String(total - passed),
    success_rate: total === 0 ? 'NaN' : ((100 * passed) / total).toFixed(1),
    duration_seconds: seconds.toFixed(0),
  };
  return [
    gauge('chaos_game_day_scenarios_total', 'Faults of the latest run, in all rounds.', [[id, total]]),
    gauge('chaos_game_day_scenarios_failed', 'Those that did not pass, or were not reached.', [
      [id, total - passed],
    ]),
    gauge('chaos_game_day_duration_seconds', 'How long the latest run took.', [[id, seconds]]),
    info('chaos_game_day_info', 'The latest run as a game day.', [{ ...id, ...counts }]),
  ];
}

/** A run that the policy of its target does not allow is refused before it begins, and leaves no record. */
const safety = (night: Night): readonly Family[] => [
  counter('chaos_policy_violations_total', 'Always 0: a run that policy forbids is refused (exit code 77).', [
    [{ violation: 'protected_namespace' }, 0],
  ]),
  gauge(
    'chaos_experiment_outside_maintenance_window',
    'Always 0: outside the hours of its target a run is refused (exit code 77).',
    [[{ experiment_id: night.run }, 0]],
  ),
];
