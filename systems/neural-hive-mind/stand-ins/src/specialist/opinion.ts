/**
 * The opinion of a specialist without a model: heuristics on the plan's shape, and a small term that differs
 * between plans and specialists but is constant for one plan. Pure.
 */
import { createHash } from 'node:crypto';
import type { Specialist } from '../specialists.ts';
import type { CognitivePlan } from './plan-schema.ts';

export interface ReasoningFactor {
  readonly factor_name: string;
  readonly weight: number;
  readonly score: number;
  readonly description: string;
}

export interface Opinion {
  readonly confidence_score: number;
  readonly risk_score: number;
  readonly recommendation: 'approve' | 'reject' | 'review_required' | 'conditional';
  readonly reasoning_summary: string;
  readonly reasoning_factors: readonly ReasoningFactor[];
  readonly explainability_token: string;
  readonly explainability: Readonly<Record<string, unknown>>;
  readonly mitigations: readonly Readonly<Record<string, unknown>>[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const SPECIALIST_VERSION = '1.0.0';
/** The real specialist's deduction for an opinion without a model. */
const HEURISTIC_CONFIDENCE = 0.8;
const LONG_PLAN_MS = 3_600_000;

/** @throws Error when a task has no duration: the heuristics use it without a check. */
export function opinionOn(plan: CognitivePlan, specialist: Specialist): Opinion {
  const durations = plan.tasks.map(({ taskId, estimatedDurationMs }) => {
    if (estimatedDurationMs === null) {
      throw new Error(
        `unsupported operand type(s) for +: 'int' and 'NoneType' (task ${taskId}: estimated_duration_ms)`,
      );
    }
    return estimatedDurationMs;
  });
  const digest = createHash('sha256')
    .update(JSON.stringify([specialist, plan]))
    .digest();
  const totalMs = durations.reduce((sum, one) => sum + one, 0);
  const links = plan.tasks.reduce((sum, task) => sum + task.dependencies.length, 0);
  const factors = [
    factor('task_count', 0.3, 1 - Math.min(1, plan.tasks.length / 20), `${plan.tasks.length} tasks`),
    factor('coupling', 0.3, 1 - Math.min(1, links / (plan.tasks.length * 2)), `${links} dependencies`),
    factor('duration', 0.2, 1 - Math.min(1, totalMs / LONG_PLAN_MS), `${totalMs} ms estimated in all`),
    factor('specialist_view', 0.2, digest.readUInt16BE(0) / 0xffff, `view of ${specialist}`),
  ];
  const score = factors.reduce((sum, one) => sum + one.weight * one.score, 0);
  const urgency = plan.priority === 'critical' ? 0.15 : plan.priority === 'high' ? 0.05 : 0;
  const risk = Math.min(1, Math.max(0, 1 - score) * 0.6 + urgency);
  const confidence = (0.6 + 0.4 * score) * HEURISTIC_CONFIDENCE;
  const recommendation = recommend(confidence, risk);
  return {
    confidence_score: confidence,
    risk_score: risk,
    recommendation,
    reasoning_summary: `${specialist}: ${recommendation}, ${plan.tasks.length} tasks in ${plan.domain}`,
    reasoning_factors: factors,
    explainability_token: digest.toString('hex', 0, 16),
    explainability: {
      method: 'heuristic',
      feature_importances: factors.map((one) => ({
        feature_name: one.factor_name,
        importance: one.weight,
        contribution: one.score >= 0.5 ? 'positive' : 'negative',
      })),
      model_version: SPECIALIST_VERSION,
      model_type: 'heuristic',
    },
    mitigations: recommendation === 'approve' ? [] : [mitigation(specialist, risk)],
    metadata: { model_source: 'heuristics', specialist },
  };
}

function recommend(confidence: number, risk: number): Opinion['recommendation'] {
  if (risk >= 0.6) return 'reject';
  if (risk >= 0.45) return 'review_required';
  return confidence >= 0.6 ? 'approve' : 'conditional';
}

const factor = (
  factor_name: string,
  weight: number,
  score: number,
  description: string,
): ReasoningFactor => ({ factor_name, weight, score, description });

const mitigation = (specialist: Specialist, risk: number): Readonly<Record<string, unknown>> => ({
  mitigation_id: `mit-${specialist}-001`,
  description: 'Dividir o plano em etapas menores',
  priority: risk >= 0.6 ? 'high' : 'medium',
  estimated_impact: 0.2,
  required_actions: ['split_plan'],
});
