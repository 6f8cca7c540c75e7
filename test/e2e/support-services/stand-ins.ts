/** The stand-ins as processes, with a real Redis and three real Kafka brokers, for the tests of one file. */
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { programPath } from '../../../src/system/project.ts';
import { TOPICS } from '../../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { freePorts } from './free-port.ts';
import { startKafka, type TestKafka } from './kafka.ts';
import { type LogReader, readLog } from './log-reader.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { run, type Spawned, until } from './spawned.ts';
import { requireTestTools } from './test-tools.ts';

/** More than the sandbox has: with one partition nothing would show which one a key goes to. */
const PARTITIONS = 3;
export const BUSINESS_PARTITION = crc32('BUSINESS') % PARTITIONS;

export interface Gateway extends Spawned {
  readonly url: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Set up before the first test of the file that makes one, and ended after its last. */
export class StandIns {
  readonly #started: Spawned[] = [];
  #parts: { readonly kafka: TestKafka; readonly redis: TestRedis; readonly log: LogReader } | undefined;

  constructor() {
    beforeAll(async () => {
      const tools = await requireTestTools(['java', 'kafka', 'redis']);
      const topics = TOPICS.map(({ name }) => ({ name, partitions: PARTITIONS }));
      const [kafka, redis] = await Promise.all([startKafka(tools, { nodes: 3, topics }), startRedis(tools)]);
      this.#parts = { kafka, redis, log: await readLog(kafka.kafka, [...TOPICS.map((topic) => topic.name)]) };
    });
    afterEach(async () => {
      await Promise.all(this.#started.splice(0).map((one) => one.stop()));
    });
    afterAll(async () => {
      await this.#parts?.log.close();
      await Promise.all([this.#parts?.redis.stop(), this.#parts?.kafka.stop()]);
    });
  }

  get kafka(): TestKafka {
    return this.#running.kafka;
  }

  get redis(): TestRedis {
    return this.#running.redis;
  }

  get log(): LogReader {
    return this.#running.log;
  }

  get #running() {
    if (!this.#parts) throw new Error('Kafka and Redis are started before the first test');
    return this.#parts;
  }

  async gateway(extra: Record<string, unknown> = {}): Promise<Gateway> {
    const [httpPort] = await freePorts(1);
    const config = {
      instance: `gateway-${httpPort}`,
      host: '127.0.0.1',
      httpPort,
      kafkaBrokers: this.kafka.brokers,
      redis: { host: this.redis.host, port: this.redis.port },
      ...extra,
    };
    return { ...(await this.program('gateway', config)), url: `http://127.0.0.1:${httpPort}` };
  }

  /** Started, whether it will listen or not; ended after the test. */
  spawn(name: 'gateway' | 'specialist' | 'hive', config: unknown): Spawned {
    const main = programPath(`systems/neural-hive-mind/stand-ins/src/${name}/main`);
    const one = run(process.execPath, [main, JSON.stringify(config)]);
    this.#started.push(one);
    return one;
  }

  /** Resolves when it listens. */
  async program(name: 'gateway' | 'specialist' | 'hive', config: unknown): Promise<Spawned> {
    const one = this.spawn(name, config);
    await until(() => one.output().includes('"listening"') || one.child.exitCode !== null, {
      timeoutMs: 40_000,
      explain: one.output,
    });
    if (one.child.exitCode !== null)
      throw new Error(`${name} ended with ${one.child.exitCode}: ${one.output()}`);
    return one;
  }

  everyBroker(signal: NodeJS.Signals): void {
    for (const index of [0, 1, 2]) this.kafka.signal(index, signal);
  }
}

export async function post(at: Gateway, body: unknown): Promise<Answer> {
  const answer = await fetch(`${at.url}/intentions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export async function get(at: Gateway, path: string): Promise<Answer> {
  const answer = await fetch(`${at.url}${path}`);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export const id = (): string => crypto.randomUUID();
