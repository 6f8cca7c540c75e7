/**
 * The 16 alerts on chaos that the team of the first system has, as the selectors that they query, and what a
 * run that is over can do for each.
 */
export interface Alert {
  readonly name: string;
  /** `{label: value}`; a value with `.*` is a pattern. */
  readonly selects: readonly (readonly [metric: string, labels: Readonly<Record<string, string>>])[];
  /** `fires`: it can; `silent`: its series are there, and it never fires; `foreign`: not ours to tell. */
  readonly served: 'fires' | 'silent' | 'foreign';
  readonly expression: string;
}

export const ALERTS: readonly Alert[] = [
  {
    name: 'ChaosExperimentHighFailureRate',
    served: 'fires',
    selects: [
      ['chaos_experiments_total', { status: 'failed' }],
      ['chaos_experiments_total', {}],
    ],
    expression:
      'sum(rate(chaos_experiments_total{status="failed"}[1h])) / sum(rate(chaos_experiments_total[1h])) > 0.3',
  },
  {
    name: 'ChaosExperimentStuck',
    served: 'silent',
    selects: [
      ['chaos_active_experiments', {}],
      ['chaos_experiment_start_timestamp', {}],
    ],
    expression: 'chaos_active_experiments > 0 and time() - chaos_experiment_start_timestamp > 3600',
  },
  {
    name: 'ChaosExperimentsConcurrencyHigh',
    served: 'silent',
    selects: [['chaos_active_experiments', {}]],
    expression: 'chaos_active_experiments >= 3',
  },
  {
    name: 'ChaosRollbackFailure',
    served: 'fires',
    selects: [['chaos_rollback_total', { status: 'failure' }]],
    expression: 'sum(rate(chaos_rollback_total{status="failure"}[30m])) > 0',
  },
  {
    name: 'ChaosBlastRadiusExceeded',
    served: 'fires',
    selects: [['chaos_blast_radius_current', {}]],
    expression: 'chaos_blast_radius_current > 5',
  },
  {
    name: 'ChaosNetworkInjectionSlow',
    served: 'fires',
    selects: [['chaos_injection_duration_seconds_bucket', { fault_type: 'network.*' }]],
    expression:
      'histogram_quantile(0.95, rate(chaos_injection_duration_seconds_bucket{fault_type=~"network.*"}[30m])) > 60',
  },
  {
    name: 'ChaosPlaybookValidationFailing',
    served: 'silent',
    selects: [['chaos_playbook_validation_total', { result: 'failed' }]],
    expression: 'sum by (playbook) (rate(chaos_playbook_validation_total{result="failed"}[1h])) > 0.5',
  },
  {
    name: 'ChaosHighMTTR',
    served: 'fires',
    selects: [['chaos_playbook_recovery_duration_seconds', {}]],
    expression: 'avg(chaos_playbook_recovery_duration_seconds) > 180',
  },
  {
    name: 'ChaosPlaybookMTTRDegraded',
    served: 'fires',
    selects: [['chaos_playbook_recovery_duration_seconds', {}]],
    expression:
      'chaos_playbook_recovery_duration_seconds > 120 and chaos_playbook_recovery_duration_seconds > (avg_over_time(chaos_playbook_recovery_duration_seconds[7d]) * 1.5)',
  },
  {
    name: 'ChaosGameDayHighFailureRate',
    served: 'fires',
    selects: [
      ['chaos_game_day_scenarios_failed', {}],
      ['chaos_game_day_scenarios_total', {}],
    ],
    expression: '(chaos_game_day_scenarios_failed / chaos_game_day_scenarios_total) > 0.2',
  },
  {
    name: 'ChaosGameDayTimeout',
    served: 'fires',
    selects: [['chaos_game_day_duration_seconds', {}]],
    expression: 'chaos_game_day_duration_seconds > 7200',
  },
  {
    name: 'ChaosProtectedNamespaceAttempt',
    served: 'silent',
    selects: [['chaos_policy_violations_total', { violation: 'protected_namespace' }]],
    expression: 'sum(rate(chaos_policy_violations_total{violation="protected_namespace"}[1h])) > 0',
  },
  {
    name: 'ChaosOPAHighRejectionRate',
    served: 'silent',
    selects: [
      ['chaos_policy_violations_total', {}],
      ['chaos_experiments_total', {}],
    ],
    expression: 'sum(rate(chaos_policy_violations_total[1h])) / sum(rate(chaos_experiments_total[1h])) > 0.5',
  },
  {
    name: 'ChaosOutsideMaintenanceWindow',
    served: 'silent',
    selects: [['chaos_experiment_outside_maintenance_window', {}]],
    expression: 'chaos_experiment_outside_maintenance_window > 0',
  },
  {
    name: 'ChaosEngineUnhealthy',
    served: 'foreign',
    selects: [['up', { job: 'self-healing-engine' }]],
    expression: 'up{job="self-healing-engine"} == 0 or absent(up{job="self-healing-engine"})',
  },
  {
    name: 'ChaosKafkaConsumerLag',
    served: 'foreign',
    selects: [['kafka_consumer_group_lag', { group: 'chaos-events' }]],
    expression: 'kafka_consumer_group_lag{group="chaos-events"} > 1000',
  },
];

/** What their dashboard queries. */
export const PANELS: readonly (readonly [metric: string, labels: readonly string[]])[] = [
  ['chaos_active_experiments', []],
  ['chaos_experiments_total', ['status', 'environment']],
  ['chaos_experiment_duration_seconds_bucket', ['le']],
  ['chaos_playbook_recovery_duration_seconds', ['playbook']],
  ['chaos_blast_radius_current', []],
  ['chaos_injection_total', ['fault_type', 'status', 'target_service']],
  ['chaos_playbook_validation_total', ['result', 'playbook']],
  ['chaos_rollback_total', ['status']],
  ['chaos_injection_duration_seconds_bucket', ['le', 'fault_type']],
  ['chaos_experiment_started_total', []],
  ['chaos_experiment_completed_total', ['success']],
  [
    'chaos_game_day_info',
    [
      'game_day_id',
      'scenarios_total',
      'scenarios_passed',
      'scenarios_failed',
      'duration_seconds',
      'success_rate',
    ],
  ],
];
