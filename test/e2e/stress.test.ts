/** CPU stress on a whole sandbox: the kernel counts the waiting, callers feel it, and nothing of it stays behind. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cpuStress } from '../../src/chaos/faults/cpu-stress.ts';
import { openEntries } from '../../src/chaos/healing/journal.ts';
import { isProcess } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { cpusOf } from '../../src/system/cpu-affinity.ts';
import { cpuTimes } from '../../src/system/cpu-times.ts';
import { processStat } from '../../src/system/proc.ts';
import { programPath } from '../../src/system/project.ts';
import { type FaultBench, faultBench } from './support-chaos/fault-bench.ts';
import { type TestGround, testGround } from './support-sandbox/ground.ts';

let ground: TestGround;
let bench: FaultBench;

beforeAll(async () => {
  ground = await testGround();
  bench = await faultBench('stress', ground);
});

afterAll(async () => {
  await bench?.close();
  ground.remove();
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
  const url = `${bench.sandbox.state.topology.gateway?.url ?? ''}/health`;
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

it('is ended by the platform itself when nobody renews it', async () => {
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
  await bench.platform.instances?.signal(hive, 'SIGSTOP');
  try {
    const record = await bench.run(
      'cpu-stress',
      { service: 'hive', for: '1s' },
      { proofTimeoutMs: ms(1500) },
    );
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(/ is idle \(used 0\.\d+ ms of CPU in .*\): nothing can show$/);
    expect(record.removal?.evidence).toContain('no spinner is left');
  } finally {
    await bench.platform.instances?.signal(hive, 'SIGCONT');
  }
});

it('spins only for its time to live, for longer when it is renewed, and never without its holder', async () => {
  const lives = async (ttlMs: number, act: (say: (line: string) => void, letGo: () => void) => void) => {
    const child = spawn(process.execPath, [programPath('sandbox/spinner/main'), String(ttlMs)], {
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

it('leaves no spinner behind when the supervisor is killed', async () => {
  const parsed = cpuStress.parse({ service: 'hive', for: '1s' });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  const plan = await cpuStress.plan(parsed.spec, bench.world());
  await cpuStress.apply(plan, bench.world(), ms(60_000));
  const { pid } = bench.sandbox.state.supervisor;
  const find = (): readonly number[] =>
    childrenOf(pid).filter((child) => commandOf(child).includes('sandbox/spinner/main'));
  // Until its exec a forked child still has the command of the supervisor.
  await expect.poll(() => find().length, { timeout: 5000 }).toBe(2);
  const spinners = find();
  process.kill(pid, 'SIGKILL');
  const from = performance.now();
  while (spinners.some((child) => processStat(child) !== undefined)) {
    expect(performance.now() - from, 'ms since the supervisor was killed').toBeLessThan(5000);
    await sleep(20);
  }
});
