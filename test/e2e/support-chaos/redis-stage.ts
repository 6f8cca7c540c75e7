/** A real Redis with data in it, the sandbox's own hand on it, real probes and a real journal: a stage for faults inside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisControl } from '../../../packages/sandbox/src/supervisor/redis-control.ts';
import { createJournal, openEntries } from '../../../src/chaos/healing/journal.ts';
import type { FaultOutcome } from '../../../src/chaos/injector/fault-request.ts';
import type { World } from '../../../src/chaos/world.ts';
import { seededRng } from '../../../src/core/rng.ts';
import type { ProbeSample } from '../../../src/core/samples.ts';
import { ms } from '../../../src/core/units.ts';
import { RedisController } from '../../../src/protocols/redis/controller.ts';
import { RedisLine } from '../../../src/protocols/redis/line.ts';
import { serveControl } from '../../../src/system/control-socket.ts';
import { thisHolder } from '../../../src/system/holder.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { ProbeWatch } from '../../../src/targets/probes/probe-watch.ts';
import { topologyOf } from '../../fakes/topology.ts';
import { plannedFault } from '../../programs/planned-fault.ts';
import { startRedis } from '../support-services/redis.ts';
import { requireTestTools } from '../support-services/test-tools.ts';
import { injectOnce } from './inject-once.ts';

export const KEYS = 500;

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Called at the proof. */
  readonly onInjected?: () => void;
  readonly removalTimeoutMs?: number;
}

export async function redisStage() {
  const tools = await requireTestTools(['redis']);
  const server = await startRedis(tools);
  const at = { host: server.host, port: server.port };
  const stop = new AbortController();
  const controller = new RedisController({ ...at, clock: monotonicClock, stopped: stop.signal });
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-redis-'));
  const topology = topologyOf(
    { redis: { url: `redis://${at.host}:${at.port}` } },
    { platform: 'sandbox', identity: 'sandbox:redis-e2e' },
  );
  const handle = { platform: 'sandbox', identity: topology.identity } as const;
  const world: World = {
    platform: { handle, topology, redis: controller },
    clock: monotonicClock,
    rng: seededRng(1),
  };
  const samples: ProbeSample[] = [];
  const feed = new ProbeWatch({ topology, clock: monotonicClock, onSample: (one) => samples.push(one) });
  const places = { cache: join(folder, 'cache'), state: join(folder, 'state') };
  const path = join(folder, 'own', 'journal.ndjson');
  const journal = createJournal({ path, places, run: 'redis', platform: handle, clock: monotonicClock });
  const line = await RedisLine.open(at, 2000);
  const ask = (...args: string[]) => line.call(args, 5000);
  for (let index = 0; index < KEYS; index += 1) await ask('SET', `key:${index}`, `value ${index}`);

  const run = (kind: string, raw: unknown, options: RunOptions = {}): Promise<FaultOutcome> =>
    injectOnce({
      planned: plannedFault(kind, raw),
      world,
      feed,
      journal,
      ...(options.signal && { signal: options.signal }),
      baselineMs: ms(400),
      removalTimeoutMs: ms(options.removalTimeoutMs ?? 10_000),
      ...(options.onInjected && { onInjected: options.onInjected }),
    });

  /** On a connection of its own: the one that is held may have been closed by a fault. */
  const snapshot = async (): Promise<unknown> => {
    const own = await RedisLine.open(at, 2000);
    try {
      const names = ((await own.call(['KEYS', '*'], 2000)) as string[]).toSorted();
      const values = await own.call(['MGET', ...names], 2000);
      const config = (await own.call(['CONFIG', 'GET', '*'], 2000)) as string[];
      return { names, values, config };
    } finally {
      own.close();
    }
  };

  return {
    at,
    server,
    controller,
    world,
    folder,
    ask,
    run,
    snapshot,
    samplesBetween: (from: number | null, to: number | null) =>
      samples.filter((one) => from !== null && to !== null && one.at >= from && one.at < to),
    /** Another server at the same address; the caller must stop it. */
    async restart() {
      await server.stop();
      return await startRedis(tools, at.port);
    },
    /** What a supervisor would serve, for a harness and a keeper that are processes of their own. */
    async serve() {
      const controlSocket = join(folder, 'control');
      const control = await serveControl(controlSocket, redisControl(controller));
      const stateFile = join(folder, 'sandbox.json');
      const state = {
        name: 'e2e',
        system: { name: 'shop', file: '', digest: '' },
        supervisor: thisHolder(),
        controlSocket,
        proxySocket: '',
        topology,
        probeTopology: topology,
      };
      writeFileSync(stateFile, JSON.stringify(state));
      return { stateFile, close: () => new Promise((resolve) => control.close(resolve)) };
    },
    openEntries: () => openEntries(path),
    async close() {
      line.close();
      stop.abort();
      await feed.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
