import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScenarioLoad } from '../../../src/core/load-plan.ts';
import { epochMs, ms, perSecond, us } from '../../../src/core/units.ts';
import { startLoad } from '../../../src/load/load-session.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';

let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'gauntlet-session-'));
});
afterEach(() => rmSync(runDir, { recursive: true }));

const scenario = (name: string): ScenarioLoad => ({
  scenario: name,
  script: 'unused.ts',
  flows: [
    {
      flow: `test.${name}`,
      executor: name,
      schedule: { startRate: perSecond(100), stages: [] },
      worstStallMs: ms(100),
      vus: 3,
    },
  ],
  env: {},
});

/** Nothing is due after the first second. */
const over0 = (name: string): ScenarioLoad => {
  const schedule = { startRate: perSecond(100), stages: [{ to: perSecond(0), durationMs: ms(1000) }] };
  return { ...scenario(name), flows: scenario(name).flows.map((flow) => ({ ...flow, schedule })) };
};

/** VUs that two processes can share. */
const even = scenario('a').flows.map((flow) => ({ ...flow, vus: 4 }));

/** A program in the place of k6 whose stream the test has written itself: what k6 would never say. */
function program(name: string, body: string): string {
  const path = join(runDir, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
const HEADER = 'metric_name,timestamp,metric_value,scenario,extra_tags,metadata';

function begin(k6: string, plan: readonly ScenarioLoad[], told: string[] = [], durationMs = 5000) {
  const common = { seed: 1, durationMs: ms(durationMs), runDir, clock: monotonicClock };
  return startLoad({ plan, k6, ...common, onProblem: (text) => told.push(text) });
}

describe('a load session', () => {
  it('says that k6 is not there, with what to do', async () => {
    await expect(begin(join(runDir, 'absent'), [scenario('a')])).rejects.toThrow(
      `k6: expected a program that starts, got ${join(runDir, 'absent')}: spawn ${join(runDir, 'absent')} ENOENT. gauntlet doctor --fix gets one.`,
    );
  });

  it('ends a k6 whose stream it does not understand, at once', async () => {
    const told: string[] = [];
    const session = await begin(program('stand-in', 'echo name,value; exec sleep 60'), [scenario('a')], told);
    await expect(session.started).rejects.toThrow('load: expected an arrival of every flow');
    const end = await session.finished;
    expect(told).toEqual([
      'k6 of a was ended: k6 --out csv: expected the columns metric_name, timestamp, metric_value, ..., scenario, ' +
        'extra_tags, metadata, got "name,value". Use k6 2.2 (gauntlet doctor shows which one was found).',
    ]);
    expect(end.ledgers['test.a']?.balanced).toBe(false);
  });

  it('says which k6 came to its bound while arrivals were due, and that nothing more comes', async () => {
    const over: string[] = [];
    const body = `echo ${HEADER}; case "$*" in *segment=1/2:2/2*) exec sleep 60;; esac`;
    const plan = [{ ...scenario('a'), generators: 2, flows: even }, scenario('b'), over0('c')];
    const common = { seed: 1, durationMs: ms(5000), runDir, clock: monotonicClock };
    let first: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      first = resolve;
    });
    const session = await startLoad({
      ...{ plan, k6: program('stand-in', body), ...common },
      onBound: (name) => {
        over.push(name);
        if (over.length === 2) first();
      },
    });
    await both;
    expect(over.sort()).toEqual(['a.1-of-2', 'b']);
    expect(session.settledUntil('test.b')).toBe(Number.POSITIVE_INFINITY);
    expect(session.settledUntil('test.a')).toBe(Number.NEGATIVE_INFINITY);
    await session.stop();
    expect(over, 'a schedule that is over is no bound').toHaveLength(2);
  });

  it('finds samples of an executor outside of the plan, and missing arrivals', async () => {
    const stamp = `${Math.floor(Date.now() / 1000)}000000000`;
    const lines = [
      `gauntlet_started,${stamp},1.000000,a,,vu=1`,
      `gauntlet_started,${stamp},1.000000,b,,vu=2`,
    ];
    const session = await begin(program('stand-in', `echo "${[HEADER, ...lines].join('\\n')}"`), [
      scenario('a'),
    ]);
    const end = await session.finished;
    expect(end.ledgers['test.a']).toEqual({
      due: 1,
      started: 1,
      dropped: 0,
      completed: 0,
      interrupted: 1,
      balanced: false,
      problems: [
        "1 samples of the executor 'b', which is not in the plan",
        'due 1 is not what the schedule holds: 490 to 511',
      ],
    });
    expect(JSON.parse(readFileSync(join(runDir, 'k6/load-end.json'), 'utf8'))).toMatchObject({
      flows: { 'test.a': { expected: { least: 490, most: 511 } } },
      exitCodes: { a: 0 },
    });
  });

  it('answers questions before the first sample, and refuses those that it cannot answer', async () => {
    const session = await begin(program('stand-in', `echo ${HEADER}; exec sleep 60`), [
      scenario('a'),
      scenario('b'),
    ]);
    expect(session.live().get('test.b')).toEqual({
      ...{ flow: 'test.b', dueRate: 0, attainedRate: 0, p50: null, p95: null, p99: null, failedRatio: null },
      droppedTotal: 0,
    });
    expect(session.settledUntil('test.a')).toBe(epochMs(Number.NEGATIVE_INFINITY));
    expect(session.windowEnd('test.a')).toBe(epochMs(Number.NEGATIVE_INFINITY));
    expect(session.windowed('test.a', ms(300_000)).quantileUs(0.5)).toBeNull();
    expect(session.windowed('test.a', ms(1000), epochMs(1_800_000_000_000)).due).toBe(0);
    expect(() => session.windowed('test.a', ms(300_001))).toThrow(
      'window of test.a: expected at most 300000 ms, got 300001 ms.',
    );
    expect(() => session.settledUntil('test.c')).toThrow('flow: expected one of test.a, test.b, got test.c.');
    session.slowLimits(new Map([['test.a', us(1000)]]));
    // A process that has just been forked may have no memory of its own yet.
    await vi.waitFor(() => expect(session.usage().rssBytes).toBeGreaterThan(0));
    expect([...session.pids().keys()]).toEqual(['a', 'b']);
    const end = await session.stop();
    expect(end.ledgers['test.a']?.problems[0]).toMatch(
      /^k6 of a was ended by SIGINT after it was asked to stop\./,
    );
  });

  it('keeps one ledger over several processes, and says which of them failed', async () => {
    const second = Math.floor(Date.now() / 1000);
    const starts = ['000', '030', '060'].map(
      (at) => `gauntlet_started,${second}${at}000000,1.000000,a,,vu=1`,
    );
    // The process with the second share ends with an exception; both have seen three starts, 30 ms apart.
    const body = [
      `printf '%s\\n' ${[HEADER, ...starts].map((line) => `'${line}'`).join(' ')}`,
      'case "$*" in *segment=1/2:2/2*) exit 107;; esac',
    ].join('\n');
    const told: string[] = [];
    const session = await begin(
      program('stand-in', body),
      [{ ...scenario('a'), generators: 2, flows: even }],
      told,
    );
    const end = await session.finished;
    expect([...session.pids().keys()]).toEqual(['a.1-of-2', 'a.2-of-2']);
    expect(end.exitCodes).toEqual({ 'a.1-of-2': 0, 'a.2-of-2': 107 });
    expect(end.ledgers['test.a']).toMatchObject({ due: 6, started: 6, interrupted: 6, balanced: false });
    const failed = 'k6 of a.2-of-2 ended with exit code 107 (exception in the script). Its log is empty.';
    expect(end.ledgers['test.a']?.problems).toContain(failed);
    expect(told).toEqual([failed]);
    expect(end.flows['test.a']?.expected).toBeNull();
    expect(JSON.parse(readFileSync(join(runDir, 'k6/a.1-of-2.args.json'), 'utf8')).args).toContain(
      '--execution-segment=0/2:1/2',
    );
  });

  it('adds up what its processes must have held', async () => {
    const session = await begin(program('stand-in', `echo ${HEADER}`), [
      { ...scenario('a'), generators: 2, flows: even },
    ]);
    const end = await session.finished;
    // 100/s for 5 s without a start seen: 250 ticks each, of which the last 100 ms may be missing, or one more be there.
    expect(end.flows['test.a']?.expected).toEqual({ least: 490, most: 512 });
    expect(end.ledgers['test.a']?.problems).toEqual([
      'a.1-of-2: no arrival was seen',
      'a.2-of-2: no arrival was seen',
      'due 0 is not what the schedule holds: 490 to 512',
    ]);
  });

  it('stops when its signal is aborted', async () => {
    const abort = new AbortController();
    const k6 = program('stand-in', `echo ${HEADER}; exec sleep 60`);
    const common = { seed: 1, durationMs: ms(5000), runDir, clock: monotonicClock };
    const session = await startLoad({ plan: [scenario('a')], k6, ...common, signal: abort.signal });
    abort.abort();
    expect((await session.finished).exitCodes).toEqual({ a: null });
  });
});
