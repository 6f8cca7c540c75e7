/** Records of nights, made up: what a history of so many nights would hold. */
import type {
  Estimate,
  Night,
  NightFlow,
  NightObjective,
  NightRecovery,
} from '../../../../src/core/night.ts';
import { NIGHT_SCHEMA } from '../../../../src/core/night.ts';

export const FLOW = 'shop.orders';
export const FAULT = 'kill-pod';

export interface NightParts {
  /** P99 of good answers in the baseline; others follow it. Null: too few. */
  readonly p99?: number | null;
  /** Share of 10,000 due arrivals. */
  readonly failed?: number;
  /** Since injection in seconds, a round each; `never`: not within the watch of 60 s. */
  readonly rounds?: readonly (number | 'never')[];
  readonly capacity?: number | null;
  readonly objectives?: readonly NightObjective[];
  readonly changes?: Partial<Night>;
}

const estimate = (value: number | null): Estimate => ({
  value,
  low: value === null ? null : value * 0.97,
  high: value === null ? null : value * 1.03,
});

export const dateOf = (night: number): string => new Date(Date.UTC(2026, 0, 1 + night, 2)).toISOString();

export function aNight(at: number, parts: NightParts = {}): Night {
  const { p99 = 100, failed = 0.001, rounds, capacity, objectives = [], changes } = parts;
  const run = `r${String(at).padStart(4, '0')}`;
  const scaled = (factor: number): Estimate => estimate(p99 === null ? null : p99 * factor);
  const baseline: NightFlow = {
    ...{ due: 10_000, failed: Math.round(failed * 10_000), unanswered: 0, seconds: 100 },
    bad: estimate(failed),
    goodMs: { p50: scaled(0.3), p95: scaled(0.7), p99: estimate(p99) },
  };
  const recoveries = (rounds ?? []).map(
    (seconds, index): NightRecovery => ({
      ...{ fault: FAULT, sli: `${FLOW} failed`, round: index + 1 },
      status: seconds === 'never' ? 'censored' : 'recovered',
      sinceInjectedMs: seconds === 'never' ? 60_000 : seconds * 1000,
      ...{ boundMs: 100, lossSeconds: 1, flaps: 0 },
    }),
  );
  return {
    ...{ schema: NIGHT_SCHEMA, id: `${run}-000000000000`, run, campaign: 'nightly', campaignHash: 'c1' },
    ...{ target: 'staging', environment: { key: 'staging-1', words: { cluster: 'a' } }, seed: at },
    ...{ startedAt: dateOf(at), endedAt: dateOf(at), versions: {}, subject: {} },
    ...{ status: 'PASS', runStatus: 'PASS', reasons: [], flows: { [FLOW]: { baseline } } },
    faults:
      rounds === undefined
        ? []
        : rounds.map((_, index) => ({
            ...{ name: index === 0 ? FAULT : `${FAULT}@${index + 1}`, kind: 'pod-kill', victim: 'orders-0' },
            ...{ status: 'injected', injectedAt: 1, removedAt: 2, whyNotInjected: null },
          })),
    ...{ recoveries, recoveryWatchMs: 60_000, objectives },
    capacity: capacity === undefined ? {} : { [FLOW]: capacity },
    ...{ generator: null, quarantine: [], report: null },
    ...changes,
  };
}

export const P99 = `${FLOW} p99 in baseline`;
export const FAILED = `${FLOW} failed in baseline`;
export const RECOVERY_TIME = `${FAULT}: ${FLOW} failed recovery time`;
export const RECOVERED = `${FAULT}: ${FLOW} failed recovered`;
