/**
 * `npm run bench -- flow [rounds] [rate] [seconds]`: what the ledger of records and the tracker of paths cost
 * the harness, against the CPU of k6 beside it: the same load without them, with them, and with the readings of
 * Kafka's state too, in turns. k6, Kafka and the records are real; the server is a process of its own. CPU is
 * that of all threads of the harness, its compiler and garbage collector too: after a minute of load the code
 * that reads and judges is as cold as in a run. Nothing between the first offset and the verdict is left out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ScenarioLoad } from '../src/core/load-plan.ts';
import type { PathPlan } from '../src/core/paths.ts';
import type { Plan } from '../src/core/plan.ts';
import type { Phase } from '../src/core/result.ts';
import type { Topology } from '../src/core/topology.ts';
import { epochMs, ms } from '../src/core/units.ts';
import { startLoad } from '../src/load/load-session.ts';
import type { StoredLoad } from '../src/load/read-run-data.ts';
import { readRecordLedger } from '../src/run/evidence/record-reader.ts';
import { readPaths } from '../src/run/evidence/stage-reader.ts';
import { watchKafka } from '../src/run/story/kafka-watch.ts';
import { RecordLedger } from '../src/run/story/record-ledger.ts';
import { judgedPaths } from '../src/run/verdict/paths.ts';
import { monotonicClock } from '../src/system/monotonic-clock.ts';
import { placesFrom } from '../src/system/places.ts';
import { requireParts } from '../src/system/toolchain/parts.ts';
import { RecordValues } from '../src/targets/schemas/record-values.ts';
import { RegistryClient } from '../src/targets/schemas/registry-client.ts';
import { startKafka, type TestKafka } from '../test/e2e/support-services/kafka.ts';
import { median, planOf } from './load-rig.ts';

const TOPICS = ['orders.new', 'orders.paid', 'orders.sent'];
const BROKERS = 3;
const FLOW = 'gateway.intentions';
const MODES = ['without', 'tracked', 'watched'] as const;
type Mode = (typeof MODES)[number];
/** As reading takes: after a load the engine tidies up anyway. */
const AS_LONG = ms(3000);

const path: PathPlan = {
  ...{ name: 'order-flow', withinMs: 5000, flows: [FLOW] },
  stages: [
    { name: 'orders.new', topics: [{ name: 'orders.new', correlation: { header: 'order-id' } }] },
    {
      name: 'orders.paid',
      topics: [
        {
          ...{ name: 'orders.paid', correlation: { field: 'order.id' } },
          carries: { parcel: { field: 'parcel' } },
        },
      ],
    },
    {
      name: 'orders.sent',
      topics: [{ name: 'orders.sent', correlation: { field: 'parcel' }, by: 'parcel' }],
    },
  ],
};

/** CPU of one run, in ms. */
interface Cost {
  /** While the load ran, without its start. */
  readonly k6: number;
  /** Of the harness from before the first offset was noted until k6 had exited. */
  readonly load: number;
  readonly read: number;
  readonly judged: number;
  readonly requests: number;
  /** With a record in the last topic. */
  readonly arrived: number;
  readonly open: readonly string[];
}

export interface FlowCost {
  readonly rate: number;
  readonly rounds: readonly Readonly<Record<Mode, Cost>>[];
}

interface Rig {
  readonly k6: string;
  readonly runDir: string;
  readonly url: string;
  readonly kafka: TestKafka;
  readonly rate: number;
  readonly seconds: number;
}

export async function benchFlow(rounds: number, rate: number, seconds: number): Promise<FlowCost> {
  const places = placesFrom(process.env);
  mkdirSync(places.cache, { recursive: true });
  const progress = (): void => undefined;
  const tools = await requireParts(['k6', 'java', 'kafka'], { places, env: process.env, progress });
  const runDir = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'));
  const kafka = await startKafka(tools, {
    nodes: BROKERS,
    topics: TOPICS.map((name) => ({ name, partitions: 3 })),
  });
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, 'flow-server.js'), kafka.brokers.join(',')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    const [port] = await once(createInterface({ input: server.stdout }), 'line');
    const rig = { k6: tools.k6 ?? '', runDir, url: `http://127.0.0.1:${port}`, kafka, rate, seconds };
    // The first one compiles what the others find compiled.
    await costOf(rig, 'watched', 'warm');
    const found: Record<Mode, Cost>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const own: Partial<Record<Mode, Cost>> = {};
      // Each is the first one as often as the others.
      for (let turn = 0; turn < MODES.length; turn += 1) {
        const mode = MODES[(round + turn) % MODES.length] ?? 'without';
        own[mode] = await costOf(rig, mode, `${mode}-${round}`);
      }
      found.push(own as Record<Mode, Cost>);
    }
    return { rate, rounds: found };
  } finally {
    server.kill();
    await kafka.stop();
    rmSync(runDir, { recursive: true });
  }
}

/** Since an earlier reading, in ms. */
function cpuSince(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

async function costOf(rig: Rig, mode: Mode, name: string): Promise<Cost> {
  const runDir = join(rig.runDir, name);
  mkdirSync(runDir);
  const plan = planNamed(rig, name, mode !== 'without');
  const ledger = mode === 'without' ? undefined : ledgerOf(rig, plan, runDir);
  const start = process.cpuUsage();
  await ledger?.begin();
  const ended = mode === 'watched' ? watchOf(rig, runDir) : undefined;
  const durationMs = ms(rig.seconds * 1000);
  const session = await startLoad({
    ...{ plan: plan.load, k6: rig.k6, seed: plan.seed, clock: monotonicClock, durationMs, runDir },
  });
  await session.started;
  const before = session.usage().cpuMs;
  await monotonicClock.sleep(ms(durationMs - 1000));
  const k6 = session.usage().cpuMs - before;
  await session.finished;
  await ended?.();
  const load = cpuSince(start);
  const reading = process.cpuUsage();
  await (ledger ? ledger.finish() : monotonicClock.sleep(AS_LONG));
  const read = cpuSince(reading);
  const judging = process.cpuUsage();
  const { matcher } = readRecordLedger(runDir, plan, { end: undefined } as StoredLoad, ledger !== undefined);
  const { paths } = readPaths(runDir, plan, ledger !== undefined);
  const phases: Phase[] = [{ name: 'baseline', from: epochMs(0), to: epochMs(Number.MAX_SAFE_INTEGER) }];
  const { results, counts, histogram } = judgedPaths(paths, matcher, plan, phases);
  const records = matcher?.result(phases);
  // As an objective on the path asks.
  const [due, p99] = [counts(path.name, phases)?.due, histogram(path.name, phases)?.valueAtQuantile(0.99)];
  const judged = cpuSince(judging);
  const found = results[path.name];
  if (ledger && (due === undefined || p99 == null)) throw new Error('the path has no times');
  return {
    ...{ k6, load, read, judged },
    requests: records?.flows[FLOW]?.sent ?? 0,
    arrived: found?.run.whole.arrived ?? 0,
    open: found?.open ?? [],
  };
}

function planNamed(rig: Rig, id: string, isFollowed: boolean): Plan {
  const plan: ScenarioLoad = planOf(rig, rig.rate, Math.max(50, rig.rate));
  const flows = plan.flows.map((one) => ({ ...one, ...(isFollowed && { records: ['orders.new'] }) }));
  const load = [{ ...plan, flows, env: { ...plan.env, GAUNTLET_RUN_ID: id } }];
  const topics = [{ name: 'orders.new', correlation: { header: 'order-id' } }];
  return {
    ...{ id, seed: 7, load, faults: [] },
    ...(isFollowed && { records: { service: 'bus', topics }, paths: [path] }),
  } as unknown as Plan;
}

const brokersOf = ({ kafka }: Rig) => kafka.brokers.map((client, at) => ({ id: at + 1, client }));
const onBroken = (error: unknown): never => {
  throw error;
};

function ledgerOf(rig: Rig, plan: Plan, runDir: string): RecordLedger {
  const { signal } = new AbortController();
  const clock = monotonicClock;
  const at = { url: rig.url };
  const client = new RegistryClient({ at, subject: 'services.bus.registry', clock, signal });
  const { records } = plan;
  if (records === undefined) throw new Error('no records');
  return new RecordLedger({
    ...{ plan, records, brokers: brokersOf(rig), values: new RecordValues(client, '') },
    ...{ runDir, clock, signal, onBroken },
  });
}

function watchOf(rig: Rig, runDir: string): (() => Promise<void>) | undefined {
  const at = brokersOf(rig).map(({ id, client: address }) => ({ id, address }));
  const endpoint = { protocol: 'kafka', at, asks: {}, proto: null, topics: TOPICS };
  const topology: Topology = {
    ...{ platform: 'none', identity: 'bench', services: [{ name: 'bus', endpoints: [endpoint] }] },
  };
  const plan = { faults: [{}] } as unknown as Plan;
  return watchKafka({ plan, topology, runDir, clock: monotonicClock, onBroken });
}

export function renderFlow({ rate, rounds }: FlowCost): string {
  const shares = (part: (round: Readonly<Record<Mode, Cost>>) => number): string => {
    const all = rounds.map((one) => (100 * part(one)) / one.tracked.k6);
    return `${median(all).toFixed(1)} % (${all.map((one) => one.toFixed(1)).join(', ')})`;
  };
  const whole = ({ tracked, without }: Readonly<Record<Mode, Cost>>): number =>
    tracked.load + tracked.read + tracked.judged - without.load - without.read - without.judged;
  const each = (rounds.at(-1)?.tracked.requests ?? 0) / 1000;
  const k6 = median(rounds.map((one) => one.tracked.k6));
  const load = median(rounds.map((one) => one.without.load));
  const { requests, arrived, open } = rounds.at(-1)?.tracked ?? { requests: 0, arrived: 0, open: [] };
  return [
    `flow tracker at ${rate}/s    k6 ${k6.toFixed(0)} ms, harness without it ${load.toFixed(0)} ms; in shares of k6's CPU:`,
    `  in all (goal: 3 %)     ${shares(whole)}, ${(median(rounds.map(whole)) / each).toFixed(1)} µs a request`,
    `  while the load runs    ${shares(({ tracked, without }) => tracked.load - without.load)}`,
    `  records read after it  ${shares(({ tracked, without }) => tracked.read - without.read)}`,
    `  judged                 ${shares(({ tracked, without }) => tracked.judged - without.judged)}`,
    `  Kafka's state, in runs with faults  ${shares(({ watched, tracked }) => watched.load - tracked.load)}`,
    `  ${requests} requests, ${arrived} with a record in the last topic${open.map((why) => `; open: ${why}`).join('')}`,
  ].join('\n');
}
