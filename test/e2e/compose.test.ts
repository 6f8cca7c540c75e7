/** Groups of faults through the built CLI on a real sandbox: in place together, one after another, refused, aborted. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { Bench } from './support/gauntlet.ts';

const bench = new Bench();

/** Only the specialists, at a low rate: this machine may be busy, and the test is about truth, not about speed. */
function campaign(name: string, lines: readonly string[]): string {
  const file = join(bench.folder, `${name}.yaml`);
  const text = [
    `name: ${name}`,
    'target: sandbox',
    'load:',
    '  - { scenario: specialists, rate: 25/s }',
    'warmup: 4s',
    'baseline: 8s',
    'recovery: { hold: 2s, timeout: 20s }',
    ...lines,
    'objectives:',
    '  - specialist.business rate >= 4/s in baseline',
    '',
  ];
  writeFileSync(file, text.join('\n'));
  return file;
}

const journal = (dir: string): { kind: string; name?: string }[] =>
  readFileSync(join(dir, 'journal.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; name?: string });

describe('a campaign with groups', () => {
  it('kills and throttles together, then pauses and kills, and judges each group as a whole', async () => {
    const file = campaign('groups', [
      'faults:',
      '  - together:',
      '      - kill-pod: { service: specialist-business }',
      '      - throttle-redis: { latency: 40ms, for: 3s }',
      '  - then:',
      '      - pause-pod: { service: specialist-technical, for: 2s }',
      '      - kill-pod: { service: specialist-technical }',
    ]);
    const out = join(bench.folder, 'groups-run');
    const run = await bench.run('run', file, '--out', out, '--seed', '5', '--json');
    const result = JSON.parse(run.stdout) as Result;
    expect(result.faults.map((fault) => [fault.name, fault.status, fault.group])).toEqual([
      ['kill-pod', 'injected', { name: 'kill-pod+throttle-redis', how: 'together', spoiled: null }],
      ['throttle-redis', 'injected', { name: 'kill-pod+throttle-redis', how: 'together', spoiled: null }],
      ['pause-pod', 'injected', { name: 'pause-pod,kill-pod#2', how: 'then', spoiled: null }],
      ['kill-pod#2', 'injected', { name: 'pause-pod,kill-pod#2', how: 'then', spoiled: null }],
    ]);
    expect(result.phases.map((phase) => phase.name)).toEqual([
      'warmup',
      'baseline',
      'fault:kill-pod+throttle-redis',
      'recovery:kill-pod+throttle-redis',
      'fault:pause-pod',
      'fault:kill-pod#2',
      'recovery:kill-pod#2',
      'steady',
    ]);
    const [kill, throttle, pause, second] = result.faults;
    // Both acts within a moment, and the throttle held from the later proof on.
    expect(Math.abs((kill?.appliedAt ?? 0) - (throttle?.appliedAt ?? 1e9))).toBeLessThan(500);
    const proven = Math.max(kill?.injectedAt ?? 0, throttle?.injectedAt ?? 0);
    expect((throttle?.removedAt ?? 0) - proven).toBeGreaterThanOrEqual(3000);
    expect(second?.appliedAt).toBeGreaterThan(pause?.removedAt ?? Number.POSITIVE_INFINITY);
    expect(
      journal(out)
        .filter((line) => line.kind === 'opened')
        .map((line) => line.name),
    ).toHaveLength(4);
    expect(journal(out).filter((line) => line.kind === 'closed')).toHaveLength(4);
    // Nobody waits between the two: what the pause did is watched until after the kill.
    const watched = pause?.recovery['fresh'];
    // Censored: this machine made a probe slow once more in the last two seconds.
    expect(watched?.status).toMatch(/^(recovered|censored)$/);
    expect(watched?.sinceRemovedMs).toBeGreaterThan((second?.appliedAt ?? 0) - (pause?.removedAt ?? 0));
    expect(run.code).toBe(result.verdict.exitCode);
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('is refused (77) before any load when the quorum would not survive both members, with every reason', async () => {
    const file = campaign('sum', [
      'faults:',
      '  - together:',
      '      - partition-kafka: { broker: 1, for: 2s }',
      '      - kill-broker: { broker: 2 }',
    ]);
    const out = join(bench.folder, 'sum-run');
    const run = await bench.run('run', file, '--out', out);
    expect(run.code).toBe(77);
    expect(run.stderr).toContain('partition-kafka + kill-broker on ');
    expect(run.stderr).toContain('expected at least 2 in-sync replicas left in every partition');
    expect(run.stderr).toContain('expected a quorum of 2 controllers left, got 1 of 3.');
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('undoes all members of a group when a limit is broken, and says how fast', async () => {
    const file = campaign('abort', [
      'faults:',
      '  - together:',
      '      - grpc-fault: { service: specialist-business, method: EvaluatePlan, status: UNAVAILABLE, share: 100%, for: 60s }',
      '      - throttle-redis: { latency: 40ms, for: 60s }',
      'abort: { when: "specialist.business failed > 50% for 2s" }',
    ]);
    const out = join(bench.folder, 'abort-run');
    const run = await bench.run('run', file, '--out', out, '--json');
    const result = JSON.parse(run.stdout) as Result;
    expect(result.abort?.why).toBe('abort condition met: specialist.business failed > 50% for 2s');
    const [fault] = result.faults;
    // Half of two seconds of failures after the act, on a grain of 100 ms and at five arrivals a second.
    const held = (result.abort?.metAt ?? 0) - (fault?.appliedAt ?? 0);
    expect(held).toBeGreaterThan(800);
    expect(held).toBeLessThan(2500);
    expect(result.abort?.detectedAfterMs).toBeGreaterThan(0);
    expect(result.abort?.detectedAfterMs).toBeLessThan(8000);
    expect(result.abort?.undoneAfterMs).toBeGreaterThan(0);
    expect(result.abort?.undoneAfterMs).toBeLessThan(5000);
    expect(result.faults.every((one) => one.removedAt !== null)).toBe(true);
    const text = 'aborted: abort condition met: specialist.business failed > 50% for 2s';
    expect(result.verdict.reasons).toContainEqual({ status: 'FAIL', text });
    expect(result.verdict.status).not.toBe('PASS');
    expect(await bench.quiet(5000)).toEqual([]);
  });
});
