/**
 * Recoveries by fault and service level, the rounds of a fault taken as one: the worst round, never a mean of
 * those that recovered.
 */
import type { Night, NightRecovery } from '../../core/night.ts';
import type { Expected } from './expected.ts';
import { type Family, gauge, type Labels } from './family.ts';

/** Upper end of its interval, in seconds; it is infinite for one that did not recover within the watch. */
export function recoverySeconds({ status, sinceInjectedMs }: NightRecovery): number {
  if (status === 'never-degraded') return 0;
  if (status === 'censored' || sinceInjectedMs === null) return Number.POSITIVE_INFINITY;
  return sinceInjectedMs / 1000;
}

/** The lower end: of one that did not recover the watched time. */
function leastSeconds({ status, sinceInjectedMs, boundMs }: NightRecovery): number {
  if (status === 'never-degraded' || sinceInjectedMs === null) return 0;
  return (status === 'censored' ? sinceInjectedMs : Math.max(0, sinceInjectedMs - boundMs)) / 1000;
}

export function recoveryMetrics({ recoveries }: Night, expected: Expected): readonly Family[] {
  const places = expected.faults.flatMap(({ name: fault }) => expected.slis.map((sli) => ({ fault, sli })));
  const worst = (amountOf: (one: NightRecovery) => number): readonly (readonly [Labels, number | null])[] =>
    places.map(({ fault, sli }) => {
      const rounds = recoveries.filter((one) => one.fault === fault && one.sli === sli);
      return [{ fault, sli }, rounds.length === 0 ? null : Math.max(...rounds.map(amountOf))];
    });
  const count = (isCounted: (one: NightRecovery) => boolean): readonly (readonly [Labels, number | null])[] =>
    places.map(({ fault, sli }) => {
      const rounds = recoveries.filter((one) => one.fault === fault && one.sli === sli);
      return [{ fault, sli }, rounds.length === 0 ? null : rounds.filter(isCounted).length];
    });
  if (places.length === 0) return [];
  const said = 'Time from injection to recovery in the worst round';
  return [
    gauge(
      'gauntlet_recovery_seconds',
      `${said}, upper end of its interval; +Inf: not recovered when the watch ended; 0: never degraded.`,
      worst(recoverySeconds),
    ),
    gauge(
      'gauntlet_recovery_seconds_low',
      `${said}, lower end: of one that did not recover the watched time.`,
      worst(leastSeconds),
    ),
    gauge(
      'gauntlet_recovery_rounds',
      'Rounds in which the fault was injected.',
      count(() => true),
    ),
    gauge(
      'gauntlet_recovery_censored',
      'Rounds that had not recovered when the watch ended.',
      count((one) => recoverySeconds(one) === Number.POSITIVE_INFINITY),
    ),
    gauge(
      'gauntlet_loss_seconds',
      'Lost good service after the fault, as seconds of all service, in the worst round.',
      worst((one) => one.lossSeconds),
    ),
    gauge(
      'gauntlet_recovery_flaps',
      'How often it degraded again, in the worst round.',
      worst((one) => one.flaps),
    ),
  ];
}
