/** A run folder, judged from disk as `gauntlet report` does, as the record of a night. */
import { eventsOf, type RunEvent } from '../../core/events.ts';
import { serviceOfFault } from '../../core/fault-service.ts';
import { withoutRound } from '../../core/fault-steps.ts';
import {
  NIGHT_SCHEMA,
  type Night,
  type NightFault,
  type NightFlow,
  type NightObjective,
  type NightRecovery,
} from '../../core/night.ts';
import type { Plan } from '../../core/plan.ts';
import { type FaultRecord, type Phase, type Result, whyNotInjected } from '../../core/result.ts';
import { HlogEncoder } from '../../measure/hlog.ts';
import { nightFlow } from '../../measure/night-flow.ts';
import { type Assembled, assembleRun } from '../verdict/assemble.ts';
import { campaignHashOf } from './campaign-hash.ts';
import { environmentKey } from './environment-key.ts';
import { withNightId } from './night-id.ts';

export type NightFields = Omit<Night, 'id'>;

/** @throws usage when it is not the folder of a run. */
export const nightOfRun = (runDir: string): Night => withNightId(nightFields(assembleRun(runDir)));

/** Before any quarantine, and without a place of its report. */
export function nightFields({
  result,
  plan,
  stored,
  events,
}: Pick<Assembled, 'result' | 'plan' | 'stored' | 'events'>): NightFields {
  const { id: run, campaign, target, seed, startedAt, endedAt, versions } = result.run;
  const { status, reasons } = result.verdict;
  return {
    schema: NIGHT_SCHEMA,
    ...{ run, campaign, campaignHash: campaignHashOf(plan), target },
    environment: { key: environmentKey(target), words: plan.environment ?? {} },
    ...{ seed, startedAt, endedAt, versions, subject: plan.subject ?? {} },
    ...{ status, runStatus: status, reasons },
    flows: flowsOf(result, stored),
    faults: result.faults.map((one) => faultOf(one, plan, events)),
    recoveries: result.faults.filter((one) => whyNotInjected(one) === null).flatMap(recoveriesOf),
    recoveryWatchMs: plan.recovery.timeoutMs,
    objectives: objectivesOf(result, plan),
    capacity: Object.fromEntries(result.capacity.map((one) => [one.flow, one.highest])),
    generator: result.harness && {
      cpuRatio: Number(result.harness.cpuRatio.toFixed(3)),
      k6CpuRatio: Number(result.harness.k6CpuRatio.toFixed(3)),
    },
    quarantine: [],
    report: null,
  };
}

/** While a system is cold nothing is judged. */
const COLD = 'warmup';

/** By flow and phase; the rounds of a repeated fault are one phase. */
function flowsOf({ phases, flows }: Result, { data }: Assembled['stored']): Night['flows'] {
  const rounds = new Map<string, Phase[]>();
  for (const phase of phases.filter((one) => one.name !== COLD)) {
    const name = withoutRound(phase.name);
    rounds.set(name, [...(rounds.get(name) ?? []), phase]);
  }
  const encoder = new HlogEncoder(0);
  try {
    const rowOf = (flow: string, name: string, all: readonly Phase[]): NightFlow => {
      const row = nightFlow(data, flow, all);
      return name === 'baseline'
        ? { ...row, histogram: encoder.encode(data.good(flow, ...all).sparse()) }
        : row;
    };
    return Object.fromEntries(
      Object.keys(flows).map((flow) => [
        flow,
        Object.fromEntries([...rounds].map(([name, all]) => [name, rowOf(flow, name, all)])),
      ]),
    );
  } finally {
    encoder.destroy();
  }
}

function faultOf(record: FaultRecord, { faults }: Plan, events: readonly RunEvent[]): NightFault {
  const { name, kind, victim, status, appliedAt, injectedAt, removedAt } = record;
  const planned = faults.find((one) => one.name === name);
  const service = planned === undefined ? null : serviceOfFault(planned);
  const victims = eventsOf(events, 'fault-planned').find((one) => one.fault === name)?.victims;
  return {
    ...{ name, kind, victim, status, appliedAt, injectedAt, removedAt },
    whyNotInjected: whyNotInjected(record),
    ...(service !== null && { service }),
    ...(victims !== undefined && { victims: victims.length }),
  };
}

function recoveriesOf({ name, recovery }: FaultRecord): readonly NightRecovery[] {
  const round = Number(/@(\d+)$/.exec(name)?.[1] ?? 1);
  return Object.entries(recovery).map(([sli, one]) => {
    const { status, sinceInjectedMs, boundMs, lossSeconds, flaps } = one;
    const times = { sinceInjectedMs, boundMs, lossSeconds: Number(lossSeconds.toFixed(3)), flaps };
    return { fault: withoutRound(name), sli, round, status, ...times };
  });
}

/** The judge answers the objectives of the plan, in their order. */
function objectivesOf({ objectives }: Result, plan: Plan): readonly NightObjective[] {
  return objectives.map(({ name, status, observed, interval, limit, unit }, index) => {
    const asked = plan.objectives[index];
    const after = asked?.scope.kind === 'after' ? asked.scope : undefined;
    return {
      ...{ name, status, observed, interval, limit, unit },
      ...(asked && after && { fault: after.fault, flow: asked.flow, comparison: asked.comparison }),
    };
  });
}
