/**
 * A candidate against earlier runs with real k6: ten short runs of one server, then the same server twice as slow.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { runStory } from '../../src/run/story.ts';
import { assembleRun } from '../../src/run/verdict/assemble.ts';
import { placesFrom } from '../../src/system/places.ts';
import { Bench } from './support/gauntlet.ts';
import { httpStub, processed } from './support-scenarios/stubs.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const FLOW = 'gateway.intentions';
const bench = new Bench();
let afterMs = 30;
let server: Awaited<ReturnType<typeof httpStub>> | undefined;
afterAll(() => server?.stop());
beforeAll(() => requireTestTools(['k6']));

const [target, campaign, history] = ['stub.yaml', 'campaign.yaml', 'history'].map((name) =>
  join(bench.folder, name),
) as [string, string, string];

async function baselineRun(seed: number): Promise<Result> {
  const { input } = await runStory({
    ...{ campaign, target, seed, scale: 1, env: process.env },
    out: join(history, `run-${seed}`),
    places: placesFrom({ ...process.env, GAUNTLET_STATE_DIR: bench.state }),
    signal: new AbortController().signal,
    watchers: { event: () => undefined, flows: () => undefined },
    progress: () => undefined,
    confirm: async () => undefined,
  });
  return input.result;
}

const gate = (out: string, ...more: string[]) =>
  bench.run(
    ...['gate', campaign, '--candidate', target, '--baseline-history', history, '--metrics', 'failed,p50'],
    ...['--find', '50%', '--out', join(bench.folder, out), ...more],
  );

describe('gauntlet gate --baseline-history with real k6 (depends on the machine)', () => {
  it('compares, has no verdict with one run, and fails a candidate that takes twice as long with ten', async () => {
    server = await httpStub(() => ({ status: 200, body: processed, afterMs }));
    writeFileSync(target, `name: stub\nplatform: none\ngateway: { url: "${server.url}" }\n`);
    writeFileSync(
      campaign,
      `name: compared\ntarget: ${target}\nload:\n  - { scenario: gateway-intentions, rate: 50/s, timeout: 1s }\nwarmup: 1s\nbaseline: 2s\nobjectives:\n  - ${FLOW} p50 < 300ms in baseline\n`,
    );
    expect((await baselineRun(1)).verdict.status).toBe('PASS');
    const first = await gate('first');
    expect([first.code, first.stderr]).toEqual([3, expect.any(String)]);
    expect(first.stdout).toContain(
      'NO-DATA: against 1 earlier run, weaker than side by side: a comparison without a verdict',
    );
    for (let seed = 2; seed <= 10; seed += 1) await baselineRun(seed);
    // What had no answer is no attempt; an answer is.
    const plan = await gate('plan', '--plan');
    expect(plan.stdout).not.toContain('attempt');
    expect(plan.stdout).toContain(`Compared with 10 earlier runs in ${history}`);
    afterMs = 60;
    const slow = await gate('slow');
    expect(slow.stdout).toMatch(
      /FAIL: against 10 earlier runs, weaker than side by side: P50 ratio (1\.[89]|2\.)/,
    );
    expect(slow.code).toBe(1);
    const result = JSON.parse(readFileSync(join(bench.folder, 'slow', 'result.json'), 'utf8')) as Result;
    expect(assembleRun(join(bench.folder, 'slow')).result.history).toEqual(result.history);
    expect((await gate('again', '--plan')).stdout).toContain('This is attempt 2: level 2.5 %.');
    const both = await bench.run(
      ...['report', join(bench.folder, 'slow'), '--compare', join(history, 'run-3')],
    );
    expect([both.code, both.stdout]).toEqual([0, expect.stringMatching(/baseline .* ×(1\.[89]|2\.)/)]);
    expect(await bench.quiet(10_000)).toEqual([]);
  }, 400_000);
});
