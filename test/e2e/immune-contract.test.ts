/** The stand-in of the Active Immune Core behaves as the running one did, its defects included. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Core, type Ear, hears, ImmuneCore } from './support-services/immune-core.ts';
import { startRedis, type TestRedis } from './support-services/redis.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const core = new ImmuneCore();
const HORMONES = 'hormonio:cortisol';
const component = async (one: Core, name: string) =>
  (await one.ask('GET', `/health/components/${name}`)).body;

describe('what it answers', () => {
  it('is never ready by its own words, and answers GET /', async () => {
    const one = await core.start();
    expect(await one.ask('GET', '/')).toMatchObject({ status: 200, body: { status: 'operational' } });
    expect(await one.ask('GET', '/health/')).toMatchObject({
      status: 200,
      body: { status: 'unhealthy', summary: { total_components: 4, healthy: 3, unhealthy: 1 } },
    });
    expect(await one.ask('GET', '/health/live')).toMatchObject({ status: 503, body: { status: 'dead' } });
    expect(await one.ask('GET', '/health/ready')).toMatchObject({ status: 503, body: { ready: false } });
    for (const path of ['/health', '/metrics', '/agents'])
      expect((await one.ask('GET', path)).status, path).toBe(307);
    for (const path of ['/lymphnode/metrics', '/lymphnode/homeostatic-state'])
      expect((await one.ask('GET', path)).status, path).toBe(500);
    expect(await one.ask('GET', '/health/components/cache')).toMatchObject({ status: 404 });
  });

  it('sees each dependency: Kafka only by the message, which differs', async () => {
    const one = await core.start();
    expect(await component(one, 'redis')).toMatchObject({
      status: 'healthy',
      details: { message: 'Redis healthy' },
    });
    expect(await component(one, 'postgres')).toMatchObject({
      status: 'healthy',
      details: { version: /^\d/ },
    });
    expect(await component(one, 'kafka')).toMatchObject({
      status: 'unhealthy',
      details: { message: 'Kafka health check failed', error: "'method' object is not iterable" },
    });
  });

  it('says which dependency refuses', async () => {
    const nowhere = '127.0.0.1:9';
    const one = await core.start({
      KAFKA_ADDRESS: nowhere,
      REDIS_ADDRESS: nowhere,
      POSTGRES_ADDRESS: nowhere,
    });
    const message = async (name: string) => (await component(one, name)).details?.['message'];
    expect(await message('redis')).toBe('Cannot connect to Redis');
    expect(await message('kafka')).toBe('Cannot connect to Kafka');
    expect(await message('postgres')).toBe('PostgreSQL health check failed');
    expect((await one.ask('GET', '/')).status).toBe(200);
  });

  it('stores tasks that nobody executes, in this process only', async () => {
    const one = await core.start();
    const { status, body } = await one.ask('POST', '/coordination/tasks', {
      task_type: 'patrol',
      priority: 5,
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { task_id: 'task_patrol_001', status: 'pending', priority: 5, assigned_agent: null },
    });
    expect(await one.ask('GET', '/coordination/tasks/task_patrol_001')).toEqual({ status: 200, body });
    expect(await one.ask('GET', '/coordination/tasks?status=pending')).toMatchObject({
      body: { total: 1, by_status: { pending: 1 }, by_type: { patrol: 1 } },
    });
    const other = await core.start();
    expect((await other.ask('GET', '/coordination/tasks/task_patrol_001')).status).toBe(404);
    for (const wrong of [
      { priority: 5 },
      { task_type: 'patrol', priority: 11 },
      { task_type: 'patrol', timeout: 0 },
    ])
      expect((await one.ask('POST', '/coordination/tasks', wrong)).body).toMatchObject({
        error: 'Validation error',
      });
    expect((await one.ask('DELETE', '/coordination/tasks/task_patrol_001')).status).toBe(204);
    expect((await one.ask('GET', '/coordination/tasks/task_patrol_001')).status).toBe(404);
    expect((await one.ask('GET', '/metrics/')).body['text']).toContain(
      'immune_core_api_api_requests_total{endpoint="/coordination/tasks/task_patrol_001",method="GET",status="200"} 1',
    );
  });

  it('has agents whose kind is lower case in one place and upper case in another', async () => {
    const one = await core.start();
    const config = { area_patrulha: 'zone', agent_id: 'agent-1' };
    const made = await one.ask('POST', '/agents/', { agent_type: 'neutrophil', config });
    expect(made).toMatchObject({
      status: 201,
      body: { agent_type: 'neutrofilo', energia: 99.5, status: 'patrulhando' },
    });
    expect((await one.ask('GET', '/agents/')).body).toMatchObject({ total: 1, by_type: { NEUTROFILO: 1 } });
    expect((await one.ask('GET', '/agents/agent-1/stats')).body).toMatchObject({ agent_type: 'NEUTROFILO' });
    expect((await one.ask('PATCH', '/agents/agent-1', { health: 0.1 })).body).toMatchObject({
      health: 0.995,
    });
    const wrong = [
      { agent_type: 'dendritic' },
      { agent_type: 'nk_cell', config: { detection_threshold: 0.7 } },
    ];
    for (const body of wrong) expect((await one.ask('POST', '/agents/', body)).status).toBe(500);
    const { redis } = core.stores;
    const client = new Redis({ host: redis.host, port: redis.port });
    expect(await client.ttl('agent:agent-1:state')).toBeGreaterThan(50);
    client.disconnect();
    expect((await one.ask('DELETE', '/agents/agent-1')).status).toBe(204);
    expect((await one.ask('GET', '/agents/agent-1')).status).toBe(404);
  });

  it('refuses to start without its addresses', async () => {
    const one = await core.start({ REDIS_ADDRESS: '' });
    expect(one.child.exitCode).toBe(64);
    expect(one.output()).toBe('Not in the environment: REDIS_ADDRESS. Set each; an address is host:port.\n');
  });
});

describe('hormones', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis(await requireTestTools(['redis']));
  });
  afterAll(() => redis.stop());
  const address = () => ({ REDIS_ADDRESS: `${redis.host}:${redis.port}` });

  const publish = async (id: string): Promise<number> => {
    const client = new Redis({ host: redis.host, port: redis.port });
    const body = { tipo: 'cortisol', emissor: 'test', nivel: 7.5, payload: { id } };
    const heard = await client.publish(HORMONES, JSON.stringify(body));
    client.disconnect();
    return heard;
  };
  const heard = (ear: Ear, id: string) => () => hears(ear, id);
  const listening = async (one: Core): Promise<Ear> => {
    const ear = await one.hear('hormone');
    await until(async () => (await publish('warm-up')) > 0, { timeoutMs: 10_000 });
    return ear;
  };

  it('come with a level and a source that nobody sent', async () => {
    const ear = await listening(await core.start(address()));
    await publish('one');
    await until(heard(ear, 'one'), { timeoutMs: 5000 });
    expect(ear.events.at(-1)).toMatchObject({
      event: 'hormone',
      data: {
        hormone_type: 'cortisol',
        level: 1,
        source: 'unknown',
        message: { nivel: 7.5, payload: { id: 'one' } },
      },
    });
  });

  it('go to those who want them, also after a change of mind', async () => {
    const one = await core.start(address());
    const [hormones, cytokines] = [await listening(one), await one.hear('cytokine')];
    await publish('two');
    await until(heard(hormones, 'two'), { timeoutMs: 5000 });
    expect(cytokines.events.map(({ event }) => event)).toEqual(['connected']);
    cytokines.say('subscribe:hormone');
    await until(() => cytokines.events.length > 1, { timeoutMs: 5000 });
    expect(cytokines.events[1]).toMatchObject({
      event: 'subscription_updated',
      data: { subscriptions: ['hormone'] },
    });
    await publish('three');
    await until(heard(cytokines, 'three'), { timeoutMs: 5000 });
  });

  it('survive 3 s in which Redis does not answer', async () => {
    const ear = await listening(await core.start(address()));
    redis.signal('SIGSTOP');
    await sleep(3000);
    redis.signal('SIGCONT');
    await publish('after-the-pause');
    await until(heard(ear, 'after-the-pause'), { timeoutMs: 5000 });
  });

  it('never come back after 3 s without Redis, while all else recovers', async () => {
    const one = await core.start(address());
    const ear = await listening(one);
    const { port } = redis;
    await redis.stop();
    expect(await component(one, 'redis')).toMatchObject({ details: { message: 'Cannot connect to Redis' } });
    await sleep(3000);
    redis = await startRedis(await requireTestTools(['redis']), port);
    expect(await component(one, 'redis')).toMatchObject({ status: 'healthy' });
    expect((await one.ask('POST', '/coordination/tasks', { task_type: 'patrol' })).status).toBe(201);
    // Nobody is subscribed any more, and nobody subscribes again.
    expect(await publish('lost')).toBe(0);
    await sleep(3000);
    expect(await publish('lost')).toBe(0);
    expect(heard(ear, 'lost')()).toBe(false);
  });

  it('takes 5 s to say that Redis does not answer', async () => {
    const one = await core.start(address());
    redis.signal('SIGSTOP');
    const body = await component(one, 'redis');
    redis.signal('SIGCONT');
    expect(body).toMatchObject({ status: 'unhealthy', details: { message: 'Redis health check failed' } });
    expect(body.details?.['latency_ms']).toBeGreaterThanOrEqual(4900);
  });
});
