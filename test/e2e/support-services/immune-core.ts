/** The stand-in of the Active Immune Core with real stores, for the tests of one file. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import WebSocket from 'ws';
import { freePorts } from './free-port.ts';
import { startKafka, type TestKafka } from './kafka.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { run, type Spawned, until } from './spawned.ts';
import { requireTestTools } from './test-tools.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../systems/active-immune-core/stand-in.mjs');
const TYPES = ['IL1', 'IL6', 'IL8', 'IL10', 'IL12', 'TNF', 'IFNgamma', 'TGFbeta', 'il1', 'il10'];

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly details?: Record<string, unknown> };
}

export interface Core extends Spawned {
  readonly url: string;
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A socket on /ws/events, after its first frame; what it hears is in `events`. */
  hear(types: string): Promise<Ear>;
}

export interface Ear {
  readonly events: readonly { readonly event: string; readonly data: Record<string, unknown> }[];
  say(text: string): void;
}

/** The id that a test gave to an event. */
export const hears = (ear: Ear, id: string): boolean =>
  ear.events.some(
    ({ data }) => (data['message'] as { payload?: { id?: string } } | undefined)?.payload?.id === id,
  );

interface Stores {
  readonly kafka: TestKafka;
  readonly redis: TestRedis;
  readonly postgres: TestPostgres;
}

export class ImmuneCore {
  readonly #started: Spawned[] = [];
  readonly #sockets: WebSocket[] = [];
  #stores: Stores | undefined;

  constructor() {
    beforeAll(async () => {
      const tools = await requireTestTools(['java', 'kafka', 'redis']);
      const topics = TYPES.map((type) => ({ name: `immunis.cytokines.${type}`, partitions: 1 }));
      const [kafka, redis, postgres] = await Promise.all([
        startKafka(tools, { nodes: 1, topics }),
        startRedis(tools),
        startPostgres('immunis_memory', 'immunis'),
      ]);
      this.#stores = { kafka, redis, postgres };
    });
    afterEach(async () => {
      for (const socket of this.#sockets.splice(0)) socket.terminate();
      await Promise.all(this.#started.splice(0).map((one) => one.stop()));
    });
    afterAll(async () => {
      const { kafka, redis, postgres } = this.#stores ?? {};
      await Promise.all([kafka?.stop(), redis?.stop(), postgres?.stop()]);
    });
  }

  get stores(): Stores {
    if (!this.#stores) throw new Error('the stores are started before the first test');
    return this.#stores;
  }

  /** @param given environment that replaces what the sandbox would give. */
  async start(given: Readonly<Record<string, string>> = {}): Promise<Core> {
    const { kafka, redis, postgres } = this.stores;
    const [port = 0] = await freePorts(1);
    const one = run(process.execPath, [PROGRAM], {
      HOST: '127.0.0.1',
      PORT: String(port),
      KAFKA_ADDRESS: kafka.brokers.join(','),
      REDIS_ADDRESS: `${redis.host}:${redis.port}`,
      POSTGRES_ADDRESS: postgres.address,
      ...given,
    });
    this.#started.push(one);
    const url = `http://127.0.0.1:${port}`;
    await until(() => one.output().includes('listening') || one.child.exitCode !== null, {
      timeoutMs: 20_000,
      explain: one.output,
    });
    return {
      ...one,
      url,
      ask: (...question) => ask(url, ...question),
      hear: (types) => this.#hear(url, types),
    };
  }

  async #hear(url: string, types: string): Promise<Ear> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/events?subscriptions=${types}`);
    this.#sockets.push(socket);
    const events: Ear['events'][number][] = [];
    socket.on('message', (text) => events.push(JSON.parse(String(text)) as Ear['events'][number]));
    await once(socket, 'message');
    return { events, say: (text) => socket.send(text) };
  }
}

async function ask(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') && text !== '';
  return { status: answer.status, body: isJson ? (JSON.parse(text) as Answer['body']) : { text } };
}
