/**
 * A cognitive plan as the specialists require it (docs/systems/neural-hive-mind.md, "Specialists"), small,
 * with the estimate that heuristic mode needs.
 */
import type { Chooser } from '../gauntlet.ts';

const TASK_TYPES = ['query', 'transform', 'validate', 'analyze'];
const PRIORITIES = ['low', 'normal', 'high'];

export interface PlanIds {
  readonly planId: string;
  readonly intentId: string;
}

export function cognitivePlan(ids: PlanIds, choose: Chooser, domain: string): string {
  const count = 1 + choose.below(3);
  const tasks = Array.from({ length: count }, (_unused, index) => ({
    task_id: `tarefa-${index + 1}`,
    task_type: choose.pick(TASK_TYPES),
    description: `Etapa ${index + 1} do plano de avaliação`,
    dependencies: index === 0 ? [] : [`tarefa-${index}`],
    estimated_duration_ms: 100 * (1 + choose.below(20)),
    required_capabilities: [],
    parameters: {},
    metadata: {},
  }));
  return JSON.stringify({
    version: '1.0.0',
    plan_id: ids.planId,
    intent_id: ids.intentId,
    original_domain: domain,
    original_priority: choose.pick(PRIORITIES),
    tasks,
    execution_order: tasks.map((task) => task.task_id),
    risk_score: choose.below(80) / 100,
    complexity_score: choose.below(80) / 100,
  });
}
