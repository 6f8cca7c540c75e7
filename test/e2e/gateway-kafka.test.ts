/** Gateway and hive as processes while their three real Kafka brokers are paused, and the way of an intention through the hive. */
import { describe, expect, it } from 'vitest';
import { SPECIALISTS } from '../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { freePorts } from './support-services/free-port.ts';
import { until } from './support-services/spawned.ts';
import { BUSINESS_PARTITION, get, id, post, StandIns } from './support-services/stand-ins.ts';

const bench = new StandIns();

describe('when Kafka is in trouble', () => {
  it('waits for a paused leader to be replaced, and publishes exactly once', async () => {
    const at = await bench.gateway();
    await post(at, { text: 'gerar relatório de vendas' });
    const leader = await bench.log.leaderOf('intentions.business', BUSINESS_PARTITION);
    bench.kafka.signal(leader - 1, 'SIGSTOP');
    let answers: Awaited<ReturnType<typeof post>>[];
    const began = performance.now();
    try {
      answers = await Promise.all(
        Array.from({ length: 5 }, () => post(at, { text: 'gerar relatório de vendas' })),
      );
      // The cluster fences a silent broker after 2 s; a client that waits for it would need as long as the pause.
      expect(performance.now() - began).toBeLessThan(15_000);
    } finally {
      bench.kafka.signal(leader - 1, 'SIGCONT');
    }
    // Only now: the reader of this test waits for the paused leader, unlike the gateway.
    await bench.log.settled();
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(await bench.log.recordsOf(String(body['intent_id']))).toHaveLength(1);
    }
  });

  it('freezes as a whole, /health included, and answers 200 when Kafka is back', async () => {
    const at = await bench.gateway();
    await post(at, { text: 'gerar relatório de vendas' });
    bench.everyBroker('SIGSTOP');
    const posted = post(at, { text: 'gerar relatório de vendas' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    let answered = false;
    const health = get(at, '/health').then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(answered).toBe(false);
    bench.everyBroker('SIGCONT');
    expect((await posted).status).toBe(200);
    expect((await health).status).toBe(200);
    await bench.log.settled();
  });

  it('is unusable after its delivery time: 500 for ever, healthy in every check, and a retry gets "duplicate"', async () => {
    const at = await bench.gateway({ kafka: { deliveryTimeoutMs: 1000 } });
    await post(at, { text: 'gerar relatório de vendas' });
    const correlation_id = id();
    bench.everyBroker('SIGSTOP');
    const posted = post(at, { text: 'gerar relatório de vendas', correlation_id });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    bench.everyBroker('SIGCONT');
    expect((await posted).status).toBe(500);
    const next = await post(at, { text: 'gerar relatório de vendas' });
    expect(next.status).toBe(500);
    expect(next.body['detail']).toContain('INVALID_TXN_STATE');
    expect([(await get(at, '/health')).status, (await get(at, '/ready')).status]).toEqual([200, 200]);
    const retry = await post(at, { text: 'gerar relatório de vendas', correlation_id });
    expect(retry.body['status']).toBe('duplicate_detected');
    await bench.log.settled();
    expect(await bench.log.count((record) => record.headers['correlation-id'] === correlation_id)).toBe(0);
  });
});

describe('the hive', () => {
  it('turns an intention into tickets through five specialists, and stops in good order', async () => {
    const ports = await freePorts(11);
    const host = '127.0.0.1';
    await Promise.all(
      SPECIALISTS.map((specialist, index) =>
        bench.program('specialist', {
          specialist,
          instance: `${specialist}-1`,
          host,
          grpcPort: ports[index],
          httpPort: ports[5 + index],
        }),
      ),
    );
    const hive = await bench.program('hive', {
      instance: 'hive-1',
      host,
      httpPort: ports[10],
      kafkaBrokers: bench.kafka.brokers,
      redis: { host: bench.redis.host, port: bench.redis.port },
      specialists: Object.fromEntries(SPECIALISTS.map((one, index) => [one, `${host}:${ports[index]}`])),
      // The topics also contain the intentions of earlier tests.
      plansPerSecond: 200,
    });
    const at = await bench.gateway();
    expect((await fetch(`http://${host}:${ports[10]}/ready`)).status).toBe(200);
    const { body } = await post(at, { text: 'gerar relatório de vendas', correlation_id: id() });
    const intentId = body['intent_id'];
    const ticketsOf = () =>
      bench.log.matching((one) => one.topic === 'execution.tickets' && one.value['intent_id'] === intentId);
    await until(() => ticketsOf().length > 0, { timeoutMs: 30_000, explain: hive.output });
    const decisions = bench.log.matching(
      (one) => one.topic === 'plans.consensus' && one.headers['intent-id'] === intentId,
    );
    expect(decisions).toHaveLength(1);
    expect(decisions[0]?.headers).toMatchObject({
      'final-decision': 'approve',
      'correlation-id': body['correlation_id'],
    });
    expect(decisions[0]?.key).toBe(decisions[0]?.value['plan_id']);
    expect(decisions[0]?.value['specialist_votes']).toHaveLength(5);
    const [ticket] = ticketsOf();
    expect(ticket?.key).toBe(ticket?.value['plan_id']);
    const began = performance.now();
    await hive.stop('SIGTERM');
    expect(hive.child.exitCode).toBe(0);
    expect(performance.now() - began).toBeLessThan(4000);
  });
});
