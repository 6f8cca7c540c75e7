/** Platform `processes`: the harness is killed at drawn instants of each of its faults, and nothing of it is left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULTS } from '../../src/chaos/faults/registry.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { placesFrom } from '../../src/system/places.ts';
import { findProcesses } from '../../src/system/processes/process-finder.ts';
import { cpusOf, tasksetVersion } from '../../src/system/stress/cpu-affinity.ts';
import { lacksMemoryGroups, MemoryHome } from '../support/memory-home.ts';
import { signalProcess } from '../support/signal-process.ts';
import { drawRound } from '../torture/draw.ts';
import { lookAtShop, type Shop } from '../torture/processes.ts';
import { playRound } from '../torture/round.ts';
import { describeRound } from '../torture/torture.ts';
import { Bench } from './support/gauntlet.ts';
import { freePorts } from './support-services/free-port.ts';
import { until } from './support-services/spawned.ts';

const canShareCpu = availableParallelism() > 1 && (await tasksetVersion()) !== undefined;
const names = [
  ...['kill-pod', 'pause-pod', 'restart-storm'],
  ...(canShareCpu ? ['cpu-stress'] : []),
  ...(lacksMemoryGroups === null ? ['memory-stress'] : []),
];
const faults = FAULTS.filter((one) => names.includes(one.name));
/** One whose keeper is killed too, one that hangs, and two others. */
const ROUNDS = [4, 5, 6, 7];
/** While a fault is in place, or about to be: a few rounds at any instant would mostly hit the start. */
const EDGES = ['journal-opened', 'fault-applied', 'fault-injected', 'fault-undoing'] as const;
const EDGE_SPREAD_MS = 40;
/** An undo may wait for a processor; a lost one never comes. */
const UNDO_BOUND_MS = 40_000;

const home = new MemoryHome();
const bench = new Bench();
const file = join(bench.folder, 'shop.yaml');
const program = join(bench.folder, 'web.mjs');
const supervisors: ChildProcess[] = [];
let shop: Shop;

beforeAll(async () => {
  const ports = await freePorts(2);
  shop = {
    ...{ command: `${program} web`, instances: ports.length, state: bench.state },
    address: `http://127.0.0.1:${ports[0]}`,
    groups: () => home.left(),
  };
  // It works a little all the time, so that a stress has a victim.
  writeFileSync(
    program,
    `import { createServer } from 'node:http';
setInterval(() => { const end = performance.now() + 2; while (performance.now() < end); }, 10);
createServer((_, answer) => answer.end('ok')).listen(Number(process.argv[3]), '127.0.0.1');
setTimeout(() => process.exit(), 240_000);`,
  );
  writeFileSync(
    join(bench.folder, 'system.yaml'),
    'schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices:\n' +
      '  web: { replicas: 2, http: { port: 8080, ask: { ready: { get: /, good: 200 } } } }\n',
  );
  writeFileSync(
    file,
    `schema: gauntlet.target/1
name: shop
system: ./system.yaml
platform: processes
services:
  web:
    address: ${JSON.stringify(shop.address)}
    find: { processes: { command: ${JSON.stringify(shop.command)} } }
    restart: supervisor
policy: { optIn: true }
`,
  );
  for (const port of ports) {
    const loop = `${home.enter}while :; do ${process.execPath} ${program} web ${port}; sleep 0.2; done`;
    supervisors.push(spawn('/bin/sh', ['-c', loop], { stdio: 'ignore' }));
  }
  const run = (): number => findProcesses({ command: shop.command }).length;
  await until(() => run() === ports.length, { timeoutMs: 20_000, explain: () => `${run()} processes run` });
});

afterAll(async () => {
  for (const one of supervisors) one.kill('SIGKILL');
  for (const { pid } of findProcesses({ command: shop.command })) signalProcess(pid, 'SIGKILL');
  expect(await bench.quiet(5000)).toEqual([]);
  await home.remove();
});

it('leaves nothing of a fault on processes, whenever the harness is killed', async () => {
  const usual = cpusOf(findProcesses({ command: shop.command })[0]?.pid ?? 0) ?? '';
  const seed = Date.now() % 1_000_000;
  const testBed = {
    places: { ...placesFrom(process.env), state: bench.state },
    target: ['--target', file, '--yes'],
    undoBoundMs: UNDO_BOUND_MS,
    look: () => lookAtShop(shop, usual),
  };
  const lines = [`seed ${seed}`];
  for (const index of ROUNDS) {
    const rng = seededRng(seed + index);
    const after = EDGES[rng.below(EDGES.length)] ?? 'fault-applied';
    const moment = { after, delayMs: ms(rng.below(EDGE_SPREAD_MS)) };
    const round = await playRound({ ...drawRound(seed, index, faults, ['web']), moment }, testBed);
    lines.push(describeRound(round));
    expect(round.left, lines.join('\n')).toEqual([]);
  }
});
