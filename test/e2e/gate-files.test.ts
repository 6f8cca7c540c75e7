/** What a gate leaves on the disk, with real k6 on two servers: a gate that is killed, then the next attempt. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateFile } from '../../src/core/gate.ts';
import { Bench } from './support/gauntlet.ts';
import { httpStub, processed } from './support-scenarios/stubs.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const bench = new Bench();
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.splice(0)) await stop();
});
beforeAll(async () => {
  await requireTestTools(['k6']);
});

const GATE =
  'gate: { metrics: [failed, p50], find: 100%, alpha: 15%, pairs: { max: 5 }, block: 2s, settle: 1s }';

async function files(): Promise<readonly string[]> {
  const sides: string[] = [];
  for (const name of ['blue', 'green']) {
    const server = await httpStub(() => ({ status: 200, body: processed, afterMs: 30 }));
    stops.push(server.stop);
    const path = join(bench.folder, `${name}.yaml`);
    writeFileSync(path, `name: ${name}\nplatform: none\ngateway: { url: "${server.url}" }\n`);
    sides.push(path);
  }
  const campaign = join(bench.folder, 'campaign.yaml');
  const load = 'load:\n  - { scenario: gateway-intentions, rate: 50/s, timeout: 1s }\n';
  writeFileSync(campaign, `name: gated\ntarget: blue\n${load}warmup: 5s\n${GATE}\n`);
  return ['gate', campaign, '--baseline', sides[0] ?? '', '--candidate', sides[1] ?? ''];
}

const gateFile = (runDir: string): GateFile =>
  JSON.parse(readFileSync(join(runDir, 'gate.json'), 'utf8')) as GateFile;

describe('the files of a gate with real k6', () => {
  it('that was killed say which pairs were whole, and the next gate is the second attempt', async () => {
    const gate = await files();
    const out = join(bench.folder, 'killed');
    const running = bench.start([...gate, '--out', out]);
    await running.said('pair 1 of at most 7');
    const refused = await bench.run(...gate, '--out', join(bench.folder, 'second'));
    expect(refused.code).toBe(77);
    expect(refused.stderr).toContain('expected no other active run on it');
    running.child.kill('SIGKILL');
    await running.finished;
    expect(existsSync(join(out, 'gate.json'))).toBe(false);
    const report = await bench.run('report', out);
    expect(report.code).toBe(4);
    const { result } = gateFile(out);
    expect(result.status).toBe('INVALID');
    expect(result.sentence).toBe(
      `ended in the middle; ${result.pairs.kept} ${result.pairs.kept === 1 ? 'pair' : 'pairs'} kept`,
    );
    expect(result.pairs.run).toBeGreaterThanOrEqual(1);
    const plan = await bench.run(...gate, '--plan');
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain('attempt 2: level 7.5 %, 15 % divided by 2 (before: ');
    expect(await bench.quiet(10_000)).toEqual([]);
  });
});
