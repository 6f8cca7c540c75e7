/**
 * How long each phase of a plan lasts, as far as the plan can know: in whole seconds, because only those are
 * judged.
 */
import { faultOfPhase, stepsOf, withoutRound } from '../../core/fault-steps.ts';
import type { Plan } from '../../core/plan.ts';
import { STEADY_MS } from './plan-length.ts';

export interface PhaseLength {
  /** The guaranteed and the maximum number of whole seconds in the phase. */
  readonly leastSeconds: number;
  readonly mostSeconds: number;
  /** From the start of the schedule. `toMs` undefined: another event decides when it ends. */
  readonly fromMs: number;
  readonly toMs: number | undefined;
  /** As written, in the key that a user would change; null where there is none. */
  readonly lengthMs: number;
  readonly key: string | null;
  /** How often the run has this phase. */
  readonly rounds: number;
}

/**
 * After its baseline a run waits until its arrivals have settled, and they belong to the baseline: 3 to 4 s,
 * plus the delay of a slow start.
 */
const SETTLES_S = { least: 3, most: 10 };
/** Proof and removal of a fault, in addition to its hold; a pod may take minutes. */
const MOST_AROUND_FAULT_S = 330;

type Planned = Pick<Plan, 'shape' | 'warmupMs' | 'baselineMs' | 'faults' | 'repeat' | 'recovery'>;

/** Undefined for a phase that the plan does not have. */
export function phaseLength(plan: Planned, phase: string): PhaseLength | undefined {
  const { shape, warmupMs, baselineMs, repeat } = plan;
  const once = { rounds: 1 };
  if (shape !== null) {
    const index = shape.steps.findIndex((step) => step.phase === phase);
    const step = shape.steps[index];
    if (step === undefined) return undefined;
    const fromMs = shape.steps.slice(0, index).reduce((sum, one) => sum + one.lengthMs, 0);
    const key = step.phase.includes(':') ? 'each' : step.from === step.to ? 'for' : 'in';
    return { ...inside(step.lengthMs), ...once, fromMs, toMs: fromMs + step.lengthMs, key };
  }
  if (phase === 'warmup') return { ...inside(warmupMs), ...once, fromMs: 0, toMs: warmupMs, key: 'warmup' };
  const end = warmupMs + baselineMs;
  if (phase === 'baseline') {
    const { lengthMs, leastSeconds, mostSeconds } = inside(baselineMs);
    const seconds = {
      leastSeconds: leastSeconds + SETTLES_S.least,
      mostSeconds: mostSeconds + SETTLES_S.most,
    };
    return { lengthMs, ...seconds, ...once, fromMs: warmupMs, toMs: end, key: 'baseline' };
  }
  const later = { fromMs: end, toMs: undefined };
  if (phase === 'steady') return { ...inside(STEADY_MS), ...once, ...later, key: null };
  const around = faultLength(plan, phase);
  return around && { ...around, ...later, rounds: repeat };
}

/** Only the seconds entirely inside count. */
const inside = (lengthMs: number) => ({
  lengthMs,
  leastSeconds: Math.max(0, Math.floor(lengthMs / 1000) - 1),
  mostSeconds: Math.ceil(lengthMs / 1000),
});

function faultLength({ faults, recovery }: Planned, phase: string) {
  const asked = faultOfPhase(phase);
  if (asked === null) return undefined;
  const { part, name } = asked;
  const holds = stepsOf(faults).flatMap(({ group, members }) => {
    if (group?.how === 'together' && withoutRound(group.name) === name) {
      return [Math.max(...members.map((one) => one.holdMs ?? 0))];
    }
    return members.filter((one) => withoutRound(one.name) === name).map((one) => one.holdMs ?? 0);
  });
  const [holdMs] = holds;
  if (holdMs === undefined) return undefined;
  if (part === 'fault') {
    const seconds = Math.ceil(holdMs / 1000);
    const least = { leastSeconds: Math.max(1, seconds), mostSeconds: seconds + MOST_AROUND_FAULT_S };
    return { lengthMs: holdMs, ...least, key: holdMs > 0 ? 'for' : null };
  }
  const { leastSeconds } = inside(recovery.holdMs);
  const mostSeconds = Math.ceil((recovery.holdMs + recovery.timeoutMs) / 1000) + SETTLES_S.most;
  return {
    lengthMs: recovery.holdMs,
    leastSeconds: leastSeconds + SETTLES_S.least,
    mostSeconds,
    key: 'hold',
  };
}
