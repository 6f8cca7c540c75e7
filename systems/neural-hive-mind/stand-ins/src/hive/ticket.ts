/**
 * Orchestration: turns an approved decision into execution tickets (JSON form of `ExecutionTicket`). Pure
 * except for its ids.
 */
import { randomUUID } from 'node:crypto';
import type { CognitivePlan } from './cognitive-plan.ts';
import type { ConsolidatedDecision } from './decision.ts';

export interface ExecutionTicket {
  readonly ticket_id: string;
  readonly plan_id: string;
  readonly intent_id: string;
  readonly [field: string]: unknown;
}

const SLA_FACTOR = 3;

export function ticketsFor(
  decision: Pick<ConsolidatedDecision, 'decision_id' | 'cognitive_plan'>,
  nowMs: number,
): readonly ExecutionTicket[] {
  const plan = JSON.parse(decision.cognitive_plan) as CognitivePlan;
  const ticketIds = new Map(plan.tasks.map((task) => [task.task_id, randomUUID()]));
  return plan.tasks.map((task) => ({
    ticket_id: ticketIds.get(task.task_id) ?? '',
    plan_id: plan.plan_id,
    intent_id: plan.intent_id,
    decision_id: decision.decision_id,
    correlation_id: plan.correlation_id,
    trace_id: null,
    span_id: null,
    task_id: task.task_id,
    task_type: task.task_type,
    description: task.description,
    dependencies: task.dependencies.map((id) => ticketIds.get(id) ?? ''),
    status: 'PENDING',
    priority: plan.original_priority.toUpperCase(),
    risk_band: plan.risk_band,
    sla: {
      deadline: nowMs + task.estimated_duration_ms * SLA_FACTOR,
      timeout_ms: task.estimated_duration_ms * SLA_FACTOR,
      max_retries: 3,
    },
    qos: { delivery_mode: 'EXACTLY_ONCE', consistency: 'STRONG', durability: 'PERSISTENT' },
    parameters: task.parameters,
    required_capabilities: task.required_capabilities,
    security_level: plan.original_security_level.toUpperCase(),
    created_at: nowMs,
    started_at: null,
    completed_at: null,
    estimated_duration_ms: task.estimated_duration_ms,
    actual_duration_ms: null,
    retry_count: 0,
    error_message: null,
    compensation_ticket_id: null,
    metadata: {},
    schema_version: 1,
  }));
}
