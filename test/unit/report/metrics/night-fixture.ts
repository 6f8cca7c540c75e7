/** The night of a report fixture, as `nightOfRun` makes it of a folder; intervals are a tenth around. */
import { serviceOfFault } from '../../../../src/core/fault-service.ts';
import { withoutRound } from '../../../../src/core/fault-steps.ts';
import type { Estimate, Night, NightFlow } from '../../../../src/core/night.ts';
import { type FlowPhase, whyNotInjected } from '../../../../src/core/result.ts';
import type { VerdictStatus } from '../../../../src/core/verdict.ts';
import type { ReportInput } from '../../../../src/report/input.ts';

const estimate = (value: number | null): Estimate =>
  value === null ? { value: null, low: null, high: null } : { value, low: value * 0.9, high: value * 1.1 };

function flowOf({ due, count, failed, seconds, goodMs }: FlowPhase): NightFlow {
  const bad = due - (count - failed);
  return {
    ...{ due, failed, unanswered: due - count, seconds, bad: estimate(due === 0 ? null : bad / due) },
    goodMs: { p50: estimate(goodMs.p50), p95: estimate(goodMs.p95), p99: estimate(goodMs.p99) },
  };
}

export function nightOf({ result, plan }: ReportInput): Night {
  const { run, verdict } = result;
  return {
    schema: 'gauntlet.night/1',
    id: `${run.id}-0123456789ab`,
    ...{ run: run.id, campaign: run.campaign, campaignHash: 'feedfacefeedface', target: run.target },
    environment: { key: run.target, words: { namespace: 'shop' } },
    ...{
      seed: run.seed,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      versions: run.versions,
      subject: {},
    },
    ...{ status: verdict.status, runStatus: verdict.status, reasons: verdict.reasons },
    flows: Object.fromEntries(
      Object.entries(result.flows).map(([flow, phases]) => [
        flow,
        Object.fromEntries(
          Object.entries(phases)
            .filter(([phase]) => phase !== 'warmup')
            .map(([phase, stats]) => [phase, flowOf(stats)]),
        ),
      ]),
    ),
    faults: result.faults.map((one) => {
      const { name, kind, victim, status, appliedAt, injectedAt, removedAt } = one;
      const planned = plan.faults.find((fault) => fault.name === name);
      const service = planned === undefined ? null : serviceOfFault(planned);
      return {
        ...{ name, kind, victim, status, appliedAt, injectedAt, removedAt, victims: 1 },
        whyNotInjected: whyNotInjected(one),
        ...(service !== null && { service }),
      };
    }),
    recoveries: result.faults.flatMap(({ name, recovery }) =>
      Object.entries(recovery).map(([sli, one]) => ({
        ...{ fault: withoutRound(name), sli, round: Number(/@(\d+)$/.exec(name)?.[1] ?? 1) },
        ...{ status: one.status, sinceInjectedMs: one.sinceInjectedMs, boundMs: one.boundMs },
        ...{ lossSeconds: one.lossSeconds, flaps: one.flaps },
      })),
    ),
    recoveryWatchMs: plan.recovery.timeoutMs,
    objectives: result.objectives.map(({ name, flow, status, observed, interval, limit, unit }, index) => {
      const scope = plan.objectives[index]?.scope;
      return {
        ...{ name, flow, status, observed, interval, limit, unit, comparison: '<' as const },
        ...(scope?.kind === 'after' && { fault: scope.fault }),
      };
    }),
    ...{ capacity: {}, generator: null, quarantine: [], report: null },
  };
}

/** As a run that ended otherwise, with what it still measured. */
export const endedAs = (night: Night, status: VerdictStatus): Night => ({
  ...night,
  ...{ status, runStatus: status },
});
