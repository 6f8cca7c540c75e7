/** The three services behind the gateway, each as a process of its own, with real Kafka and Redis. */
import * as grpc from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { loadProtos } from '../../systems/neural-hive-mind/stand-ins/src/grpc-app.ts';
import { SPECIALISTS } from '../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { EXECUTION_TICKETS } from '../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { freePorts } from './support-services/free-port.ts';
import { until } from './support-services/spawned.ts';
import { type Answer, id, StandIns } from './support-services/stand-ins.ts';

const standIns = new StandIns();

async function stages() {
  const [specialist = 0, health = 0, translation = 0, consensus = 0, orchestrator = 0, strategic = 0] =
    await freePorts(6);
  const { kafka, redis } = standIns;
  const common = (stage: string, httpPort: number) => ({
    ...{ stage, instance: `${stage}-${httpPort}`, host: '127.0.0.1', httpPort, kafkaBrokers: kafka.brokers },
    redis: { host: redis.host, port: redis.port },
    plansPerSecond: 20,
  });
  await standIns.program('specialist', {
    ...{ specialist: 'business', instance: 'business-1', host: '127.0.0.1' },
    ...{ grpcPort: specialist, httpPort: health },
  });
  // One process answers for all five.
  const specialists = Object.fromEntries(SPECIALISTS.map((name) => [name, `127.0.0.1:${specialist}`]));
  await Promise.all([
    standIns.program('hive', common('semantic-translation-engine', translation)),
    standIns.program('hive', { ...common('consensus-engine', consensus), specialists }),
    standIns.program('hive', { ...common('orchestrator-dynamic', orchestrator), grpcPort: strategic }),
  ]);
  const asking =
    (port: number) =>
    async (path: string, body?: unknown): Promise<Answer> => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Answer['body'] };
    };
  return {
    ...{ translation: asking(translation), consensus: asking(consensus), orchestrator: asking(orchestrator) },
    strategic,
  };
}

async function intend(correlationId: string): Promise<void> {
  const producer = standIns.kafka.kafka.producer();
  await producer.connect();
  const intention = {
    ...{ id: id(), correlationId, confidence: 0.9, constraints: null },
    intent: { text: 'gerar relatório de vendas', domain: 'BUSINESS' },
  };
  await producer.send({ topic: 'intentions.business', messages: [{ value: JSON.stringify(intention) }] });
  await producer.disconnect();
}

it('turns an intention into tickets, which the API finds by their plan', async () => {
  const { translation, consensus, orchestrator } = await stages();
  for (const ask of [translation, consensus, orchestrator]) expect((await ask('/ready')).status).toBe(200);
  const correlation = id();
  await intend(correlation);
  const made = () =>
    standIns.log.matching(
      ({ topic, value }) => topic === EXECUTION_TICKETS && value['correlation_id'] === correlation,
    );
  await until(() => made().length > 0, { timeoutMs: 40_000 });
  const first: Readonly<Record<string, unknown>> = made()[0]?.value ?? {};
  const plan = String(first['plan_id']);
  expect((await consensus(`/api/v1/decisions/by-plan/${plan}`)).body).toMatchObject({ plan_id: plan });
  const tickets = await orchestrator(`/api/v1/tickets/by-plan/${plan}?status=pending&limit=2`);
  expect(tickets).toMatchObject({
    status: 200,
    body: { limit: 2, offset: 0, has_more: true, cached: false },
  });
  expect((await orchestrator(`/api/v1/tickets/${String(first['ticket_id'])}`)).body).toEqual(first);
  expect((await orchestrator(`/api/v1/tickets/by-plan/${plan}?limit=501`)).status).toBe(400);
  expect((await orchestrator('/api/v1/tickets/none')).status).toBe(404);
  expect((await orchestrator(`/api/v1/workflows/orch-${plan}`)).body).toMatchObject({ status: 'COMPLETED' });
  expect(await orchestrator('/api/v1/flow-c/status')).toMatchObject({
    status: 200,
    body: { total_processed: 1, success_rate: 100, active_executions: 0, cached: false },
  });
  expect((await orchestrator('/api/v1/flow-c/status')).body['cached']).toBe(true);
});

it('starts a workflow over HTTP, and tells its state over gRPC', async () => {
  const { orchestrator, strategic } = await stages();
  const correlation_id = id();
  const task = {
    task_id: 't1',
    task_type: 'QUERY',
    description: 'x',
    dependencies: [],
    estimated_duration_ms: 100,
  };
  const cognitive_plan = { plan_id: id(), intent_id: id(), tasks: [task] };
  const workflow = `orch-flow-c-${correlation_id}`;
  expect(await orchestrator('/api/v1/workflows/start', { cognitive_plan, correlation_id })).toEqual({
    status: 200,
    body: { workflow_id: workflow, status: 'started', correlation_id },
  });
  const query = () => orchestrator(`/api/v1/workflows/${workflow}/query`, { query_name: 'get_tickets' });
  await until(async () => (await query()).status === 200, { timeoutMs: 20_000 });
  expect((await orchestrator(`/api/v1/tickets/by-plan/${cognitive_plan.plan_id}`)).body['total']).toBe(1);
  expect((await orchestrator('/api/v1/workflows/start', { cognitive_plan })).status).toBe(422);
  expect((await orchestrator('/api/v1/workflows/none/query', { query_name: 'get_tickets' })).status).toBe(
    404,
  );

  const loaded = loadProtos(['orchestrator.proto']) as unknown as {
    readonly orchestrator: { readonly OrchestratorStrategic: grpc.ServiceClientConstructor };
  };
  const { OrchestratorStrategic } = loaded.orchestrator;
  const client = new OrchestratorStrategic(`127.0.0.1:${strategic}`, grpc.credentials.createInsecure());
  const call = (method: string, request: object) =>
    new Promise((resolve, reject) => {
      (client[method] as (asked: object, done: (error: unknown, answer: unknown) => void) => void).call(
        client,
        request,
        (error, answer) => (error ? reject(error) : resolve(answer)),
      );
    });
  expect(await call('GetWorkflowStatus', { workflow_id: workflow, include_tickets: true })).toMatchObject({
    ...{ plan_id: cognitive_plan.plan_id, state: 'WORKFLOW_STATE_COMPLETED', current_priority: 5 },
    tickets: { total: 1, pending: 1 },
  });
  expect(await call('GetWorkflowStatus', { workflow_id: 'none' })).toMatchObject({
    state: 'WORKFLOW_STATE_PENDING',
  });
  expect(await call('AdjustPriorities', { workflow_id: workflow, new_priority: 9 })).toMatchObject({
    ...{ success: true, previous_priority: 5, applied_priority: 9 },
  });
  client.close();
});

it('says by /ready what each needs: Redis is optional for the orchestrator only', async () => {
  const { translation, consensus, orchestrator } = await stages();
  standIns.redis.signal('SIGSTOP');
  const [first, second, third] = await Promise.all([
    ...[translation('/ready'), consensus('/ready'), orchestrator('/ready')],
  ]);
  standIns.redis.signal('SIGCONT');
  expect([first?.status, second?.status, third?.status]).toEqual([503, 503, 200]);
  expect(second?.body).toMatchObject({ ready: false, checks: { specialists: true } });
});

it('answers for all three in one process too', async () => {
  const [httpPort = 0, grpcPort = 0] = await freePorts(2);
  const { kafka, redis } = standIns;
  const specialists = Object.fromEntries(SPECIALISTS.map((name) => [name, '127.0.0.1:9']));
  const listening = await standIns.program('hive', {
    ...{
      instance: 'hive-1',
      host: '127.0.0.1',
      httpPort,
      grpcPort,
      specialists,
      kafkaBrokers: kafka.brokers,
    },
    redis: { host: redis.host, port: redis.port },
  });
  expect(listening.output()).toContain(`"grpc":"127.0.0.1:${grpcPort}"`);
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${httpPort}${path}`)).status;
  expect(await ask('/ready')).toBe(200);
  expect(await ask('/api/v1/flow-c/status')).toBe(200);
  expect(await ask(`/api/v1/tickets/by-plan/${id()}`)).toBe(200);
  expect(await ask(`/api/v1/decisions/${id()}`)).toBe(404);
});
