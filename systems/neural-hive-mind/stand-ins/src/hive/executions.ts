/**
 * What the orchestrator has executed, for its API. The real one keeps this in MongoDB, which the sandbox does not
 * have: here a restart forgets it.
 */
import type { ExecutionTicket } from './ticket.ts';

export type WorkflowState = 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'FAILED';

export interface Workflow {
  readonly id: string;
  readonly planId: string;
  priority: number;
  state: WorkflowState;
  readonly startedAt: number;
  updatedAt: number;
  tickets: readonly ExecutionTicket[];
}

export interface FlowStatus {
  readonly total_processed: number;
  /** In percent. */
  readonly success_rate: number;
  readonly average_latency_ms: number;
  readonly p95_latency_ms: number;
  readonly active_executions: number;
}

/** Far more than a run makes, and some 10 MB. */
const MOST_WORKFLOWS = 5000;

export class Executions {
  readonly #most: number;
  readonly #workflows = new Map<string, Workflow>();
  readonly #tickets = new Map<string, ExecutionTicket>();
  readonly #plans = new Map<string, ExecutionTicket[]>();

  constructor(most = MOST_WORKFLOWS) {
    this.#most = most;
  }

  begin(id: string, planId: string, priority: number, nowMs: number): Workflow {
    const workflow: Workflow = {
      ...{ id, planId, priority, state: 'RUNNING', startedAt: nowMs, updatedAt: nowMs, tickets: [] },
    };
    this.#workflows.set(id, workflow);
    const [oldest] = this.#workflows.values();
    if (this.#workflows.size > this.#most && oldest !== undefined) this.#forget(oldest);
    return workflow;
  }

  complete(workflow: Workflow, tickets: readonly ExecutionTicket[], nowMs: number): void {
    Object.assign(workflow, { state: 'COMPLETED', updatedAt: nowMs, tickets });
    for (const ticket of tickets) this.#tickets.set(ticket.ticket_id, ticket);
    this.#plans.set(workflow.planId, [...(this.#plans.get(workflow.planId) ?? []), ...tickets]);
  }

  fail(workflow: Workflow, nowMs: number): void {
    Object.assign(workflow, { state: 'FAILED', updatedAt: nowMs });
  }

  workflow(id: string): Workflow | undefined {
    return this.#workflows.get(id);
  }

  ticket(id: string): ExecutionTicket | undefined {
    return this.#tickets.get(id);
  }

  ofPlan(planId: string): readonly ExecutionTicket[] {
    return this.#plans.get(planId) ?? [];
  }

  status(): FlowStatus {
    const all = [...this.#workflows.values()];
    const done = all.filter((one) => one.state === 'COMPLETED');
    const took = done.map((one) => one.updatedAt - one.startedAt).sort((a, b) => a - b);
    const sum = took.reduce((total, one) => total + one, 0);
    return {
      total_processed: all.length,
      success_rate: all.length === 0 ? 0 : Number(((done.length / all.length) * 100).toFixed(2)),
      average_latency_ms: took.length === 0 ? 0 : Math.trunc(sum / took.length),
      p95_latency_ms: took[Math.min(took.length - 1, Math.trunc(took.length * 0.95))] ?? 0,
      active_executions: all.filter((one) => one.state === 'RUNNING').length,
    };
  }

  #forget(workflow: Workflow): void {
    this.#workflows.delete(workflow.id);
    this.#plans.delete(workflow.planId);
    for (const ticket of workflow.tickets) this.#tickets.delete(ticket.ticket_id);
  }
}
