/**
 * Everything behind TLS: load, probes, links and faults on a service, a Redis and a Kafka that all require client certificates
 * and logins. What is secret is in no file, no argument and no output.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { keepSecret } from '../../src/core/secrets.ts';
import { RedisLine } from '../../src/protocols/redis/line.ts';
import { findProcesses } from '../../src/system/processes/process-finder.ts';
import { projectRoot } from '../../src/system/project.ts';
import { type Authority, bodyOf, newAuthority, type Pair } from '../support/certificates.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { freePorts } from './support-services/free-port.ts';
import { startKafka, type TestKafka } from './support-services/kafka.ts';
import { startRedis, type TestRedis } from './support-services/redis.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const SECRET = 'shop-5kTq-secret';
const VARIABLE = 'GAUNTLET_TEST_SHOP_PASSWORD';
const WEB = join(projectRoot, 'test/e2e/support-services/tls-web.mjs');

const bench = new Bench();
const at = (name: string): string => join(bench.folder, name);
let own: Authority;
let client: Pair;
let redis: TestRedis;
let kafka: TestKafka;
let supervisor: ChildProcess;
let cachePort = 0;

beforeAll(async () => {
  process.env[VARIABLE] = SECRET;
  keepSecret(VARIABLE, SECRET);
  own = newAuthority();
  const server = own.issue('server');
  client = own.issue('client');
  const ports = await freePorts(6);
  const [web = 0, cache = 0, throughCache = 0, ...throughBus] = ports;
  cachePort = cache;
  writeFileSync(at('users.acl'), `user default off\nuser shop on >${SECRET} ~* &* +@all\n`);
  writeFileSync(at('broker.pem'), server.key + server.cert);
  writeFileSync(at('trust.pem'), own.ca);
  const tools = await requireTestTools(['redis', 'java', 'kafka', 'k6']);
  redis = await startRedis(tools, 0, [
    ...['--tls-port', String(cache), '--tls-cert-file', server.certFile, '--tls-key-file', server.keyFile],
    ...['--tls-ca-cert-file', own.caFile, '--aclfile', at('users.acl')],
  ]);
  const advertised = throughBus.map((port) => `127.0.0.1:${port}`);
  const listener = 'listener.name.sasl_ssl';
  const settings = {
    ...{ 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': at('broker.pem') },
    ...{ 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': at('trust.pem') },
    ...{ [`${listener}.ssl.client.auth`]: 'required', 'sasl.enabled.mechanisms': 'SCRAM-SHA-512' },
    [`${listener}.scram-sha-512.sasl.jaas.config`]:
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  };
  const scram = { 'SCRAM-SHA-512': `name=shop,password=${SECRET}` };
  const further = { protocol: 'SASL_SSL', settings, scram, advertised } as const;
  kafka = await startKafka(tools, { nodes: 3, topics: [{ name: 'orders', partitions: 3 }], further });

  const access = `tls: { ca: ${own.caFile}, cert: ${client.certFile}, key: ${client.keyFile} }`;
  const login = `login: { user: shop, password: "env:${VARIABLE}" }`;
  writeFileSync(
    at('system.yaml'),
    `schema: gauntlet.system/1
name: shop
summary: a shop behind TLS
services:
  web: { http: { port: 8443, ask: { ready: { get: /health, good: 200 } } } }
  cache: { redis: 6379 }
  bus: { kafka: { topics: { orders: {} } } }
links: [web -> cache, web -> bus]
`,
  );
  const direct = kafka.further.map((address) => `"${address}"`).join(', ');
  const links = throughBus.map(
    (port, index) =>
      `  - { from: web, to: bus-${index + 1}, listen: "127.0.0.1:${port}", dial: "${kafka.further[index]}" }`,
  );
  const find = JSON.stringify(`${WEB} ${bench.folder}`);
  writeFileSync(
    at('shop.yaml'),
    `schema: gauntlet.target/1
name: shop
system: ./system.yaml
platform: processes
services:
  web: { address: "https://127.0.0.1:${web}", ${access}, find: { processes: { command: ${find} } }, restart: supervisor }
  cache: { address: "rediss://127.0.0.1:${cache}", ${access}, ${login} }
  bus: { address: [${direct}], ${access}, ${login} }
links:
  - { from: web, to: cache, listen: "127.0.0.1:${throughCache}", dial: "127.0.0.1:${cache}" }
${links.join('\n')}
policy: { optIn: true }
`,
  );
  writeFileSync(
    at('load.js'),
    `import http from 'k6/http';
export const options = { scenarios: { orders: { executor: 'constant-arrival-rate', rate: 10, duration: '5m', preAllocatedVUs: 30 } } };
export default () => http.get(__ENV.WEB, { timeout: '2s' });
`,
  );
  expect((await bench.run('proxy', 'up', at('shop.yaml'))).code).toBe(0);
  const given = {
    ...{
      port: web,
      cachePort: throughCache,
      brokers: advertised,
      user: 'shop',
      password: SECRET,
      topic: 'orders',
    },
    ...{ ca: own.caFile, cert: server.certFile, key: server.keyFile },
  };
  supervisor = spawn(
    '/bin/sh',
    ['-c', `while :; do ${process.execPath} ${WEB} ${bench.folder}; sleep 0.2; done`],
    {
      env: { ...process.env, TLS_WEB: JSON.stringify(given) },
      stdio: 'ignore',
    },
  );
  const { get } = await import('node:https');
  const pems = { ca: own.ca, cert: client.cert, key: client.key };
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      get({ host: '127.0.0.1', port: web, path: '/', ...pems }, (response) => {
        resolve(response.resume().statusCode === 200);
      }).on('error', () => resolve(false));
    });
  await until(answers, { timeoutMs: 40_000, everyMs: 200, explain: () => 'the service does not answer' });
});

afterAll(async () => {
  delete process.env[VARIABLE];
  supervisor?.kill('SIGKILL');
  for (const { pid } of findProcesses({ command: `${WEB} ${bench.folder}` })) signalProcess(pid, 'SIGKILL');
  await bench.run('proxy', 'down', at('shop.yaml'));
  await redis?.stop();
  await kafka?.stop();
  expect(await bench.quiet(5000)).toEqual([]);
  own?.remove();
});

/** One of each kind: commands to Redis, a link, brokers, a process. With GAUNTLET_TEST_ALL=1 every fault that works there. */
const FAULTS = [
  'redis-pause: { for: 2s }',
  'half-open-link: { from: web, to: cache, for: 2s }',
  'partition-kafka: { broker: 1, from: clients, for: 3s }',
  'kill-pod: { service: web, accept-outage: true }',
];
const ALL = [
  ...FAULTS,
  'slow-broker: { broker: 1, latency: 60ms, for: 2s }',
  'kafka-max-message: { topic: orders, for: 2s }',
  'redis-maxmemory: { for: 2s }',
  'redis-kill-connections: {}',
  'cut-link: { from: web, to: cache, for: 2s }',
  'slow-link: { from: web, to: cache, latency: 40ms, for: 2s }',
  'reset-link: { from: web, to: cache, for: 1s }',
  'throttle-redis: { latency: 40ms, for: 2s }',
  'pause-pod: { service: web, accept-outage: true, for: 2s }',
  'restart-storm: { service: web, accept-outage: true, for: 5s }',
  'memory-stress: { service: web, size: 128MiB, accept-outage: true }',
];

function writeCampaign(faults: readonly string[]): string {
  writeFileSync(
    at('campaign.yaml'),
    `name: behind-tls
target: ./shop.yaml
load:
  - { script: ./load.js, env: { WEB: "\${web.address}/" } }
warmup: 2s
baseline: 8s
recovery: { hold: 2s, timeout: 30s }
faults:
${faults.map((one) => `  - ${one}`).join('\n')}
objectives:
  - load.orders p90 < 1s in baseline
`,
  );
  return at('campaign.yaml');
}

/** As the server is asked by somebody who owns it. */
async function tellRedis(command: readonly string[]): Promise<unknown> {
  const tls = { ca: file(own.caFile), cert: file(client.certFile), key: file(client.keyFile) } as const;
  const login = { user: 'shop', password: { from: 'env', name: VARIABLE } } as const;
  const line = await RedisLine.open({ host: '127.0.0.1', port: cachePort, access: { tls, login } }, 2000);
  try {
    return await line.call(command, 2000);
  } finally {
    line.close();
  }
}
const file = (name: string) => ({ from: 'file', name }) as const;

/** What users and Gauntlet wrote, but for the list of users of Redis itself. */
const filesOf = () =>
  readdirSync(bench.folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name !== 'users.acl' && one.name !== 'broker.pem')
    .map((one) => ({ name: one.name, text: readFileSync(join(one.parentPath, one.name), 'latin1') }));

describe('a target behind TLS, with logins', () => {
  it('says which faults work there', async () => {
    const { stdout } = await bench.run('doctor', '--quiet', '--target', at('shop.yaml'));
    expect(stdout).toMatch(/partition-kafka +works .*from: "clients"/);
    expect(stdout).toMatch(/http-fault +no .*got TLS/);
  });

  it('takes load and faults, which are proven and undone, and shows no secret', async () => {
    const campaign = writeCampaign(process.env['GAUNTLET_TEST_ALL'] ? ALL : FAULTS);
    const { stdout, stderr, code } = await bench.run('run', campaign, '--out', at('run'), '--json', '--yes');
    expect(code, stdout.slice(0, 3000) + stderr).not.toBe(64);
    const { faults, verdict } = JSON.parse(stdout) as Result;
    expect(
      faults.map((one) => `${one.name}: ${one.status} ${one.removal?.evidence}`),
      stderr,
    ).toEqual(faults.map((one) => expect.stringMatching(`^${one.name}: injected `)));
    expect(verdict.reasons.filter((one) => ['RESIDUE', 'INVALID'].includes(one.status))).toEqual([]);
    const secrets = [SECRET, ...bodyOf(client.key)];
    const texts = [{ name: 'stdout', text: stdout + stderr }, ...filesOf()];
    expect(
      texts.filter(({ text }) => secrets.some((one) => text.includes(one))).map((one) => one.name),
    ).toEqual([]);
  });

  it('is undone by the keeper when the harness is killed', async () => {
    const was = await tellRedis(['CONFIG', 'GET', 'maxmemory']);
    const args = ['inject', 'redis-maxmemory', '--for', '60s', '--target', at('shop.yaml'), '--yes'];
    const harness = bench.start(args);
    await harness.said('injected, proven');
    expect(await tellRedis(['CONFIG', 'GET', 'maxmemory'])).not.toEqual(was);
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(() => tellRedis(['CONFIG', 'GET', 'maxmemory']), { timeout: 20_000 }).toEqual(was);
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
  });
});
