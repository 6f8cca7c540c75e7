/**
 * Logins at a real broker with SASL: each mechanism, each refusal, and a session that ends. A fault on a topic
 * there: its proof, and its undo by each process that may have to do it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultNamed } from '../../src/chaos/faults/registry.ts';
import type { World } from '../../src/chaos/world.ts';
import { messageOf } from '../../src/core/errors.ts';
import type { Login } from '../../src/core/login.ts';
import { seededRng } from '../../src/core/rng.ts';
import { keepSecret } from '../../src/core/secrets.ts';
import type { Topology } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { askOnce } from '../../src/protocols/ask-once.ts';
import { aroundOf, asksOf } from '../../src/protocols/asks.ts';
import { alterTopicRequest, readAltered } from '../../src/protocols/kafka/configs.ts';
import { KafkaConnection } from '../../src/protocols/kafka/connection.ts';
import { kafkaSender } from '../../src/protocols/kafka/kafka-sender.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openKafkaActs } from '../../src/targets/kafka-acts.ts';
import type { Probe } from '../../src/targets/probes/connection-probe.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { startKafka, type TestKafka } from './support-services/kafka.ts';
import { saslListener } from './support-services/sasl.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const SESSION_MS = 4000;
// Kafka's own tools take no comma, and what is not ASCII only from a file.
const PASSWORD = 's:cr@m 7Ru%x';
/** Acts have short deadlines of their own, which a busy machine may miss. */
const PATIENT = { timeout: 20_000 };
const PLAIN = 'pl,a=in é☕ 9f2Kq';
/** Who enters by the plain listener may do all; on a topic with rights of its own, the others only those. */
const AUTHORIZER = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
  'allow.everyone.if.no.acl.found': 'true',
};
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

const bench = new Bench();
const file = join(bench.folder, 'shop.yaml');
let kafka: TestKafka;
const probes: Probe[] = [];
beforeAll(async () => {
  keepSecret('PLAIN_PASSWORD', PLAIN);
  keepSecret('SCRAM_PASSWORD', PASSWORD);
  keepSecret('BUS_TOKEN', token(600));
  keepSecret('OLD_TOKEN', token(-300));
  keepSecret('WRONG', 'no such secret');
  process.env['SCRAM_PASSWORD'] = PASSWORD;
  const further = saslListener({
    mechanisms: ['PLAIN', 'SCRAM-SHA-512', 'OAUTHBEARER'],
    plain: { web: PLAIN },
    scram: { 'SCRAM-SHA-512': `name=orders,password=${PASSWORD}` },
    sessionMs: SESSION_MS,
  });
  kafka = await startKafka(await requireTestTools(['java', 'kafka']), {
    nodes: 1,
    topics: [
      { name: 'orders', partitions: 1 },
      { name: 'paid', partitions: 3 },
      { name: 'kept', partitions: 1 },
    ],
    further: { ...further, settings: { ...further.settings, ...AUTHORIZER } },
  });
  writeFileSync(
    join(bench.folder, 'system.yaml'),
    'schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices:\n  bus: { kafka: { topics: { paid: {} } } }\n',
  );
  writeFileSync(
    file,
    `schema: gauntlet.target/1
name: shop
system: ./system.yaml
platform: none
services:
  bus: { address: ["${kafka.further[0]}"], login: { user: orders, password: env:SCRAM_PASSWORD } }
policy: { optIn: true }
`,
  );
});
afterEach(() => {
  for (const one of probes.splice(0)) one.close();
});
afterAll(async () => {
  delete process.env['SCRAM_PASSWORD'];
  await kafka?.stop();
  expect(await bench.quiet(5000)).toEqual([]);
});

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
    // A leader is named before it has become one.
    const sent = () => sender.send('{}', 5000).then(() => 'sent', messageOf);
    await expect.poll(sent, PATIENT).toBe('sent');
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

const KEY = 'max.message.bytes';

/** As somebody else sees it, who enters by the plain listener. */
async function limitOf(topic: string): Promise<string | null> {
  const { topics } = openKafkaActs([{ id: 1, client: kafka.brokers[0] ?? '' }]);
  const [first] = (await topics?.config(topic, KEY)) ?? [];
  return first?.isOwn === true ? first.value : null;
}
const is = (topic: string, value: string | null) => async () =>
  (await limitOf(topic).catch(messageOf)) === value;

async function asAdmin<T>(act: (admin: ReturnType<typeof kafka.kafka.admin>) => Promise<T>): Promise<T> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  try {
    return await act(admin);
  } finally {
    await admin.disconnect();
  }
}
/** Of what readers of committed records see. */
async function endOf(topic: string, partition: number): Promise<number> {
  const ends = await asAdmin((admin) => admin.fetchTopicOffsets(topic));
  return Number(ends.find((one) => one.partition === partition)?.high);
}

/** By somebody else. */
async function setLimit(topic: string, value: string | null): Promise<void> {
  const options = { clientId: 'test', mostBytes: 1e6 };
  const connection = await KafkaConnection.open(kafka.brokers[0] ?? '', 5000, options);
  const { error } = readAltered(await connection.request(alterTopicRequest(topic, KEY, value)));
  connection.close();
  expect(error).toBe(0);
}

const inject = (topic: string, held: string): readonly string[] => [
  ...['inject', 'kafka-max-message', `topic=${topic}`],
  ...['--for', held, '--target', file, '--yes'],
];

describe('a topic that refuses records', () => {
  it('refuses them at each leader while it is held, and no acknowledged one is lost', async () => {
    const producer = kafka.kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    const [acked, refused]: [string[], string[]] = [[], []];
    const stop = new AbortController();
    const writing = (async () => {
      for (let id = 0; !stop.signal.aborted; id += 1) {
        const value = `${id}`.padEnd(100, '.');
        const word = await producer
          .send({ topic: 'paid', messages: [{ value, partition: id % 3 }] })
          .then(() => null, messageOf);
        if (word === null) acked.push(value);
        else refused.push(word);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const { code, stdout, stderr } = await bench.run(...inject('paid', '1s'));
    const ackedBefore = acked.length;
    await until(() => acked.length > ackedBefore + 5, { timeoutMs: 20_000 });
    stop.abort();
    await writing;
    await producer.disconnect();
    expect([code, stdout + stderr]).toEqual([
      0,
      expect.stringContaining('MESSAGE_TOO_LARGE for 3 partitions, from 1 leader'),
    ]);
    expect(stdout).toContain('max.message.bytes of paid is not set as before');
    expect(refused.length).toBeGreaterThan(5);
    expect(new Set(refused)).toEqual(
      new Set(['The request included a message larger than the max message size the server will accept']),
    );
    // What the proof sent is not in the log, and what was acknowledged is.
    const ends = await asAdmin((admin) => admin.fetchTopicOffsets('paid'));
    expect(ends.reduce((sum, one) => sum + Number(one.high), 0)).toBe(acked.length);
    expect(await limitOf('paid')).toBe(null);
    expect(kafka.output()).not.toContain('Error processing append');
  });

  it('is restored by the keeper when the harness is killed, with a limit of its own', async () => {
    await setLimit('paid', '2000000');
    const first = bench.start(inject('paid', '60s'));
    await first.said('injected, proven');
    expect(await limitOf('paid')).toBe('100');
    first.child.kill('SIGKILL');
    await until(is('paid', '2000000'), { timeoutMs: 30_000, explain: () => 'not undone by the keeper' });
    await first.finished;
    await setLimit('paid', null);
  });

  it('ends open transactions, keeps what another client set meanwhile, and says it', async () => {
    const fault = faultNamed('kafka-max-message');
    const access = { login: LOGINS['SCRAM-SHA-512'] as Login };
    const acts = openKafkaActs([{ id: 1, client: kafka.further[0] ?? '', access }]);
    const platform = {
      handle: { platform: 'none', identity: 'none:bus' },
      topology: topology(),
      kafka: acts,
    } as const;
    const world: World = { platform, clock: monotonicClock, rng: seededRng(1) };
    const parsed = fault.parse({ topic: 'paid', for: '1s' });
    if (!parsed.ok) throw new Error('not parsed');
    const plan = await fault.plan(parsed.spec, world);
    const producer = kafka.kafka.producer({
      transactionalId: 'pay',
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    const before = await endOf('paid', 0);
    await transaction.send({ topic: 'paid', messages: [{ value: 'in time', partition: 0 }] });
    await fault.apply(plan, world, ms(3000));
    // Its end is a record that Kafka itself writes: refused, it would keep readers waiting for good.
    await transaction.commit();
    const isEnded = async (): Promise<boolean> => (await endOf('paid', 0)) === before + 2;
    await until(isEnded, { timeoutMs: 20_000, explain: () => kafka.output() });
    await producer.disconnect();
    expect([await limitOf('paid'), await fault.renew(plan, world, ms(3000))]).toEqual(['100', true]);
    await setLimit('paid', '5000');
    await until(is('paid', '5000'), { timeoutMs: 5000 });
    if (plan.undo === null) throw new Error('no undo');
    expect(await fault.renew(plan, world, ms(3000))).toBe(false);
    await fault.undo(plan.undo, world);
    expect([await limitOf('paid'), await fault.removed(plan.undo, world)]).toEqual([
      '5000',
      {
        gone: false,
        evidence:
          'max.message.bytes of paid is 5000: another client changed it meanwhile (before not set, by us 100); not overwritten',
      },
    ]);
    await setLimit('paid', null);
  });

  it('is restored by recover after the brokers were down: Kafka keeps a setting', async () => {
    const run = bench.start(inject('paid', '60s'));
    await run.said('injected, proven');
    for (const line of bench.leftovers('keeper')) signalProcess(Number(line.split(' ')[0]), 'SIGKILL');
    run.child.kill('SIGKILL');
    await run.finished;
    kafka.signal(0, 'SIGKILL');
    kafka.restart(0);
    await until(is('paid', '100'), { timeoutMs: 40_000, explain: () => kafka.output() });
    const { code, stdout } = await bench.run('recover');
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('max.message.bytes of paid is not set as before'),
    ]);
    expect(await limitOf('paid')).toBe(null);
  });

  it('is refused before it begins where the login may not change it', async () => {
    const rights = ['DESCRIBE', 'DESCRIBE_CONFIGS', 'WRITE'] as const;
    await asAdmin((admin) =>
      admin.createAcls({
        acl: rights.map((right) => ({
          ...{
            resourceType: AclResourceTypes.TOPIC,
            resourceName: 'kept',
            principal: 'User:orders',
            host: '*',
          },
          resourcePatternType: ResourcePatternTypes.LITERAL,
          operation: AclOperationTypes[right],
          permissionType: AclPermissionTypes.ALLOW,
        })),
      }),
    );
    const { code, stdout, stderr } = await bench.run(...inject('kept', '1s'));
    expect([code, stdout + stderr]).toEqual([
      77,
      expect.stringContaining(
        'kafka-max-message: topic kept: expected a login that may AlterConfigs, got one that may not. Give its user this right: kafka-acls --add --operation AlterConfigs --topic kept',
      ),
    ]);
    expect(await limitOf('kept')).toBe(null);
  });
});
