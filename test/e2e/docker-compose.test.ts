/**
 * A Compose project of the gateway, a Kafka of three brokers and Redis on a real engine: faults on one broker, proven by
 * Kafka to be that one; under load kill, partition and pressure with their timelines, no record lost; and a harness that is
 * killed. Skipped with the reason where there is no engine.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import type { Tools } from '../../src/core/tools.ts';
import { programPath, projectRoot } from '../../src/system/project.ts';
import { TOPICS } from '../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { lacksEngine, TestEngine } from './support-docker/engine.ts';
import { brokerProperties, makeBroker } from './support-services/kafka.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const COMPOSE = '/usr/bin/docker-compose';
const lacks =
  lacksEngine ??
  (existsSync(COMPOSE)
    ? null
    : `Compose: skipped, because ${COMPOSE} is not there (apt-get install docker-compose)`);
/** Containers of their own network, which this machine reaches. */
const SUBNET = '10.213.78.0/24';
const GATEWAY = '10.213.78.30';
const REDIS = '10.213.78.20';
/** Their ids are not the numbers of their services: only Kafka says which is which. */
const BROKERS = [
  { id: 12, service: 'kafka-1', host: '10.213.78.11' },
  { id: 10, service: 'kafka-2', host: '10.213.78.12' },
  { id: 11, service: 'kafka-3', host: '10.213.78.13' },
] as const;
const BOOTSTRAP = BROKERS.map(({ host }) => `${host}:9092`);

const bench = new Bench();
const at = (name: string): string => join(bench.folder, name);

const propertiesOf = ({ id, host }: (typeof BROKERS)[number]) =>
  brokerProperties({
    ...{ id, nodes: BROKERS.length, client: `${host}:9092`, controller: `${host}:9093` },
    voters: BROKERS.map((one) => `${one.id}@${one.host}:9093`).join(','),
  });

/** The programs are those of this machine: its folders are mounted. */
function writeCompose(tools: Tools): void {
  const home = process.env['HOME'];
  const read = ['/usr', '/etc', projectRoot, ...(home === undefined ? [] : [join(home, '.cache')])];
  const volumes = [...read.map((folder) => `${folder}:${folder}:ro`), `${bench.folder}:${bench.folder}`];
  const service = (command: readonly string[], address: string, environment: object = {}) => ({
    ...{ image: 'gauntlet-test-host:1', command, environment, volumes, restart: 'unless-stopped' },
    labels: { 'gauntlet.opt-in': 'true' },
    // The stand-in ends with its standard input.
    stdin_open: true,
    networks: { own: { ipv4_address: address } },
  });
  const gateway = {
    ...{ instance: 'gateway-1', host: '0.0.0.0', httpPort: 8080, kafkaBrokers: BOOTSTRAP },
    redis: { host: REDIS, port: 6379 },
  };
  const main = programPath('systems/neural-hive-mind/stand-ins/src/gateway/main');
  const { server = '', libraryPath } = tools.redis ?? {};
  const redis = [server, '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', ''];
  const library = libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath };
  const project = {
    version: '3.7',
    networks: { own: { ipam: { config: [{ subnet: SUBNET }] } } },
    services: {
      'gateway-intencoes': service([process.execPath, main, JSON.stringify(gateway)], GATEWAY),
      redis: service(redis, REDIS, library),
      ...Object.fromEntries(
        BROKERS.map((one) => [
          one.service,
          service(makeBroker(tools, at(one.service), propertiesOf(one)), one.host),
        ]),
      ),
    },
  };
  writeFileSync(at('compose.yaml'), JSON.stringify(project));
}

/** Guards refuse to take a broker away before. */
async function areInSync(): Promise<boolean> {
  const admin = kafka.admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata();
  await admin.disconnect();
  return topics.every((topic) => topic.partitions.every((one) => one.isr.length === BROKERS.length));
}

const answers = (path: string): Promise<boolean> =>
  fetch(`http://${GATEWAY}:8080${path}`).then(
    ({ ok }) => ok,
    () => false,
  );

const { Kafka, logLevel } = kafkajs;
const retry = { retries: 60, initialRetryTime: 300, maxRetryTime: 500 };
const kafka = new Kafka({ brokers: BOOTSTRAP, logLevel: logLevel.NOTHING, retry });

async function makeTopics(): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const topics = TOPICS.map(({ name }) => ({ topic: name, numPartitions: 1, replicationFactor: 3 }));
  await admin.createTopics({ waitForLeaders: true, topics });
  await admin.disconnect();
}

describe.skipIf(lacks !== null)(lacks ?? 'a Compose project', () => {
  let docker: TestEngine;
  const compose = (...words: string[]): string =>
    execFileSync(
      COMPOSE,
      ['-H', `unix://${docker.socket}`, '-p', 'hive', '-f', at('compose.yaml'), ...words],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );

  beforeAll(async () => {
    const tools = await requireTestTools(['java', 'kafka', 'redis', 'k6']);
    docker = new TestEngine();
    await docker.start();
    await docker.makeAgentImage();
    await docker.makeHostImage();
    writeCompose(tools);
    compose('up', '-d', 'redis', ...BROKERS.map((one) => one.service));
    await makeTopics();
    compose('up', '-d', 'gateway-intencoes');
    const isUp = () => answers('/health');
    const explain = (): string => compose('logs', '--tail=20', 'gateway-intencoes');
    await until(isUp, { timeoutMs: 40_000, everyMs: 200, explain });
    writeFileSync(
      at('hive.yaml'),
      `schema: gauntlet.target/1
name: hive
system: neural-hive-mind
platform: docker
docker: { host: "unix://${docker.socket}", project: hive }
services:
  gateway: { address: "http://${GATEWAY}:8080" }
  redis: { address: "redis://${REDIS}:6379" }
  kafka: { address: ${JSON.stringify(BROKERS.map(({ id, host }) => ({ id, address: `${host}:9092`, controller: `${host}:9093` })))} }
policy: { optIn: true, unprotected: [gateway] }
`,
    );
  }, 180_000);

  afterAll(async () => {
    try {
      compose('down', '-t', '1');
    } finally {
      await docker.stop();
    }
    expect(await bench.quiet(5000)).toEqual([]);
  }, 120_000);

  it('takes load and faults, each proven and undone, and no record is lost', async () => {
    writeFileSync(
      at('campaign.yaml'),
      `name: containers
target: ./hive.yaml
load:
  - { scenario: gateway-intentions, rate: 10/s }
warmup: 5s
baseline: 20s
recovery: { hold: 3s, timeout: 60s }
faults:
  - kill-pod: { service: gateway, accept-outage: true }
  - cut-link: { from: gateway, to: kafka, for: 6s }
  - cpu-stress: { service: gateway, workers: 7, for: 5s }
  - pause-pod: { service: redis, for: 3s, accept-outage: true }
  - redis-kill-connections: {}
objectives:
  - gateway.intentions lost = 0
`,
    );
    const { stdout, stderr, code } = await bench.run(
      ...['run', at('campaign.yaml'), '--out', at('run'), '--json', '--yes'],
    );
    // A machine too busy to send in time says so; what the faults did, and what was lost, is known all the same.
    expect([0, 4], stdout.slice(0, 3000) + stderr).toContain(code);
    const { faults, verdict } = JSON.parse(stdout) as Result;
    const others = verdict.reasons.filter((one) => !/generator was late/.test(one.text));
    expect(others).toEqual([{ status: 'PASS', text: 'gateway.intentions lost = 0: 0' }]);
    expect(faults.map((one) => one.status)).toEqual(Array(5).fill('injected'));
    expect(faults[0]?.pod?.phases.map((one) => one.name)).toEqual([
      'signal sent to process gone',
      'process gone to successor started',
      'successor started to successor ready',
      'successor ready to first good probe on a fresh connection',
    ]);
  }, 300_000);

  it('takes the broker that Kafka shows to be the one, kills it, and cuts another off without a proxy', async () => {
    await until(areInSync, { timeoutMs: 60_000, everyMs: 300 });
    const inject = (...words: string[]) =>
      bench.run('inject', ...words, '--target', at('hive.yaml'), '--yes');
    const killed = await inject('kill-broker', 'broker=leader of plans.ready');
    expect(killed.code, killed.stdout + killed.stderr).toBe(0);
    const [, container, id] =
      /^kill-broker on hive[_-](kafka-\d)[_-]1 \(container \w+\), which is kafka-(\d+) \(leader of plans.ready\): injected/m.exec(
        killed.stdout,
      ) ?? [];
    expect(BROKERS.find((one) => String(one.id) === id)?.service, killed.stdout).toBe(container);
    expect(killed.stdout).toContain('process gone to successor started');
    await until(areInSync, { timeoutMs: 60_000, everyMs: 300 });
    const cut = await inject('partition-kafka', 'broker=10', 'from=brokers', '--for', '1s');
    expect(cut.code, cut.stdout + cut.stderr).toBe(0);
    expect(cut.stdout).toMatch(/kafka-1[12]->kafka-10 and 3 more links: .* dropped/);
    const slow = await inject('slow-broker', 'broker=10', 'bandwidth=8kbit/s', '--for', '1s', '--dry-run');
    expect(slow.stdout + slow.stderr).toContain('gateway, kafka-10, kafka-11, kafka-12');
    const strange = await inject('kill-broker', 'broker=1', '--dry-run');
    expect(strange.stderr).toContain('kill-broker.broker: expected one of 12, 10, 11, got 1.');
  }, 180_000);

  it('has all links whole again when the harness is killed in a partition', async () => {
    const cut = ['inject', 'cut-link', 'from=gateway', 'to=redis', '--for', '60s'];
    const harness = bench.start([...cut, '--target', at('hive.yaml'), '--yes']);
    const isReady = () => answers('/ready');
    // A cut is proven by what does not arrive, so somebody has to send something.
    const users = setInterval(() => void isReady(), 100);
    await harness.said('injected, proven').finally(() => clearInterval(users));
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await until(isReady, { timeoutMs: 90_000, everyMs: 500 });
    expect(await bench.quiet(20_000, 'keeper')).toEqual([]);
    expect((await bench.run('recover')).stdout).toContain('Nothing to undo.');
  }, 180_000);
});
