/** The gRPC side of the orchestrator. The real one serves no health service there. */
import * as grpc from '@grpc/grpc-js';
import { type Answer, bindGrpc, type GrpcApp, loadProtos, serviceOf } from '../grpc-app.ts';
import type { Executions, Workflow } from './executions.ts';

const SERVICE = 'orchestrator.OrchestratorStrategic';
const DEFAULT_PRIORITY = 5;

interface OfWorkflow {
  readonly workflow_id: string;
}

export function serveOrchestratorGrpc(executions: Executions, host: string, port: number): Promise<GrpcApp> {
  const server = new grpc.Server();
  server.addService(serviceOf(loadProtos(['orchestrator.proto']), SERVICE), {
    GetWorkflowStatus: statusOf(executions),
    AdjustPriorities: adjust(executions),
    PauseWorkflow: moved(executions, 'PAUSED', 'paused_at'),
    ResumeWorkflow: moved(executions, 'RUNNING', 'resumed_at'),
  });
  return bindGrpc(server, host, port);
}

/** One that it does not know is pending, and no error. */
const statusOf =
  (executions: Executions): Answer<OfWorkflow & { readonly include_tickets: boolean }> =>
  ({ request }, callback) => {
    const workflow = executions.workflow(request.workflow_id);
    const now = Date.now();
    callback(null, {
      workflow_id: request.workflow_id,
      plan_id: workflow?.planId ?? '',
      state: `WORKFLOW_STATE_${workflow?.state ?? 'PENDING'}`,
      current_priority: workflow?.priority ?? DEFAULT_PRIORITY,
      allocated_resources: {
        ...{ cpu_millicores: 1000, memory_mb: 2048, max_parallel_tickets: 10 },
        scheduling_priority: DEFAULT_PRIORITY,
      },
      ...(request.include_tickets && { tickets: summaryOf(workflow) }),
      progress_percent: 0,
      started_at: workflow?.startedAt ?? now,
      updated_at: workflow?.updatedAt ?? now,
    });
  };

/** No worker takes a ticket here, so each stays pending. */
function summaryOf(workflow: Workflow | undefined) {
  const total = workflow?.tickets.length ?? 0;
  return { total, completed: 0, pending: total, running: 0, failed: 0 };
}

const unknown = (id: string) => ({ success: false, message: `Workflow ${id} not found` });

const adjust =
  (executions: Executions): Answer<OfWorkflow & { readonly new_priority: number }> =>
  ({ request: { workflow_id, new_priority } }, callback) => {
    const workflow = executions.workflow(workflow_id);
    if (workflow === undefined) return callback(null, unknown(workflow_id));
    const previous = workflow.priority;
    workflow.priority = Math.min(10, Math.max(1, new_priority));
    callback(null, {
      ...{ success: true, message: 'Priority adjusted', previous_priority: previous },
      ...{ applied_priority: workflow.priority, applied_at: Date.now() },
    });
  };

const moved =
  (executions: Executions, state: 'PAUSED' | 'RUNNING', at: string): Answer<OfWorkflow> =>
  ({ request: { workflow_id } }, callback) => {
    const workflow = executions.workflow(workflow_id);
    if (workflow === undefined) return callback(null, unknown(workflow_id));
    Object.assign(workflow, { state, updatedAt: Date.now() });
    callback(null, { success: true, message: state.toLowerCase(), [at]: Date.now() });
  };
