/**
 * Every form of campaign on a target of addresses only, through the built CLI, with real k6 at low rates: it ends by itself with the
 * right verdict, and never passes on a server that has stopped answering well.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status as grpcStatus } from '@grpc/grpc-js';
import { afterAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import type { VerdictStatus } from '../../src/core/verdict.ts';
import { Bench } from './support/gauntlet.ts';
import { grpcStub, type HttpAnswer, httpStub, processed } from './support-scenarios/stubs.ts';

const bench = new Bench();
const stops: (() => void | Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const GOOD: HttpAnswer = { status: 200, body: processed };
const BUSY: HttpAnswer = { status: 503, body: 'no' };
/** The smoke test of the contract asks once before any load. */
const goodUntil =
  (last: number, after: HttpAnswer = BUSY) =>
  (index: number): HttpAnswer =>
    index < last ? GOOD : after;

const INTENTIONS = 'load:\n  - { scenario: gateway-intentions, rate: 20/s, timeout: 1s }\n';
const HOLDS = 'objectives:\n  - gateway.intentions p50 < 300ms in baseline\n';
const PLAIN = `${INTENTIONS}warmup: 2s\nbaseline: 4s\n${HOLDS}`;
const SHAPE =
  'shape:\n  - { name: warmup, at: 50%, for: 2s }\n  - { name: baseline, at: 100%, for: 4s }\n' +
  '  - { name: soak, at: 100%, for: 4s }\n';

let runs = 0;

/** One run; the generator may be late on a busy machine, which is INVALID by right and nothing that is tested here. */
async function run(campaign: string, answer: (index: number) => HttpAnswer, flags: readonly string[] = []) {
  let asked = 0;
  // Probes ask too, by other paths, and are not counted.
  const gateway = await httpStub((_, { path }) => {
    if (path !== '/intentions') return GOOD;
    asked += 1;
    return answer(asked - 1);
  });
  stops.push(gateway.stop);
  return runOn(campaign, `gateway: { url: "${gateway.url}" }`, flags);
}

async function runOn(campaign: string, parts: string, flags: readonly string[] = []) {
  runs += 1;
  const [file, target, out] = ['yaml', 'target.yaml', 'run'].map((end) =>
    join(bench.folder, `${runs}.${end}`),
  );
  if (!file || !target || !out) throw new Error('three paths');
  writeFileSync(file, `name: form\ntarget: t${runs}\n${campaign}`);
  writeFileSync(target, `name: t${runs}\nplatform: none\n${parts}\npolicy: { optIn: true }\n`);
  const { code, stdout, stderr } = await bench.run(
    ...['run', file, '--target', target, '--out', out, '--yes', ...flags],
  );
  const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
  const isOurs = (text: string): boolean => /the generator (was late|dropped)/.test(text);
  const reasons = result.verdict.reasons.filter((one) => !isOurs(one.text));
  const said = reasons.map((one) => `${one.status} ${one.text}`).join('\n');
  expect(code, stderr).toBe(result.verdict.exitCode);
  expect(result.ledger.problems).toEqual([]);
  const status: VerdictStatus =
    reasons.find((one) => one.status !== 'PASS')?.status ?? reasons[0]?.status ?? 'NO-DATA';
  return { status, said, stdout, stderr, result };
}

// Four at a time: most of a run is waiting.
describe.concurrent('a campaign on a system that works', () => {
  it.each([
    ['load only', PLAIN, []],
    ['load only in two processes', PLAIN.replace('timeout: 1s', 'timeout: 1s, generators: 2'), []],
    ['load only, scaled down', PLAIN, ['--scale', '0.5']],
    [
      'stages that end long before the run',
      PLAIN.replace('rate: 20/s', 'stages: [{ to: 30/s, in: 1s }, { to: 20/s, in: 1s }]'),
      [],
    ],
    ['a shape', `${INTENTIONS}${SHAPE}${HOLDS}  - gateway.intentions rate >= 19/s in soak\n`, []],
    [
      'a search',
      `${INTENTIONS}${SHAPE}  - { name: top, from: 100%, to: 200%, by: 100%, each: 3s, while: gateway.intentions p50 < 300ms }\n` +
        'objectives:\n  - gateway.intentions capacity >= 30/s in top\n',
      [],
    ],
    [
      'faults, repeated',
      `${PLAIN.replace(HOLDS, '')}faults:\n  - noop: { for: 1s }\nrepeat: 2\nrecovery: { hold: 1s, timeout: 10s }\n${HOLDS}`,
      [],
    ],
  ] as const)('passes: %s', async (_, campaign, flags) => {
    const seen = await run(campaign, () => GOOD, flags);
    expect(seen.said).not.toContain('stopped arriving');
    // A step in which the generator was late on a busy machine says nothing, by right.
    const late = seen.result.capacity.some(({ steps }) =>
      steps.some((one) => one.status === 'generator-limited'),
    );
    expect(seen.status, seen.said).toBe(late ? 'INCONCLUSIVE' : 'PASS');
  });
});

describe.concurrent('a campaign on a system that stops answering well', () => {
  it.each([
    ['load only', PLAIN],
    ['a shape', `${INTENTIONS}${SHAPE}objectives:\n  - gateway.intentions p50 < 300ms in soak\n`],
    ['faults', `${PLAIN}faults:\n  - noop: { for: 1s }\nrecovery: { hold: 1s, timeout: 10s }\n`],
  ] as const)('fails when every answer does: %s', async (_, campaign) => {
    const seen = await run(campaign, goodUntil(1));
    expect(seen.status, seen.said).toBe('FAIL');
    expect(seen.said).toMatch(
      /FAIL gateway\.intentions: broken in baseline: (\d+) of \1 arrivals had no good answer \(http-503 \1; too good to be true/,
    );
  });

  it('fails when its server closes every connection', async () => {
    const seen = await run(PLAIN, goodUntil(1, { ...GOOD, reset: true }));
    expect(seen.status, seen.said).not.toBe('PASS');
  });

  it('fails when half of the answers do', async () => {
    const seen = await run(PLAIN, (index) => (index % 2 === 0 ? GOOD : BUSY));
    expect(seen.status, seen.said).toBe('FAIL');
  });

  it('passes when only the warm-up failed', async () => {
    const seen = await run(PLAIN, (index) => (index > 0 && index < 30 ? BUSY : GOOD));
    expect(seen.status, seen.said).toBe('PASS');
    expect(seen.result.flows['gateway.intentions']?.['warmup']?.failed).toBeGreaterThan(0);
  });

  it('fails when it stops in a segment that no objective looks at', async () => {
    const seen = await run(`${INTENTIONS}${SHAPE}${HOLDS}`, goodUntil(1 + 20 + 80));
    expect(seen.said).toContain('FAIL gateway.intentions: broken in soak: ');
  });

  it('finds no capacity in a server that only says 503', async () => {
    const search =
      '  - { name: top, from: 100%, to: 200%, by: 50%, each: 4s, while: gateway.intentions p50 < 300ms }\n';
    const goal = 'objectives:\n  - gateway.intentions capacity >= 30/s in top\n';
    const seen = await run(`${INTENTIONS}${SHAPE}${search}${goal}`, goodUntil(1 + 20 + 160));
    expect(seen.said).toContain('FAIL gateway.intentions capacity >= 30/s in top');
    expect(seen.stdout + seen.stderr).toMatch(
      /top:1[05]0%: no arrival had a good answer; no higher rate is tried/,
    );
  });

  it('fails when one of five gRPC flows is broken and the objective is on another', async () => {
    const names = ['business', 'technical', 'behavior', 'evolution', 'architecture'];
    const addresses = await Promise.all(
      names.map(async (name) => {
        // Its contract, which is asked before load, is still good: it breaks afterwards.
        const breaks = (index: number): boolean => name === 'behavior' && index > 0;
        const stub = await grpcStub((index) => (breaks(index) ? { code: grpcStatus.UNAVAILABLE } : {}), name);
        stops.push(stub.stop);
        return `${name}: "${stub.address}"`;
      }),
    );
    const campaign =
      'load:\n  - { scenario: specialists, rate: 50/s, timeout: 1s }\nwarmup: 2s\nbaseline: 4s\n' +
      'objectives:\n  - specialist.business p50 < 300ms in baseline\n';
    const seen = await runOn(campaign, `specialists: { ${addresses.join(', ')} }`);
    expect(seen.status, seen.said).toBe('FAIL');
    expect(seen.said).toContain('FAIL specialist.behavior: broken in baseline');
    expect(seen.said).toContain('PASS specialist.business p50 < 300ms in baseline');
  });
});
