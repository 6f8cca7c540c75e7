/**
 * Gates with real k6 on two servers of known behaviour: short blocks and one look, so that each takes half a minute. The error rates
 * are simulated elsewhere (test/unit/measure/gate/error-rates.test.ts); here the blocks, sides and files are those of a real run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { gateStory } from '../../src/run/gate-story.ts';
import { assembleRun } from '../../src/run/verdict/assemble.ts';
import { placesFrom } from '../../src/system/places.ts';
import { Bench } from './support/gauntlet.ts';
import { type HttpAnswer, httpStub, processed } from './support-scenarios/stubs.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const FLOW = 'gateway.intentions';
const bench = new Bench();
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.splice(0)) await stop();
});
beforeAll(async () => {
  await requireTestTools(['k6']);
});

/** Five pairs of 3 s blocks: enough for an answer when all of them agree (1 in 32 by chance). */
const GATE =
  'gate: { metrics: [failed, p50, p90], find: 50%, alpha: 15%, pairs: { max: 5 }, block: 3s, settle: 2s }';

let gates = 0;

async function files(
  candidate: () => HttpAnswer,
  block = '',
): Promise<readonly [string, string, string, string]> {
  gates += 1;
  const servers = [
    await httpStub(() => answerAfter(30)),
    await httpStub((_, { path }) => (path === '/intentions' ? candidate() : answerAfter(0))),
  ];
  for (const one of servers) stops.push(one.stop);
  const paths = ['baseline', 'candidate', 'campaign', 'run'].map((name) =>
    join(bench.folder, `${gates}-${name}.yaml`),
  );
  const [baseline = '', other = '', campaign = '', out = ''] = paths;
  for (const [index, path] of [baseline, other].entries())
    writeFileSync(
      path,
      `name: ${index === 0 ? 'blue' : 'green'}\nplatform: none\ngateway: { url: "${servers[index]?.url}" }\n`,
    );
  writeFileSync(
    campaign,
    `name: gated\ntarget: blue\nload:\n  - { scenario: gateway-intentions, rate: 50/s, timeout: 1s }\nwarmup: 10s\nbaseline: 4s\nobjectives:\n  - ${FLOW} p50 < 300ms in baseline\n${block}\n`,
  );
  return [baseline, other, campaign, out.replace('.yaml', '')];
}

const answerAfter = (afterMs: number): HttpAnswer => ({ status: 200, body: processed, afterMs });

async function gate(
  candidate: () => HttpAnswer,
): Promise<{ readonly result: Result; readonly runDir: string }> {
  const [baseline, other, campaign, out] = await files(candidate, GATE);
  const { input, runDir } = await gateStory({
    ...{ campaign, baseline, candidate: other, aa: false, out, seed: 3, scale: 1, flags: {} },
    places: placesFrom({ ...process.env, GAUNTLET_STATE_DIR: bench.state }),
    env: process.env,
    signal: new AbortController().signal,
    watchers: { event: () => undefined, flows: () => undefined },
    progress: () => undefined,
    confirm: async () => undefined,
  });
  return { result: input.result, runDir };
}

describe('a gate with real k6 (depends on the machine)', () => {
  it('passes an equal candidate, and says the same when it is judged again from disk', async () => {
    const { result, runDir } = await gate(() => answerAfter(30));
    expect(result.verdict).toMatchObject({ status: 'PASS', exitCode: 0 });
    expect(result.gate).toMatchObject({ pairs: { run: 5, kept: 5, judged: 5 } });
    expect(result.gate?.metrics.find((one) => one.quantity === 'p50')?.estimate).toBeCloseTo(1, 0);
    expect(assembleRun(runDir).result.gate).toEqual(result.gate);
    expect(readFileSync(join(runDir, 'report.html'), 'utf8')).toContain('Candidate against baseline');
  });

  it('fails a candidate that takes twice as long', async () => {
    const { result } = await gate(() => answerAfter(60));
    expect(result.verdict.status).toBe('FAIL');
    expect(result.gate?.sentence).toMatch(/^P50 ratio (1\.[89]|2\.)/);
  });

  it('fails a candidate that answers 500 at once, whatever its times are', async () => {
    // The contract is asked once before any load: a candidate that breaks it then is not loaded at all.
    let asked = 0;
    const { result } = await gate(() => {
      asked += 1;
      return asked === 1 ? answerAfter(0) : { status: 500, body: 'no' };
    });
    expect(result.verdict.status).toBe('FAIL');
    expect(result.gate?.sentence).toMatch(/^failed \+100\.00 points/);
  });
});

describe('gauntlet gate', () => {
  it('refuses a baseline that is the candidate', async () => {
    const [baseline, , campaign] = await files(() => answerAfter(30));
    const { code, stderr } = await bench.run(
      'gate',
      campaign,
      '--baseline',
      baseline,
      '--candidate',
      baseline,
    );
    expect(code).toBe(64);
    expect(stderr).toContain(
      '--candidate: expected another target than the baseline, got blue, which is the same',
    );
  });

  it('prints its plan and touches nothing', async () => {
    const [baseline, candidate, campaign] = await files(() => answerAfter(30));
    const { code, stdout } = await bench.run(
      ...['gate', campaign, '--baseline', baseline, '--candidate', candidate, '--plan', '--seed', '4'],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Gate: green against blue\n/);
    expect(stdout).toContain('looks at 16, 24, 32');
  });

  it('says how long a budget must be', async () => {
    const [baseline, candidate, campaign] = await files(() => answerAfter(30));
    const args = [
      'gate',
      campaign,
      '--baseline',
      baseline,
      '--candidate',
      candidate,
      '--plan',
      '--budget',
      '2m',
    ];
    const { code, stderr } = await bench.run(...args);
    expect(code).toBe(64);
    expect(stderr).toContain('budget: expected time for the warm-up and the 16 pairs of the first look, ');
  });

  it('that is ended in the middle keeps its pairs, is INVALID, and leaves no process', async () => {
    const [baseline, candidate, campaign, out] = await files(() => answerAfter(30));
    const running = bench.start([
      'gate',
      campaign,
      '--baseline',
      baseline,
      '--candidate',
      candidate,
      '--out',
      out,
      '--metrics',
      'failed,p50',
    ]);
    await running.said('phase pair:2');
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    const { verdict, gate: found } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
    expect(verdict.status).toBe('INVALID');
    expect(found?.pairs.kept).toBe(1);
    expect(await bench.quiet(10_000)).toEqual([]);
  });
});
