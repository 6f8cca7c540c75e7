/** A real Redis Cluster for a test, on loopback. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Access } from '../../../src/core/access.ts';
import type { Tools } from '../../../src/core/tools.ts';
import { RedisLine } from '../../../src/protocols/redis/line.ts';
import type { RespValue } from '../../../src/protocols/redis/resp-reader.ts';
import { freePorts } from './free-port.ts';
import { run, type Spawned, until } from './spawned.ts';

const SLOTS = 16_384;
const TIMEOUT_MS = 20_000;

export interface ClusterOptions {
  /** Each replicates one master. */
  readonly replicas?: number;
  /** As the test itself logs in, and as the nodes do among each other. */
  readonly access?: Access;
  /** Further settings of each node. */
  readonly settings?: readonly string[];
  /** TLS in the place of the plain port. */
  readonly isTls?: boolean;
}

export class TestServer {
  readonly port: number;
  readonly #start: () => Spawned;
  readonly #access: Access | undefined;
  #process: Spawned;

  constructor(port: number, start: () => Spawned, access: Access | undefined) {
    this.port = port;
    this.#start = start;
    this.#access = access;
    this.#process = start();
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async ready(): Promise<void> {
    const isUp = async () => (await this.ask('PING').catch(() => null)) === 'PONG';
    await until(isUp, { timeoutMs: TIMEOUT_MS, explain: () => this.#process.output() });
  }

  async ask(...command: readonly string[]): Promise<RespValue> {
    const at = { host: '127.0.0.1', port: this.port, ...(this.#access && { access: this.#access }) };
    const line = await RedisLine.open(at, 1000);
    try {
      return await line.call(command, 2000);
    } finally {
      line.close();
    }
  }

  async info(section: string): Promise<string> {
    return String(await this.ask('INFO', section));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.child.kill(signal);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** The same node: its folder and its ports, in a new process. */
  async restart(): Promise<void> {
    await this.stop();
    this.#process = this.#start();
    await this.ready();
  }
}

export interface ServerOptions {
  readonly access?: Access | undefined;
  /** After the name of its file: `--sentinel`. */
  readonly args?: readonly string[];
  /** Default: free ports. */
  readonly at?: readonly number[];
}

/** Servers that are started in this order; each gets a folder of its own. */
export async function startServers(
  tools: Tools,
  folder: string,
  count: number,
  settingsOf: (port: number, index: number) => readonly string[],
  { access, args = [], at }: ServerOptions = {},
): Promise<readonly TestServer[]> {
  const { redis } = tools;
  if (redis === undefined) throw new Error('redis is needed');
  const environment: Record<string, string> = redis.libraryPath ? { LD_LIBRARY_PATH: redis.libraryPath } : {};
  const ports = at ?? (await freePorts(count));
  const servers = ports.map((port, index) => {
    const own = join(folder, `redis-${port}`);
    mkdirSync(own, { recursive: true });
    const file = join(own, 'redis.conf');
    const always = [`dir ${own}`, 'bind 127.0.0.1'];
    writeFileSync(file, [...always, ...settingsOf(port, index), ''].join('\n'));
    return new TestServer(port, () => run(redis.server, [file, ...args], environment), access);
  });
  await Promise.all(servers.map((one) => one.ready()));
  return servers;
}

export interface TestCluster {
  /** The three masters come first. */
  readonly nodes: readonly TestServer[];
  stop(): Promise<void>;
}

/** @returns when every node sees every slot served and every replica in step. */
export async function startCluster(
  tools: Tools,
  folder: string,
  { replicas = 0, access, settings = [], isTls = false }: ClusterOptions = {},
): Promise<TestCluster> {
  const buses = await freePorts(3 + replicas);
  const settingsOf = (port: number, index: number): readonly string[] => [
    ...(isTls ? ['port 0', `tls-port ${port}`, 'tls-cluster yes', 'tls-replication yes'] : [`port ${port}`]),
    ...[
      'save ""',
      'repl-diskless-sync-delay 0',
      'cluster-enabled yes',
      `cluster-port ${buses[index]}`,
      'cluster-node-timeout 15000',
    ],
    ...settings,
  ];
  const nodes = await startServers(tools, folder, 3 + replicas, settingsOf, { access });
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((one) => one.stop())));
  try {
    const [first, ...others] = nodes;
    await Promise.all(
      nodes.slice(0, 3).map((one, index) => {
        const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / 3));
        return one.ask('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 0) - 1));
      }),
    );
    await Promise.all(nodes.map((one, index) => one.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))));
    for (const [index, one] of others.entries())
      await first?.ask('CLUSTER', 'MEET', '127.0.0.1', String(one.port), String(buses[index + 1]));
    const all = async (told: (one: TestServer) => Promise<boolean>) =>
      (await Promise.all(nodes.map((one) => told(one).catch(() => false)))).every(Boolean);
    const text = async (one: TestServer, ...command: readonly string[]) => String(await one.ask(...command));
    await until(
      () =>
        all(
          async (one) =>
            (await text(one, 'CLUSTER', 'NODES')).trim().split('\n').length === nodes.length &&
            /cluster_state:ok/.test(await text(one, 'CLUSTER', 'INFO')),
        ),
      { timeoutMs: TIMEOUT_MS },
    );
    for (const [index, replica] of nodes.slice(3).entries()) {
      const master = await text(nodes[index] as TestServer, 'CLUSTER', 'MYID');
      await replica.ask('CLUSTER', 'REPLICATE', master);
    }
    await until(
      async () =>
        (
          await Promise.all(
            nodes.slice(3).map(async (one) => /master_link_status:up/.test(await one.info('replication'))),
          )
        ).every(Boolean),
      { timeoutMs: TIMEOUT_MS },
    );
    return { nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
