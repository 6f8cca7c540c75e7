/**
 * The capacity that a search found: the highest step up to which every condition certainly held, and the
 * lowest that certainly missed one. The range between them is reported as unknown.
 */
import type { Objective } from '../core/objective.ts';
import type { Capacity, CapacityStep, FlowPhase, ObjectiveResult } from '../core/result.ts';
import type { CapacitySearch } from '../core/shape.ts';
import { BROKEN_SHARE, notGood } from './broken.ts';

/**
 * The generator's own limits (judge.ts): a step in which it could not keep up is no evidence about the
 * target.
 */
export interface GeneratorLimits {
  readonly attained: number;
  readonly lateP99Ms: number;
}

const ALL_BAD = 1;

export function judgeCapacity(
  search: CapacitySearch,
  flowPhase: (phase: string) => FlowPhase | undefined,
  judge: (objective: Objective) => ObjectiveResult,
  limits: GeneratorLimits,
): Capacity {
  const steps = search.phases.flatMap((phase): CapacityStep[] => {
    const stats = flowPhase(phase);
    if (stats === undefined || stats.due === 0) return [];
    const results = search.conditions.map((one) => judge({ ...one, scope: { kind: 'phase', phase } }));
    return [{ phase, rate: stats.dueRate, status: statusOf(results, stats, limits), conditions: results }];
  });
  const firstNot = steps.findIndex((step) => step.status !== 'held');
  const held = firstNot < 0 ? steps : steps.slice(0, firstNot);
  const missed = steps.find((step) => step.status === 'missed');
  return {
    segment: search.segment,
    flow: search.flow,
    conditions: search.conditions.map((one) => one.name),
    highest: held.at(-1)?.rate ?? null,
    ceiling: missed?.rate ?? null,
    steps,
  };
}

function statusOf(
  results: readonly ObjectiveResult[],
  stats: FlowPhase,
  limits: GeneratorLimits,
): CapacityStep['status'] {
  // A late generator does not make answers bad: without a good answer the step is missed, late or not.
  const bad = notGood(stats) / stats.due;
  if (bad >= ALL_BAD) return 'missed';
  // Drops count against the target only while the generator is on time: k6 drops when all VUs wait for
  // answers.
  const lateMs = stats.latenessMs.p99;
  if (lateMs !== null && lateMs > limits.lateP99Ms) return 'generator-limited';
  if (results.some((one) => one.status === 'FAIL')) return 'missed';
  // A condition decides how many may fail; without one, a step in which everything fails carries no rate.
  const isAsked = results.some((one) => one.unit === 'ratio');
  if (!isAsked && bad > BROKEN_SHARE) return 'missed';
  if (stats.attainedRate / stats.dueRate < limits.attained) return 'missed';
  return results.every((one) => one.status === 'PASS') ? 'held' : 'unclear';
}
