/**
 * Which series a campaign has, whatever a night measured: a night that was killed has them too, without
 * values. A series that is not pushed again disappears, and an alert on it never fires.
 */
import { serviceOfFault } from '../../core/fault-service.ts';
import { faultPhaseNames, withoutRound } from '../../core/fault-steps.ts';
import type { Night } from '../../core/night.ts';
import type { Plan } from '../../core/plan.ts';

/** One fault of the campaign, its rounds taken as one. */
export interface ExpectedFault {
  readonly name: string;
  readonly kind: string;
  readonly service: string | null;
}

export interface Expected {
  readonly flows: readonly string[];
  readonly phases: readonly string[];
  readonly faults: readonly ExpectedFault[];
  readonly slis: readonly string[];
  /** Injections in all rounds. */
  readonly injections: number;
}

const PROBES = ['held', 'fresh'] as const;

/** @param plan null: known from the nights alone. */
export function expectedOf(nights: readonly Night[], plan: Plan | null): Expected {
  const seen = seenIn(nights);
  if (plan === null) return seen;
  const flows = unique([...plan.load.flatMap((one) => one.flows.map(({ flow }) => flow)), ...seen.flows]);
  const first = plan.faults.filter((one) => one.round === 1);
  const faults = first.map((one) => ({ name: one.name, kind: one.kind, service: serviceOfFault(one) }));
  const isGate = plan.gate !== undefined;
  return {
    flows,
    phases: isGate ? [] : unique([...phasesOf(plan), ...seen.phases]),
    faults: isGate ? [] : faults,
    slis: faults.length === 0 || isGate ? [] : unique([...slisOf(flows), ...seen.slis]),
    injections: isGate ? 0 : plan.faults.length,
  };
}

/** Of the nights of one campaign as it is now; an earlier one may have had other faults. */
function seenIn(nights: readonly Night[]): Expected {
  const hash = nights.at(-1)?.campaignHash;
  const same = nights.filter((one) => one.campaignHash === hash);
  const flows = unique(same.flatMap((one) => Object.keys(one.flows)));
  const phases = unique(same.flatMap((one) => Object.values(one.flows).flatMap(Object.keys)));
  const faults = new Map<string, ExpectedFault>();
  for (const { name, kind, service } of same.flatMap((one) => one.faults)) {
    const plain = withoutRound(name);
    if (!faults.has(plain)) faults.set(plain, { name: plain, kind, service: service ?? null });
  }
  const slis = unique([...same.flatMap((one) => one.recoveries.map(({ sli }) => sli))]);
  const injections = Math.max(0, ...same.map((one) => one.faults.length));
  return { flows, phases, faults: [...faults.values()], slis, injections };
}

/** The warm-up is not judged, and no night records it. */
function phasesOf(plan: Plan): readonly string[] {
  if (plan.shape !== null) return plan.shape.steps.map((one) => one.phase).filter((one) => one !== 'warmup');
  return ['baseline', ...faultPhaseNames(plan.faults.filter((one) => one.round === 1)), 'steady'];
}

const slisOf = (flows: readonly string[]): readonly string[] => [
  ...flows.flatMap((flow) => [`${flow} failed`, `${flow} slow`]),
  ...PROBES,
];

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
