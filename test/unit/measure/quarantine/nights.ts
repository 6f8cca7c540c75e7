/** Nights of a shop with three faults, judged by the judges of a run from the recoveries that a test names. */
import type { Night, NightRecovery } from '../../../../src/core/night.ts';
import type { QuarantineEntry, QuarantineUnit } from '../../../../src/core/quarantine.ts';
import { type Reason, type VerdictStatus, verdictOf } from '../../../../src/core/verdict.ts';
import { backInTime, worstRound } from '../../../../src/measure/judge-recovery.ts';
import { notBackText } from '../../../../src/measure/not-back.ts';
import { objectiveText } from '../../../../src/measure/objective-text.ts';

export const UNIT: QuarantineUnit = {
  ...{ campaign: 'shop', environment: 'staging', fault: 'kill-pod', sli: 'checkout failed' },
};

/** Seconds until it was back; null: not back when the watch of 95 s ended. */
export type Back = number | null;

export interface NightSpec {
  readonly failed?: Back;
  readonly slow?: Back;
  /** In place of the verdict of the recoveries. */
  readonly status?: VerdictStatus;
  readonly subject?: Readonly<Record<string, string>>;
  readonly campaignHash?: string;
  readonly notInjected?: string;
  readonly faults?: readonly string[];
  readonly more?: readonly Reason[];
}

const LIMIT = { comparison: '<', limit: 60_000 } as const;
const FIRST = Date.UTC(2026, 10, 1, 2);

export const timeOf = (day: number): Date => new Date(FIRST + (day - 1) * 86_400_000);

const recovery = (fault: string, sli: string, back: Back): NightRecovery => ({
  ...{ fault, sli, round: 1, lossSeconds: 1, flaps: 0, boundMs: 200 },
  ...(back === null
    ? { status: 'censored', sinceInjectedMs: 95_000 }
    : { status: 'recovered', sinceInjectedMs: back * 1000 }),
});

/** @param day of November 2026, at 02:00 UTC. */
export function night(day: number, spec: NightSpec = {}): Night {
  const { failed = 5, slow = 6, subject = { checkout: 'sha-1' }, notInjected } = spec;
  const levels =
    notInjected === undefined
      ? [recovery('kill-pod', 'checkout failed', failed), recovery('kill-pod', 'checkout slow', slow)]
      : [];
  const goal = {
    name: 'checkout recovered < 60s after kill-pod',
    ...LIMIT,
    unit: 'ms',
    fault: 'kill-pod',
    flow: 'checkout',
  } as const;
  const found = worstRound(levels.length > 0 ? [backInTime(LIMIT, levels)] : []);
  const { status = 'NO-DATA', observed = null, interval = null, note = 'was not injected' } = found ?? {};
  const open = levels.filter((one) => one.status === 'censored').map((one) => one.sli);
  const run: readonly Reason[] = [
    { status: 'PASS', text: 'checkout p99 < 500ms in baseline: 39.6 ms' },
    { status, text: objectiveText({ ...goal, status, observed, note }) },
    ...(open.length > 0
      ? [
          {
            status: 'INCONCLUSIVE' as const,
            text: notBackText({ fault: 'kill-pod', what: 'not back', slis: open }),
          },
        ]
      : []),
    ...(spec.more ?? []),
  ];
  const verdict = verdictOf(
    spec.status === undefined ? run : [...run, { status: spec.status, text: `planted ${spec.status}` }],
  );
  const name = `2026-11-${String(day).padStart(2, '0')}T02-00-00-shop-aaaa`;
  return {
    ...{ schema: 'gauntlet.night/1', id: `${name}-000000000000`, run: name, campaign: 'shop' },
    ...{ campaignHash: spec.campaignHash ?? 'c1', target: 'staging' },
    environment: { key: 'staging', words: {} },
    ...{ seed: day, startedAt: timeOf(day).toISOString(), endedAt: timeOf(day).toISOString() },
    ...{ versions: {}, subject, status: verdict.status, runStatus: verdict.status },
    ...{ reasons: verdict.reasons, flows: {}, recoveryWatchMs: 95_000 },
    faults: (spec.faults ?? ['kill-pod', 'partition-kafka', 'throttle-redis']).map((fault) => ({
      ...{ name: fault, kind: fault, victim: 'checkout-1', status: 'injected' },
      ...{ injectedAt: 1, removedAt: 2, whyNotInjected: fault === 'kill-pod' ? (notInjected ?? null) : null },
    })),
    recoveries: [...levels, recovery('partition-kafka', 'checkout failed', 3)],
    objectives: [{ ...goal, status, observed, interval }],
    ...{ capacity: {}, generator: null, quarantine: [], report: null },
  };
}

/** `pFpR`: passes, failures, RESIDUE, INVALID, NO-DATA (`N`), one a night from the 1st. */
export const nights = (letters: string): Night[] =>
  [...letters].map((letter, index) =>
    night(index + 1, {
      failed: letter === 'F' ? null : 5,
      ...(letter === 'R' && { failed: null, status: 'RESIDUE' as const }),
      ...(letter === 'I' && { failed: null, status: 'INVALID' as const }),
      ...(letter === 'N' && { notInjected: 'no effect' }),
    }),
  );

/** In force from the 10th to the 20th. */
export const entry = (more: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  ...{ schema: 'gauntlet.quarantine/1', ...UNIT, owner: 'team-shop', reason: 'issue 42: slow image pull' },
  ...{ since: timeOf(10).toISOString(), until: timeOf(20).toISOString(), evidence: ['a', 'b'], lifted: null },
  ...more,
});
