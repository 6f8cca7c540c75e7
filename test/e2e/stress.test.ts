/** Stress on CPU and memory of a whole sandbox: the kernel counts it, callers feel it, and nothing of it stays behind. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cpuStress } from '../../src/chaos/faults/pressure/cpu-stress.ts';
import { memoryStress } from '../../src/chaos/faults/pressure/memory-stress.ts';
import { openEntries } from '../../src/chaos/healing/journal.ts';
import { endpointOf, isProcess } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { memoryGroupOf, oomScoreAdjOf, whyNoGroupIn } from '../../src/system/memory-cgroup.ts';
import { processStat } from '../../src/system/proc.ts';
import { programPath } from '../../src/system/project.ts';
import { cpusOf } from '../../src/system/stress/cpu-affinity.ts';
import { cpuTimes } from '../../src/system/stress/cpu-times.ts';
import { signalProcess } from '../support/signal-process.ts';
import { type FaultBench, faultBench } from './support-chaos/fault-bench.ts';
import { makeTestBed, type TestBed } from './support-sandbox/test-bed.ts';

let testBed: TestBed;
let bench: FaultBench;

beforeAll(async () => {
  testBed = await makeTestBed();
  bench = await faultBench('stress', testBed);
});

afterAll(async () => {
  await bench?.close();
  testBed.remove();
});

const masks = async (service: string) =>
  ((await bench.platform.instances?.list(service)) ?? [])
    .filter(isProcess)
    .map(({ instance, pid }) => [instance, cpusOf(pid)]);

const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

/** Requests at the gateway, one after another, until it is stopped. */
function asking(): { stop(): Promise<number> } {
  const url = `${endpointOf(bench.sandbox.state.topology, 'gateway', 'http')?.at[0]?.address ?? ''}/health`;
  let [asked, running] = [0, true];
  const loop = (async () => {
    while (running) {
      await (await fetch(url)).text();
      asked += 1;
      await sleep(2);
    }
  })();
  return {
    stop: async () => {
      running = false;
      await loop;
      return asked;
    },
  };
}

it('squeezes every gateway that has work, by the count of the kernel, and leaves no trace', async () => {
  const before = await masks('gateway');
  const traffic = asking();
  const record = await bench.run('cpu-stress', { service: 'gateway', mode: 'all', workers: 3, for: '2s' });
  const asked = await traffic.stop();
  expect(record, record.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
  expect(record.injection?.evidence).toContain('3 spinners on CPU');
  expect(record.removal?.evidence).toContain('no spinner is left');
  expect(asked).toBeGreaterThan(50);
  expect(await masks('gateway')).toEqual(before);
  expect(await bench.platform.stress?.list()).toEqual([]);
  expect(openEntries(bench.journal.path)).toEqual([]);
});

it('is ended by the platform without a renewal', async () => {
  const before = await masks('hive');
  const parsed = cpuStress.parse({ service: 'hive', for: '1s' });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  const plan = await cpuStress.plan(parsed.spec, bench.world());
  await cpuStress.apply(plan, bench.world(), ms(1500));
  expect(await bench.platform.stress?.list()).toMatchObject([{ id: plan.act.id, spinners: 2 }]);
  expect(await masks('hive')).not.toEqual(before);
  await sleep(2000);
  expect(await bench.platform.stress?.list()).toEqual([]);
  expect(await masks('hive')).toEqual(before);
  expect(await cpuStress.renew(plan, bench.world(), ms(1500))).toBe(false);
});

it('is not injected on a victim that wants no CPU, though everything is in place', async () => {
  const [hive] = (await bench.platform.instances?.list('hive')) ?? [];
  if (hive === undefined) throw new Error('no hive');
  await bench.platform.instances?.pausing?.stop(hive);
  // Without an address nobody asks it, so that it stands still and no answer is missed.
  const { topology } = bench.platform;
  const unasked = { ...topology, services: topology.services.filter((one) => one.name !== 'hive') };
  try {
    const record = await bench.run(
      'cpu-stress',
      { service: 'hive', for: '1s' },
      {
        proofTimeoutMs: ms(1500),
        world: { ...bench.world(), platform: { ...bench.platform, topology: unasked } },
      },
    );
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      / is idle \(used 0\.\d+ ms of CPU in .*\), so no effect can be measured$/,
    );
    expect(record.removal?.evidence).toContain('no spinner is left');
  } finally {
    await bench.platform.instances?.pausing?.resume(hive);
  }
});

it('spins only for its time to live, for longer when it is renewed, and never without its holder', async () => {
  const lives = async (ttlMs: number, act: (say: (line: string) => void, letGo: () => void) => void) => {
    const child = spawn(process.execPath, [programPath('src/system/stress/spinner-main'), String(ttlMs)], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const from = performance.now();
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    act(
      (line) => child.stdin.write(`${line}\n`),
      () => child.stdin.end(),
    );
    await sleep(400);
    const cpuMs = cpuTimes(child.pid ?? 0)?.cpuMs ?? 0;
    expect(await ended).toBe(0);
    return { cpuMs, livedMs: performance.now() - from };
  };
  const [plain, renewed, orphan] = await Promise.all([
    lives(1000, () => undefined),
    lives(60_000, (say) => void setTimeout(() => say('2000'), 500)),
    lives(60_000, (_say, letGo) => void setTimeout(letGo, 500)),
  ]);
  expect(plain.cpuMs).toBeGreaterThan(0);
  expect(plain.livedMs).toBeGreaterThanOrEqual(1000);
  expect(renewed.livedMs).toBeGreaterThanOrEqual(2500);
  for (const one of [plain, renewed, orphan]) expect(one.livedMs).toBeLessThan(15_000);
});

/** A sandbox runs in the memory group of the process that starts it: this test. */
const home = memoryGroupOf(process.pid) ?? '';
const noMemory = whyNoGroupIn(memoryGroupOf(process.pid));
const reason = noMemory === null ? '' : ` (left out here: ${noMemory})`;
const groupsLeft = () => readdirSync(home).filter((one) => one.startsWith('gauntlet-memory-stress'));
const places = async () =>
  ((await bench.platform.instances?.list()) ?? [])
    .filter(isProcess)
    .map(({ instance, pid }) => [instance, memoryGroupOf(pid), oomScoreAdjOf(pid)]);

async function memoryPlan(service: string) {
  const parsed = memoryStress.parse({ service, size: '96MiB' });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  return await memoryStress.plan(parsed.spec, bench.world());
}

// Redis is the smallest victim there is, and the one before which the kernel could take a hog.
it.skipIf(noMemory !== null).each(['specialist-business', 'redis'])(
  `uses up the memory of %s until the kernel kills it, and leaves no trace${reason}`,
  async (service) => {
    const before = await places();
    const record = await bench.run('memory-stress', { service, size: '96MiB' });
    expect(record, record.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
    expect(record.injection?.evidence).toMatch(
      /the kernel killed the victim for lack of memory \(oom_kill 1\): the limit was hit \d+ times/,
    );
    expect(record.removal?.evidence).toBe(
      'no cgroup and no hog is left; the old process is gone, 1 of 1 instances are ready',
    );
    expect(record.pod?.phases.length).toBeGreaterThan(0);
    expect(await places()).toEqual(before);
    expect([await bench.platform.memory?.list(), groupsLeft()]).toEqual([[], []]);
    expect(openEntries(bench.journal.path)).toEqual([]);
  },
);

it.skipIf(noMemory !== null)(
  `ends a memory stress by the platform itself when nobody renews it${reason}`,
  async () => {
    const plan = await memoryPlan('specialist-technical');
    await memoryStress.apply(plan, bench.world(), ms(4000));
    const kills = async () => (await bench.platform.memory?.list())?.map((one) => one.victimKills);
    await expect.poll(kills, { timeout: 3900, interval: 20 }).toEqual([1]);
    await expect.poll(kills, { timeout: 10_000 }).toEqual([]);
    expect(groupsLeft()).toEqual([]);
  },
);

it('allocates memory only on request, and ends with its time or its holder', async () => {
  const hog = (ttlMs: number) =>
    spawn(
      process.execPath,
      [programPath('src/system/stress/hog-main'), String(ttlMs), String(64 * 1024 * 1024)],
      {
        stdio: ['pipe', 'ignore', 'inherit'],
      },
    );
  const rssOf = ({ pid }: { readonly pid?: number | undefined }) => processStat(pid ?? 0)?.rssBytes ?? 0;
  const endOf = (child: ReturnType<typeof hog>) =>
    new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [idle, taking, brief] = [hog(60_000), hog(60_000), hog(500)];
  const ends = [endOf(idle), endOf(taking), endOf(brief)];
  taking.stdin.write('go\n');
  await expect.poll(() => rssOf(taking), { timeout: 7000 }).toBeGreaterThan(100e6);
  // It still lives, and has what a Node process has.
  expect(rssOf(idle)).toBeGreaterThan(1e6);
  expect(rssOf(idle)).toBeLessThan(64e6);
  taking.stdin.end();
  idle.stdin.write('100\n');
  expect(await Promise.all(ends)).toEqual([0, 0, 0]);
});

it('leaves no spinner and no memory group behind when the supervisor is killed', async () => {
  const parsed = cpuStress.parse({ service: 'hive', for: '1s' });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  const plan = await cpuStress.plan(parsed.spec, bench.world());
  await cpuStress.apply(plan, bench.world(), ms(60_000));
  const memory = noMemory === null ? await memoryPlan('specialist-technical') : null;
  if (memory !== null) await memoryStress.apply(memory, bench.world(), ms(60_000));
  const group = join(home, `gauntlet-${memory?.act.id}`);
  const listed = (await bench.platform.memory?.list())?.map((one) => one.id);
  expect(listed).toEqual(memory === null ? [] : [memory.act.id]);
  const { pid } = bench.sandbox.state.supervisor;
  const find = (): readonly number[] =>
    childrenOf(pid).filter((child) => commandOf(child).includes('src/system/stress/spinner-main'));
  // Until its exec a forked child still has the command of the supervisor.
  await expect.poll(() => find().length, { timeout: 5000 }).toBe(2);
  const spinners = find();
  signalProcess(pid, 'SIGKILL');
  const from = performance.now();
  while (spinners.some((child) => processStat(child) !== undefined) || existsSync(group)) {
    expect(performance.now() - from, 'ms since the supervisor was killed').toBeLessThan(5000);
    await sleep(20);
  }
});
