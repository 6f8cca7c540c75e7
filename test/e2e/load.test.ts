/** The load side with a real k6 against a server of known behaviour: counts, closed forms, and ends of all kinds. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArrivalSchedule, ScenarioLoad } from '../../src/core/load-plan.ts';
import { ms, perSecond } from '../../src/core/units.ts';
import type { LoadOptions, LoadSession } from '../../src/load/load-contract.ts';
import { startLoad } from '../../src/load/load-session.ts';
import { readRunData } from '../../src/load/read-run-data.ts';
import { RunData } from '../../src/measure/run-data.ts';
import { dueTicks, heldUntil } from '../../src/measure/schedule.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { processStat } from '../../src/system/proc.ts';
import { programPath } from '../../src/system/project.ts';
import { signalProcess } from '../support/signal-process.ts';
import { type ServerBehaviour, startServer, type TestServer } from './load/test-server.ts';
import { requireTestTools } from './support-services/test-tools.ts';

let k6: string;
const script = resolve(import.meta.dirname, 'load/get.ts');
const FLOW = 'test.get';

const constant = (rate: number): ArrivalSchedule => ({ startRate: perSecond(rate), stages: [] });

let runDir: string;
let server: TestServer;
const sessions: LoadSession[] = [];

beforeAll(async () => {
  // Without a k6 this suite fails with what to type: a skipped proof would look like a green one.
  k6 = (await requireTestTools(['k6'])).k6 ?? '';
});
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'gauntlet-load-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.stop();
  await server.stop();
  rmSync(runDir, { recursive: true });
});

interface Asked {
  readonly schedule: ArrivalSchedule;
  readonly vus: number;
  readonly durationMs: number;
  readonly behaviour: ServerBehaviour;
  readonly script?: string;
}

async function begin(asked: Asked, more: Partial<LoadOptions> = {}) {
  server = await startServer(asked.behaviour);
  const flow = {
    flow: FLOW,
    executor: 'get',
    schedule: asked.schedule,
    vus: asked.vus,
    worstStallMs: ms(2000),
  };
  const plan: ScenarioLoad[] = [
    { scenario: 'get', script: asked.script ?? script, flows: [flow], env: { URL: server.url } },
  ];
  const data = new RunData();
  const told: string[] = [];
  const session = await startLoad({
    plan,
    k6,
    seed: 1,
    durationMs: ms(asked.durationMs),
    runDir,
    clock: monotonicClock,
    onFlush: (increments) => data.add(increments),
    onProblem: (text) => told.push(text),
    ...more,
  });
  sessions.push(session);
  return { session, data, told };
}

const p99 = (data: RunData, clock: 'response' | 'service' | 'lateness'): number => {
  const { from, to } = data.span();
  const seconds = Array.from({ length: to - from }, (_, index) => from + index);
  return (data.histogram(FLOW, clock, seconds).valueAtQuantile(0.99) ?? Number.NaN) / 1000;
};

describe('load with a real k6', () => {
  it('counts what the server counts, balances its ledger, and says the same from disk to the last bit', async () => {
    const { session, data, told } = await begin({
      schedule: constant(200),
      vus: 50,
      durationMs: 6000,
      behaviour: { serviceMs: 0, failEvery: 10 },
    });
    await session.started;
    const end = await session.finished;
    const ledger = end.ledgers[FLOW];
    const count = await server.requests();
    expect(end.problems).toEqual([]);
    expect(told).toEqual([]);
    expect(ledger).toEqual({
      due: count,
      started: count,
      dropped: 0,
      completed: count,
      interrupted: 0,
      balanced: true,
      problems: [],
    });
    expect(Math.abs(count - dueTicks(constant(200), 6000))).toBeLessThanOrEqual(20);
    expect(data.totals(FLOW).failed).toBe(Math.floor(count / 10));
    const stored = readRunData(runDir);
    expect(stored.problems).toEqual([]);
    const { from, to } = data.span();
    const phase = { name: 'steady', from: ms(from * 1000), to: ms(to * 1000) } as never;
    expect(stored.data.flowPhase(FLOW, phase)).toEqual(data.flowPhase(FLOW, phase));
    expect(stored.data.series(FLOW)).toEqual(data.series(FLOW));
    expect(stored.data.slices(FLOW, phase['from'], phase['to'])).toEqual(
      data.slices(FLOW, phase['from'], phase['to']),
    );
    const { expected, problems } = stored.end?.flows[FLOW] ?? { expected: null, problems: ['no end'] };
    expect(stored.data.ledger(FLOW, expected ?? undefined, problems)).toEqual(ledger);
  });

  it('finds the true P95 and P99 of a server that stalls 400 ms every 3 s, though 8 VUs drop most of its victims', async () => {
    const { session, data } = await begin({
      schedule: constant(400),
      vus: 8,
      durationMs: 12_000,
      behaviour: { serviceMs: 2, stall: { everyMs: 3000, forMs: 400 } },
    });
    const end = await session.finished;
    const ledger = end.ledgers[FLOW];
    expect(ledger?.balanced, ledger?.problems.join()).toBe(true);
    expect(ledger?.dropped).toBeGreaterThan(400);
    const { from, to } = data.span();
    const seconds = Array.from({ length: to - from }, (_, index) => from + index);
    const response = data.histogram(FLOW, 'response', seconds);
    const at = (q: number): number => (response.valueAtQuantile(q) ?? 0) / 1000;
    // An arrival at x into the stall waits 400 - x and the service time: P(R > r) = (400 + s - r) / 3000.
    const service = (data.histogram(FLOW, 'service', seconds).valueAtQuantile(0.5) ?? 0) / 1000;
    const truth = (q: number): number => 400 + service - 3000 * (1 - q);
    for (const q of [0.95, 0.99]) {
      expect(Math.abs(at(q) - truth(q))).toBeLessThanOrEqual(Math.max(2, truth(q) * 0.01));
    }
  });

  it('shows a pause of the generator as lateness and not as service time', async () => {
    const { session, data } = await begin({
      schedule: constant(200),
      vus: 100,
      durationMs: 7000,
      behaviour: { serviceMs: 0 },
    });
    await session.started;
    await monotonicClock.sleep(ms(3500));
    const pid = session.pids().get('get') ?? 0;
    signalProcess(pid, 'SIGSTOP');
    await monotonicClock.sleep(ms(300));
    signalProcess(pid, 'SIGCONT');
    const end = await session.finished;
    expect(end.ledgers[FLOW]?.problems).toEqual([]);
    expect(p99(data, 'lateness')).toBeGreaterThan(200);
    expect(p99(data, 'lateness')).toBeLessThan(330);
    expect(p99(data, 'response')).toBeGreaterThanOrEqual(p99(data, 'lateness'));
    expect(p99(data, 'service')).toBeLessThan(100);
  });

  it.each([
    ['a rate that is not whole per second', constant(100 / 3), 4000],
    [
      'a ramp up and down',
      {
        startRate: perSecond(0),
        stages: [
          { to: perSecond(150), durationMs: ms(2000) },
          { to: perSecond(150), durationMs: ms(1000) },
          { to: perSecond(10), durationMs: ms(1500) },
        ],
      },
      4500,
    ],
    [
      'a ramp that is held to the end',
      { startRate: perSecond(20), stages: [{ to: perSecond(90), durationMs: ms(1700) }] },
      4000,
    ],
  ] as [string, ArrivalSchedule, number][])(
    'predicts the arrivals of k6 for %s',
    async (_, schedule, durationMs) => {
      const { session } = await begin({ schedule, vus: 40, durationMs, behaviour: { serviceMs: 0 } });
      const end = await session.finished;
      const due = dueTicks(heldUntil(schedule, ms(durationMs)), durationMs);
      expect(end.ledgers[FLOW]?.problems).toEqual([]);
      expect(Math.abs((end.ledgers[FLOW]?.due ?? 0) - due)).toBeLessThanOrEqual(2);
    },
  );

  it('stops when asked: a balanced ledger, what was under way is interrupted, no process is left', async () => {
    const { session, told } = await begin({
      schedule: constant(100),
      vus: 60,
      durationMs: 600_000,
      behaviour: { serviceMs: 300 },
    });
    await session.started;
    await monotonicClock.sleep(ms(7500));
    const pid = session.pids().get('get') ?? 0;
    const live = session.live().get(FLOW);
    expect(live?.dueRate).toBeGreaterThan(10);
    expect(live?.p50).toBeGreaterThan(290);
    const end = await session.stop();
    expect(end.exitCodes).toEqual({ get: 105 });
    expect(told).toEqual([]);
    expect(end.ledgers[FLOW]?.problems).toEqual([]);
    expect(end.ledgers[FLOW]?.interrupted).toBeGreaterThan(10);
    expect(processStat(pid)).toBeUndefined();
  });

  it('reports a script that cannot run, with the last lines of its log', async () => {
    const { session, told } = await begin({
      schedule: constant(10),
      vus: 5,
      durationMs: 2000,
      behaviour: { serviceMs: 0 },
      script: join(runDir, 'absent.ts'),
    });
    await expect(session.started).rejects.toThrow(
      'load: expected an arrival of every flow, got k6 of get ended with',
    );
    const end = await session.finished;
    expect(end.ledgers[FLOW]?.balanced).toBe(false);
    expect(told[0]).toMatch(/^k6 of get ended with exit code \d+.*Its log ends: .*absent\.ts/s);
    expect(existsSync(join(runDir, 'k6/get.stderr'))).toBe(true);
  });

  it('reports a k6 that was killed, and counts arrivals in flight as interrupted', async () => {
    const { session, told } = await begin({
      schedule: constant(100),
      vus: 60,
      durationMs: 600_000,
      behaviour: { serviceMs: 200 },
    });
    await session.started;
    await monotonicClock.sleep(ms(1500));
    signalProcess(session.pids().get('get') ?? 0, 'SIGKILL');
    const end = await session.finished;
    expect(end.exitCodes).toEqual({ get: null });
    expect(told[0]).toMatch(/^k6 of get was ended by SIGKILL\. /);
    expect(end.ledgers[FLOW]?.balanced).toBe(false);
    expect(end.ledgers[FLOW]?.interrupted).toBeGreaterThan(0);
  });

  it('leaves no k6 behind when the harness itself is killed', async () => {
    server = await startServer({ serviceMs: 0 });
    const program = join(runDir, 'harness.mjs');
    const flow = { flow: FLOW, executor: 'get', schedule: constant(50), vus: 5, worstStallMs: 1000 };
    const plan = [{ scenario: 'get', script, flows: [flow], env: { URL: server.url } }];
    const options = JSON.stringify({ plan, k6, seed: 1, durationMs: 600_000, runDir });
    const from = (name: string): string => JSON.stringify(pathToFileURL(programPath(name)).href);
    writeFileSync(
      program,
      `import { startLoad } from ${from('src/load/load-session')};
       import { monotonicClock } from ${from('src/system/monotonic-clock')};
       const session = await startLoad({ ...${options}, clock: monotonicClock });
       await session.started;
       process.stdout.write(String(session.pids().get('get')));
       setInterval(() => {}, 1000);`,
    );
    const harness = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((found) => {
      harness.stdout.once('data', (text: Buffer) => found(Number(text.toString())));
    });
    await monotonicClock.sleep(ms(2000));
    expect(processStat(pid)).toBeDefined();
    harness.kill('SIGKILL');
    const killedAt = monotonicClock.now();
    while (processStat(pid) !== undefined && monotonicClock.now() - killedAt < 5000) {
      await monotonicClock.sleep(ms(20));
    }
    expect(processStat(pid)).toBeUndefined();
    expect(monotonicClock.now() - killedAt).toBeLessThan(2000);
    const stored = readRunData(runDir);
    expect(stored.end).toBeUndefined();
  });

  it('keeps secrets out of every file of the run directory', async () => {
    const { session } = await begin(
      { schedule: constant(50), vus: 5, durationMs: 1000, behaviour: { serviceMs: 0 } },
      { secrets: { GAUNTLET_TOKEN: 'hunter2-hunter2' } },
    );
    await session.finished;
    for (const name of ['k6/get.args.json', 'k6/get.stderr', 'k6/load-end.json']) {
      expect(readFileSync(join(runDir, name), 'utf8')).not.toContain('hunter2-hunter2');
    }
  });
});
