/**
 * The noise of a place with real k6: one server on both sides, short blocks and one look. What it finds is kept, and the next gate
 * there plans from it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GateRequest, gateDryRun, gateStory } from '../../src/run/gate-story.ts';
import { assembleRun } from '../../src/run/verdict/assemble.ts';
import { placesFrom } from '../../src/system/places.ts';
import { Bench } from './support/gauntlet.ts';
import { httpStub, processed } from './support-scenarios/stubs.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const FLOW = 'gateway.intentions';
const bench = new Bench();
let server: Awaited<ReturnType<typeof httpStub>> | undefined;
afterAll(() => server?.stop());
beforeAll(() => requireTestTools(['k6']));

const GATE =
  'gate: { metrics: [failed, p50], find: 50%, alpha: 15%, pairs: { max: 5 }, block: 2s, settle: 1s }';

function request(campaign: string, target: string, said: string[]): GateRequest {
  return {
    ...{ campaign, aa: true, baseline: target, candidate: target, seed: 3, scale: 1, flags: {} },
    out: join(bench.folder, 'run'),
    places: placesFrom({ ...process.env, GAUNTLET_STATE_DIR: bench.state }),
    env: process.env,
    signal: new AbortController().signal,
    watchers: { event: () => undefined, flows: () => undefined },
    progress: (text) => void said.push(text),
    confirm: async () => undefined,
  };
}

describe('gauntlet gate --aa with real k6 (depends on the machine)', () => {
  it('measures the noise of one target, keeps it, and plans the next gate from it', async () => {
    server = await httpStub(() => ({ status: 200, body: processed, afterMs: 20 }));
    const [target, campaign] = ['stub.yaml', 'campaign.yaml'].map((name) => join(bench.folder, name));
    if (target === undefined || campaign === undefined) throw new Error('two paths');
    writeFileSync(target, `name: stub\nplatform: none\ngateway: { url: "${server.url}" }\n`);
    writeFileSync(
      campaign,
      `name: measured\ntarget: ${target}\nload:\n  - { scenario: gateway-intentions, rate: 50/s, timeout: 1s }\nwarmup: 10s\nbaseline: 4s\nobjectives:\n  - ${FLOW} p50 < 300ms in baseline\n${GATE}\n`,
    );
    const said: string[] = [];
    const { input, runDir } = await gateStory(request(campaign, target, said));
    const { verdict, gate, run } = input.result;
    expect(verdict).toMatchObject({ status: 'PASS', exitCode: 0 });
    expect(run.target).toBe('stub');
    expect(gate?.sentence).toMatch(/^A\/A: no metric is worse by 50 % or more after 5 pairs /);
    expect(gate?.aa?.meaning).toMatch(
      /^equal versions pass here: P50 varies by [\d.]+ % a pair; \+50 % needs \d+ pairs, \d+ min; the 5 pairs of this gate can find \+[\d.]+ %$/,
    );
    expect(assembleRun(runDir).result.gate).toEqual(gate);
    expect(readFileSync(join(runDir, 'report.html'), 'utf8')).toContain('Noise of this place');
    expect(readFileSync(join(runDir, 'report.md'), 'utf8')).toContain('sd of a pair');

    const folder = join(bench.state, 'noise', input.plan.gate?.loadHash ?? '');
    expect(readdirSync(folder)).toEqual([`${run.id}.json`]);
    expect(said.at(-1)).toBe(`noise of this place kept in ${join(folder, `${run.id}.json`)}`);
    const { plan } = await gateDryRun(request(campaign, target, []));
    const { notes = [] } = plan;
    expect(notes.at(-1)).toMatch(
      /^From 1 earlier measurement of this place \(latest \d{4}-\d\d-\d\d\): P50 /,
    );
    expect(await bench.quiet(10_000)).toEqual([]);
  });
});
