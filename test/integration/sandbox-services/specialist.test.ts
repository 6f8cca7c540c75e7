import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../../src/system/project.ts';
import type { Service } from '../../../systems/neural-hive-mind/stand-ins/src/program.ts';
import { opinionOn } from '../../../systems/neural-hive-mind/stand-ins/src/specialist/opinion.ts';
import { readCognitivePlan } from '../../../systems/neural-hive-mind/stand-ins/src/specialist/plan-schema.ts';
import { startSpecialist } from '../../../systems/neural-hive-mind/stand-ins/src/specialist/specialist.ts';
import { SPECIALISTS } from '../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';

const task = (id: string, dependencies: string[] = []) => ({
  task_id: id,
  task_type: 'BUILD',
  description: 'd',
  dependencies,
  estimated_duration_ms: 1000,
});
const plan = {
  version: '1.0.0',
  plan_id: 'p',
  intent_id: 'i',
  original_domain: 'BUSINESS',
  original_priority: 'normal',
  tasks: [task('a'), task('b', ['a'])],
};
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const problemsOf = (value: unknown) => {
  const checked = readCognitivePlan(bytes(value));
  return checked.ok ? [] : checked.problems;
};

describe('a cognitive plan', () => {
  it('is accepted in its smallest form, and with unknown fields', () => {
    const smallest = {
      ...plan,
      tasks: [{ task_id: 'a', task_type: 'x', description: 'd', dependencies: [] }],
    };
    expect(problemsOf(smallest)).toEqual([]);
    expect(problemsOf({ ...plan, original_priority: 'HIGH', extra: [1] })).toEqual([]);
  });

  it('is refused with every problem at once', () => {
    const wrong = { version: '2.0.0', plan_id: '', risk_score: 2, original_priority: 'soon', tasks: [{}] };
    expect(problemsOf(wrong)).toEqual([
      'plan_id: expected a non-empty string',
      'intent_id: expected a non-empty string',
      'original_domain: expected a non-empty string',
      "version: '2.0.0' is not supported, expected one of ['1.0.0']",
      'original_priority: expected one of low, normal, high, critical',
      'risk_score: expected a number from 0 to 1',
      'tasks[0].task_id: expected a non-empty string',
      'tasks[0].task_type: expected a non-empty string',
      'tasks[0].description: expected a non-empty string',
    ]);
    expect(problemsOf({ ...plan, tasks: [] })).toEqual(['tasks: expected at least 1 task']);
    expect(readCognitivePlan(Buffer.from('{'))).toMatchObject({ ok: false });
  });

  it('has dependencies that exist and form no cycle, and an order of exactly its tasks', () => {
    expect(problemsOf({ ...plan, tasks: [task('a', ['z'])] })).toEqual(['task a depends on unknown task z']);
    expect(problemsOf({ ...plan, tasks: [task('a', ['b']), task('b', ['a'])] })).toEqual([
      'tasks: the dependencies form a cycle',
    ]);
    expect(problemsOf({ ...plan, execution_order: ['b', 'a'] })).toEqual([]);
    for (const execution_order of [['a'], ['a', 'a'], ['a', 'b', 'c']]) {
      expect(problemsOf({ ...plan, execution_order })).toEqual([
        'execution_order: expected exactly the task ids',
      ]);
    }
  });
});

describe('an opinion', () => {
  it('is the same for the same plan, differs between specialists, and stays within 0 and 1', () => {
    const chain = fc
      .integer({ min: 1, max: 30 })
      .map((length) =>
        Array.from({ length }, (_, index) => task(`t${index}`, index > 0 ? [`t${index - 1}`] : [])),
      );
    fc.assert(
      fc.property(chain, fc.constantFrom('low', 'critical'), (tasks, original_priority) => {
        const checked = readCognitivePlan(bytes({ ...plan, tasks, original_priority }));
        if (!checked.ok) throw new Error(checked.problems.join());
        const scores = SPECIALISTS.map((one) => {
          const opinion = opinionOn(checked.plan, one);
          expect(opinionOn(checked.plan, one)).toEqual(opinion);
          for (const score of [opinion.confidence_score, opinion.risk_score]) {
            expect(score).toBeGreaterThanOrEqual(0);
            expect(score).toBeLessThanOrEqual(1);
          }
          return opinion.confidence_score;
        });
        expect(new Set(scores).size).toBeGreaterThan(1);
      }),
    );
  });
});

describe('a specialist on its sockets', () => {
  let service: Service;
  let client: grpc.Client;
  let health: grpc.Client;
  const call = (method: string, request: unknown, from = client) =>
    new Promise<{ error: grpc.ServiceError | null; answer: Record<string, unknown> }>((resolve) => {
      const invoke = Reflect.get(from, method) as (
        request: unknown,
        done: (error: grpc.ServiceError | null, answer: Record<string, unknown>) => void,
      ) => void;
      invoke.call(from, request, (error, answer) => resolve({ error, answer }));
    });

  beforeAll(async () => {
    service = await startSpecialist({
      specialist: 'business',
      instance: 'business-1',
      host: '127.0.0.1',
      grpcPort: 0,
      httpPort: 0,
      evaluationMs: 0,
      workers: 10,
      graceMs: 1000,
    });
    const loaded = grpc.loadPackageDefinition(
      loadSync(['specialist.proto', 'health.proto'], {
        includeDirs: [join(projectRoot, 'systems/neural-hive-mind/proto')],
        keepCase: true,
        enums: String,
        longs: Number,
        defaults: true,
      }),
    ) as unknown as Record<string, Record<string, Record<string, grpc.ServiceClientConstructor>>>;
    const open = (client: unknown): grpc.Client =>
      new (client as grpc.ServiceClientConstructor)(
        service.listening['grpc'] ?? '',
        grpc.credentials.createInsecure(),
      );
    client = open(loaded['neural_hive']?.['specialist']?.['SpecialistService']);
    health = open((loaded['grpc']?.['health']?.['v1'] as unknown as Record<string, unknown>)?.['Health']);
  });
  afterAll(async () => {
    client.close();
    health.close();
    await service.stop();
  });

  it('evaluates a plan', async () => {
    const { error, answer } = await call('EvaluatePlan', {
      plan_id: 'p',
      intent_id: 'i',
      cognitive_plan: bytes(plan),
      plan_version: '1.0.0',
      context: { skip_ledger: 'yes' },
      timeout_ms: 1,
    });
    expect(error).toBeNull();
    expect(answer).toMatchObject({ specialist_type: 'business', specialist_version: '1.0.0' });
    expect(answer['opinion_id']).toMatch(/^skip-ledger-[0-9a-f-]{36}$/);
    expect(['approve', 'reject', 'review_required', 'conditional']).toContain(
      (answer['opinion'] as { recommendation: string }).recommendation,
    );
  });

  it('answers INVALID_ARGUMENT for broken JSON and for a plan against the schema', async () => {
    for (const cognitive_plan of [Buffer.from('{'), bytes({ ...plan, version: '9' })]) {
      const { error } = await call('EvaluatePlan', { plan_id: 'p', cognitive_plan });
      expect(error?.code).toBe(grpc.status.INVALID_ARGUMENT);
    }
  });

  it('answers INTERNAL for a task without a duration, and for GetCapabilities always', async () => {
    const tasks = [{ ...task('a'), estimated_duration_ms: null }];
    const { error } = await call('EvaluatePlan', { cognitive_plan: bytes({ ...plan, tasks }) });
    expect(error?.code).toBe(grpc.status.INTERNAL);
    expect((await call('GetCapabilities', {})).error?.code).toBe(grpc.status.INTERNAL);
  });

  it('is serving by its own health check and by the standard one', async () => {
    expect((await call('HealthCheck', {})).answer).toMatchObject({ status: 'SERVING' });
    expect((await call('Check', { service: '' }, health)).answer).toEqual({ status: 'SERVING' });
    const unknown = await call('Check', { service: 'x' }, health);
    expect(unknown.error?.code).toBe(grpc.status.NOT_FOUND);
  });

  it('reports over HTTP that it is healthy, ready by heuristics, and its counters', async () => {
    const get = (path: string) => fetch(`http://${service.listening['http']}${path}`);
    expect(await (await get('/health')).json()).toEqual({
      status: 'healthy',
      specialist_type: 'business',
      version: '1.0.0',
    });
    expect(await (await get('/ready')).json()).toEqual({
      ready: true,
      specialist_type: 'business',
      heuristic_mode: true,
      model_loaded: false,
      dependencies: { mongodb: true, neo4j: true },
    });
    expect((await (await get('/status')).json()) as object).toMatchObject({
      supported_domains: expect.arrayContaining(['kpi-evaluation']),
    });
    expect(await (await get('/metrics')).text()).toContain(
      'neural_hive_specialist_evaluations_total{specialist_type="business",status="error"}',
    );
  });
});
