/** The HTTP side of the orchestrator: health, tickets, workflows, and the figures of flow C. */
import { type Call, type Reply, type Route, readBody } from '../http-app.ts';
import type { Executions, Workflow } from './executions.ts';
import type { Orchestrator } from './orchestrator.ts';

const TICKET_STATES = [
  ...['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'REJECTED', 'COMPENSATING', 'COMPENSATED'],
];
const MOST_TICKETS = 500;
const STATUS_SECONDS = 60;

const refused = (status: number, detail: string): Reply => ({ status, body: { detail } });
const ok = (body: unknown): Reply => ({ status: 200, body });

export function orchestratorRoutes(orchestrator: Orchestrator): readonly Route[] {
  const { executions } = orchestrator;
  return [
    { method: 'GET', path: '/health', handle: () => health(orchestrator) },
    { method: 'GET', path: '/ready', handle: async () => readiness(orchestrator) },
    { method: 'GET', path: '/api/v1/flow-c/status', handle: () => flowStatus(orchestrator) },
    {
      method: 'GET',
      path: '/api/v1/tickets/*',
      handle: async ({ rest }) => {
        const ticket = executions.ticket(rest);
        return ticket ? ok(ticket) : refused(404, `Ticket ${rest} not found`);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/tickets/by-plan/*',
      handle: async (call) => ticketsOfPlan(executions, call),
    },
    {
      method: 'GET',
      path: '/api/v1/workflows/*',
      handle: async ({ rest }) => {
        const workflow = executions.workflow(rest);
        return workflow ? ok(described(workflow)) : refused(404, `Workflow ${rest} not found`);
      },
    },
    { method: 'POST', path: '/api/v1/workflows/start', handle: (call) => start(orchestrator, call) },
    { method: 'POST', path: '/api/v1/workflows/*/query', handle: (call) => query(executions, call) },
  ];
}

/** 200 without Redis too: it is optional there. */
async function health(orchestrator: Orchestrator): Promise<Reply> {
  const available = await orchestrator.ping().then(
    () => true,
    () => false,
  );
  const checks = { redis: { available }, vault: { enabled: false, status: 'disabled' } };
  return ok({ status: 'healthy', service: 'orchestrator-dynamic', version: '1.0.0', checks });
}

/** Its two consumers, and nothing else. */
function readiness({ consumers: [first, second] }: Orchestrator): Reply {
  const checks = {
    ...{ kafka_consumer: first?.reading ?? false, flow_c_consumer: second?.reading ?? false },
    ...{ temporal: true, worker: true },
  };
  const ready = checks.kafka_consumer && checks.flow_c_consumer;
  return {
    status: ready ? 200 : 503,
    body: { status: ready ? 'ready' : 'not_ready', checks, mode: 'full' },
  };
}

/** From Redis for a minute, so what it says is up to that old. */
async function flowStatus(orchestrator: Orchestrator): Promise<Reply> {
  const cached = await orchestrator.cached('flow_c:status');
  if (cached !== null) return ok({ ...(cached as object), cached: true });
  const status = { ...orchestrator.executions.status(), cached: false };
  await orchestrator.cache('flow_c:status', status, STATUS_SECONDS);
  return ok(status);
}

function ticketsOfPlan(executions: Executions, { rest, request }: Call): Reply {
  const asked = new URL(request.url ?? '/', 'http://orchestrator').searchParams;
  const [limit, offset] = [Number(asked.get('limit') ?? 100), Number(asked.get('offset') ?? 0)];
  if (limit > MOST_TICKETS) return refused(400, `Limit cannot exceed ${MOST_TICKETS}`);
  if (offset < 0) return refused(400, 'Offset must be non-negative');
  const status = asked.get('status')?.toUpperCase();
  if (status !== undefined && !TICKET_STATES.includes(status))
    return refused(400, `Invalid status. Must be one of: ${TICKET_STATES.join(', ')}`);
  const all = executions.ofPlan(rest).filter((one) => status === undefined || one['status'] === status);
  const tickets = all.slice(offset, offset + limit);
  const has_more = offset + tickets.length < all.length;
  return ok({ tickets, total: all.length, limit, offset, has_more, cached: false });
}

const described = (one: Workflow) => ({
  workflow_id: one.id,
  status: one.state,
  start_time: new Date(one.startedAt).toISOString(),
  close_time: one.state === 'RUNNING' ? null : new Date(one.updatedAt).toISOString(),
  workflow_type: 'OrchestrationWorkflow',
  task_queue: 'orchestration-tasks',
  cached: false,
});

async function start(orchestrator: Orchestrator, { request }: Call): Promise<Reply> {
  const body = await objectIn(request);
  const { cognitive_plan: plan, correlation_id, priority = 5 } = body ?? {};
  if (typeof plan !== 'object' || plan === null) return missing('cognitive_plan');
  if (typeof correlation_id !== 'string') return missing('correlation_id');
  if (!Number.isInteger(priority) || Number(priority) < 1 || Number(priority) > 10)
    return missing('priority');
  const workflow = orchestrator.startWorkflow(plan, correlation_id, Number(priority));
  return ok({ workflow_id: workflow.id, status: 'started', correlation_id });
}

/** 202 while the tickets are not ready. */
async function query(executions: Executions, { rest, request }: Call): Promise<Reply> {
  const body = await objectIn(request);
  const query_name = body?.['query_name'];
  if (typeof query_name !== 'string') return missing('query_name');
  const workflow = executions.workflow(rest);
  if (workflow === undefined) return refused(404, `Workflow ${rest} not found`);
  const answer = (status: number, result: unknown): Reply => ({
    status,
    body: { workflow_id: rest, query_name, result },
  });
  if (query_name !== 'get_tickets') return answer(200, { status: workflow.state });
  if (workflow.tickets.length > 0) return answer(200, { tickets: workflow.tickets });
  const message = 'Workflow is still generating tickets';
  return answer(202, { processing: true, tickets: [], message });
}

async function objectIn(request: Call['request']): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return JSON.parse((await readBody(request)).toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const missing = (field: string): Reply => ({
  status: 422,
  body: { detail: [{ type: 'missing', loc: ['body', field], msg: 'Field required' }] },
});
