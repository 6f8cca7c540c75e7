/** Logins at a real broker with SASL: each mechanism, each refusal, and a session that ends. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../src/core/errors.ts';
import type { Login } from '../../src/core/login.ts';
import { keepSecret } from '../../src/core/secrets.ts';
import type { Topology } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { askOnce } from '../../src/protocols/ask-once.ts';
import { aroundOf, asksOf } from '../../src/protocols/asks.ts';
import { kafkaSender } from '../../src/protocols/kafka/kafka-sender.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openKafkaActs } from '../../src/targets/kafka-acts.ts';
import type { Probe } from '../../src/targets/probes/connection-probe.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import { startKafka, type TestKafka } from './support-services/kafka.ts';
import { saslListener } from './support-services/sasl.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const SESSION_MS = 4000;
// Kafka's own tools take no comma, and what is not ASCII only from a file.
const PASSWORD = 's:cr@m 7Ru%x';
/** Acts have short deadlines of their own, which a busy machine may miss. */
const PATIENT = { timeout: 20_000 };
const PLAIN = 'pl,a=in é☕ 9f2Kq';
const env = (name: string) => ({ from: 'env', name }) as const;

/** Of Kafka's own development module: unsigned. */
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (lifeS: number): string => {
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: 'web', iat: now - 1, exp: now + lifeS })}.`;
};

const LOGINS: Readonly<Record<string, Login>> = {
  PLAIN: { user: 'web', password: env('PLAIN_PASSWORD'), mechanism: 'PLAIN' },
  'SCRAM-SHA-512': { user: 'orders', password: env('SCRAM_PASSWORD') },
  OAUTHBEARER: { token: env('BUS_TOKEN'), mechanism: 'OAUTHBEARER' },
};

let kafka: TestKafka;
const probes: Probe[] = [];
beforeAll(async () => {
  keepSecret('PLAIN_PASSWORD', PLAIN);
  keepSecret('SCRAM_PASSWORD', PASSWORD);
  keepSecret('BUS_TOKEN', token(600));
  keepSecret('OLD_TOKEN', token(-300));
  keepSecret('WRONG', 'no such secret');
  kafka = await startKafka(await requireTestTools(['java', 'kafka']), {
    nodes: 1,
    topics: [{ name: 'orders', partitions: 1 }],
    further: saslListener({
      mechanisms: ['PLAIN', 'SCRAM-SHA-512', 'OAUTHBEARER'],
      plain: { web: PLAIN },
      scram: { 'SCRAM-SHA-512': `name=orders,password=${PASSWORD}` },
      sessionMs: SESSION_MS,
    }),
  });
});
afterEach(() => {
  for (const one of probes.splice(0)) one.close();
});
afterAll(() => kafka?.stop());

function topology(login?: Login, at = kafka.further[0] ?? ''): Topology {
  const bus = { id: 1, address: at, ...(login && { access: { login } }) };
  const endpoint = { protocol: 'kafka', at: [bus], asks: {}, proto: null, topics: ['orders'] } as const;
  return { platform: 'none', identity: 'none:bus', services: [{ name: 'bus', endpoints: [endpoint] }] };
}

function probe(login?: Login, at?: string): Probe {
  const one = createProbe('bus-1', topology(login, at), monotonicClock);
  probes.push(one);
  return one;
}

async function contract(login?: Login, at?: string): Promise<unknown> {
  const whole = topology(login, at);
  const ask = asksOf(whole).find((one) => one.name === 'bus:contract');
  if (ask === undefined) throw new Error('no contract');
  return await askOnce(ask, aroundOf(whole), 5000).catch((error: unknown) => error);
}

describe('a login at Kafka', () => {
  it.each(Object.keys(LOGINS))('by %s asks, acts and sends', async (mechanism) => {
    const login = LOGINS[mechanism];
    const held = probe(login);
    for (const connection of ['held', 'held', 'fresh'] as const)
      expect((await held.send(connection, ms(5000))).outcome).toBe('ok');
    expect(await contract(login)).toBeUndefined();
    const client = kafka.further[0] ?? '';
    const acts = openKafkaActs([{ id: 1, client, ...(login && { access: { login } }) }]);
    await expect.poll(() => acts.leaderOf('orders').catch(messageOf), PATIENT).toBe(1);
    const sender = kafkaSender([client], 'orders', login && { login });
    await sender.send('{}', 5000);
    sender.close();
  });

  it('is renewed on its connection before its session is over', async () => {
    const held = probe(LOGINS['SCRAM-SHA-512']);
    const until = performance.now() + 1.5 * SESSION_MS;
    const seen = new Set<string>();
    while (performance.now() < until) {
      seen.add((await held.send('held', ms(5000))).outcome);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect([...seen]).toEqual(['ok']);
  });

  it.each([
    ['PLAIN', /^Kafka refused the login of user web \(PLAIN\): .*Invalid username or password/],
    ['SCRAM-SHA-512', /^Kafka refused the login of user orders \(SCRAM-SHA-512\): .*invalid credentials/],
  ] as const)('with a wrong password by %s is said as that', async (mechanism, words) => {
    const wrong = { ...LOGINS[mechanism], password: env('WRONG') };
    expect(await contract(wrong)).toMatchObject({ got: expect.stringMatching(words) });
    expect((await probe(wrong).send('fresh', ms(5000))).outcome).toMatch(/^Kafka refused the login of user /);
    const acts = openKafkaActs([{ id: 1, client: kafka.further[0] ?? '', access: { login: wrong } }]);
    await expect
      .poll(() => acts.partitions().catch(messageOf), PATIENT)
      .toMatch(
        /^kafka-1: expected an answer to Metadata, got Kafka refused the login of user .*Check the login of this service in the target file\.$/s,
      );
  });

  it('with an expired token, an unknown mechanism or none at all is said as that', async () => {
    expect(await contract({ ...LOGINS['OAUTHBEARER'], token: env('OLD_TOKEN') })).toMatchObject({
      got: expect.stringMatching(/^Kafka refused the login of a token \(OAUTHBEARER\): /),
    });
    expect(await contract({ ...LOGINS['SCRAM-SHA-512'], mechanism: 'SCRAM-SHA-256' })).toMatchObject({
      got: expect.stringMatching(/^Kafka offers .*SCRAM-SHA-512.* on this listener, and not SCRAM-SHA-256$/),
    });
    expect(await contract()).toMatchObject({
      got: expect.stringMatching(/^a listener that requires a login \(.*PLAIN.*\)$/),
    });
    expect(await contract(LOGINS['PLAIN'], kafka.brokers[0])).toMatchObject({
      got: 'Kafka takes no login on this listener: it is none of SASL',
    });
  });
});
