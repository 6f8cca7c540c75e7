/**
 * The system under test as real pods: gateway, specialists, hive, Redis and three brokers, loaded by k6 while
 * pods are killed.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBuilt, TESTPOD } from '../../packages/test-cluster/src/go-tool.ts';
import { nodeGroups } from '../../packages/test-cluster/src/node.ts';
import type { FaultRecord, Result } from '../../src/core/result.ts';
import { RedisLine } from '../../src/protocols/redis/line.ts';
import { inspectParts } from '../../src/system/toolchain/parts.ts';
import { cache, KubeBench, missingOwn as missing } from './support-kube/kube-bench.ts';

const bench = new KubeBench('node', true);
const parts = await inspectParts(['k6', 'redis', 'java', 'kafka'], bench.context);
const lacks =
  missing ??
  (process.getuid?.() === 0 &&
  existsSync('/sys/fs/cgroup/cpuset/cpuset.cpus') &&
  existsSync(join(cache, 'node-tools-1')) &&
  isBuilt(TESTPOD, { places: { cache, state: '' } }) &&
  parts.every((one) => one.found !== null)
    ? null
    : 'SKIPPED: services as pods need root, cgroup v1, `gauntlet doctor --fix` and: npm run cluster -- up --kind node');

const APP = { namespace: 'neural-hive', selector: 'app.kubernetes.io/instance' };
const BUSINESS = { namespace: 'neural-hive', selector: 'app.kubernetes.io/name=specialist-business' };
const GATEWAY = { namespace: 'neural-hive', selector: 'app.kubernetes.io/name=gateway-intencoes' };
/**
 * No load on the gateway: with cold JVMs a starved machine manages two intentions a second, and has no steady
 * state.
 */
const CAMPAIGN = `name: pods
target: given-on-the-command-line
load:
  - scenario: specialists
    rate: 10/s
warmup: 5s
baseline: 10s
faults:
  - kill-pod: { service: specialist-business, signal: SIGKILL }
  - kill-pod: { service: gateway, signal: SIGTERM }
recovery: { hold: 2s, timeout: 25s }
objectives:
  - specialist.technical  p50 < 2s  in baseline  # source: this test; the machine may be busy
`;

const mounts = (): number => readFileSync('/proc/self/mounts', 'utf8').split('\n').length;
const said = (text: string): void => void process.stderr.write(`${text}\n`);

describe.skipIf(lacks !== null)(lacks ?? 'the services as pods', () => {
  const before = mounts();

  beforeAll(async () => {
    const since = performance.now();
    await bench.up();
    said(`all pods ready after ${((performance.now() - since) / 1000).toFixed(1)} s`);
  }, 240_000);
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
    expect(nodeGroups(bench.cluster.folder)).toEqual([]);
    expect(mounts()).toBe(before);
    expect(existsSync(join(bench.state, 'clusters', 'e2e'))).toBe(false);
  });

  const services = (): NonNullable<typeof bench.cluster.services> => {
    const state = bench.cluster.services;
    if (state === null) throw new Error('no services in the state of the cluster');
    return state;
  };

  /** No two of the same words, which the gateway would answer from its cache. */
  const intention = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${services().ports['gateway']}/intentions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: `analisar processo de vendas ${randomUUID()}`, language: 'pt-BR' }),
    });

  const injecting = (fault: string): string[] => ['inject', fault, '--target', services().target, '--yes'];
  const inject = (fault: string, ...parameters: string[]) => bench.run(...injecting(fault), ...parameters);
  /** Asked on a connection of its own, as a client that comes now. */
  async function setting(key: string): Promise<string> {
    const line = await RedisLine.open({ host: '127.0.0.1', port: services().ports['redis'] ?? 0 }, 1000);
    try {
      const answer = await line.call(['CONFIG', 'GET', key], 1000);
      return String((answer as readonly string[])[1]);
    } finally {
      line.close();
    }
  }

  it('are all ready, without a restart, and an intention goes through gateway, Redis and Kafka', async () => {
    const pods = await bench.ready(APP, 8);
    expect(pods.map((one) => one.restarts)).toEqual(pods.map(() => 0));
    const answer = await intention();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'processed', domain: 'BUSINESS' });
  }, 90_000);

  it('let Redis be paused, filled and cleared of its clients by its own commands, and say why not its client limit', async () => {
    for (const [fault, ...parameters] of [
      ['redis-pause', '--for', '2s'],
      ['redis-maxmemory', '--for', '2s'],
      ['redis-kill-connections'],
    ]) {
      const run = await inject(fault ?? '', ...parameters);
      expect(run.code, `${fault}: ${run.stdout}${run.stderr}`).toBe(0);
      expect(`${run.stdout}${run.stderr}`).toMatch(/injected[\s\S]*removed/);
    }
    const refused = await inject('redis-maxclients', '--for', '2s');
    expect(refused.code).toBe(77);
    expect(refused.stderr).toContain('at its client limit Redis would also turn away the undo');
    expect(await setting('maxmemory')).toBe('0');
  }, 120_000);

  it('have their Redis back when the harness is killed: a pause ends with it, a setting is set back by the keeper', async () => {
    for (const [fault, withinMs] of [
      ['redis-pause', 2000],
      ['redis-maxmemory', 30_000],
    ] as const) {
      const running = bench.start([...injecting(fault), '--for', '5m']);
      await running.said(`${fault}: injected, `);
      running.child.kill('SIGKILL');
      const killed = performance.now();
      await running.finished;
      while ((await setting('maxmemory').catch(() => null)) !== '0') {
        if (performance.now() - killed > withinMs) throw new Error(`${fault} is still there`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      said(`${fault}: gone ${(performance.now() - killed).toFixed(0)} ms after SIGKILL of the harness`);
      while (bench.leftovers('keeper').length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, 120_000);

  it('are slow where a proxy pod delays a link, and refuse calls where it answers them, as it counts and clients see', async () => {
    const tookMs: number[] = [];
    const asking = { goesOn: true };
    const traffic = (async () => {
      for (let asked = 0; asking.goesOn && asked < 600; asked += 1) {
        const since = performance.now();
        const { status } = await intention();
        if (status === 200) tookMs.push(performance.now() - since);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const delay = bench.start([
      ...injecting('slow-link'),
      ...['from=gateway', 'to=redis', 'latency=150ms', '--for', '4s'],
    ]);
    await delay.said(': injected, ');
    const usual = median(tookMs.splice(0));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const slow = median(tookMs);
    const ended = await delay.finished;
    said(`latency of 150 ms to Redis: intentions ${usual.toFixed(0)} ms, then ${slow.toFixed(0)} ms`);
    expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(0);
    // At least one call to Redis for each intention: its cache is asked first.
    expect(slow - usual).toBeGreaterThan(120);
    const grpc = ['service=specialist-business', 'from=hive', 'status=UNAVAILABLE', '--for', '3s'];
    const refused = await inject('grpc-fault', ...grpc);
    // Twenty links in twelve pods: more rules at once than the kernel's usual buffer for them holds.
    const broker = await inject('slow-broker', 'broker=1', 'latency=60ms', '--for', '2s');
    asking.goesOn = false;
    await traffic;
    expect(broker.code, `${broker.stdout}${broker.stderr}`).toBe(0);
    expect(refused.code, `${refused.stdout}${refused.stderr}`).toBe(0);
    expect(`${refused.stdout}${refused.stderr}`).toMatch(/[1-9]\d* of \d+ selected requests were affected/);
    const path = '/apis/batch/v1/namespaces/neural-hive/jobs';
    const { body } = await bench.admin.ask<{ items: unknown[] }>({ method: 'GET', path, what: 'list jobs' });
    expect(body.items).toEqual([]);
  }, 120_000);

  it('are killed under load by a campaign, whose timelines fit to what the kubelet stamped', async () => {
    const campaign = join(bench.folder, 'pods.yaml');
    writeFileSync(campaign, CAMPAIGN);
    const out = join(bench.folder, 'out');
    const command = ['run', campaign, '--target', services().target, '--out', out, '--yes', '--json'];
    const run = await bench.run(...command);
    if (run.stdout === '') throw new Error(run.stderr);
    const result = JSON.parse(run.stdout) as Result;
    const { verdict, faults } = result;
    said(`${verdict.status}: ${verdict.reasons.map((one) => `${one.status} ${one.text}`).join('; ')}`);
    for (const one of faults) {
      const back = Object.entries(one.recovery).filter(([, sli]) => sli.status !== 'never-degraded');
      for (const [sli, text] of back) said(`${one.name} ${sli}: ${JSON.stringify(text)}`);
    }
    // A busy machine may make it INCONCLUSIVE or INVALID, and it says so; it never fails, and leaves nothing
    // behind.
    expect(['PASS', 'INCONCLUSIVE', 'INVALID']).toContain(verdict.status);
    expect(run.code).toBe(verdict.exitCode);
    expect(result.ledger.balanced).toBe(true);
    expect(faults.map((one) => [one.victim.split('-').slice(0, 2).join('-'), one.status])).toEqual([
      ['specialist-business', 'injected'],
      ['gateway-intencoes', 'injected'],
    ]);
    const killed = faults.map((one) => one.victim.split(' ')[0]);
    for (const [fault, where, count] of [
      [faults[0], BUSINESS, 1],
      [faults[1], GATEWAY, 2],
    ] as const) {
      const pods = await bench.ready(where, count);
      expect(pods.some((one) => killed.includes(one.name))).toBe(false);
      const newest = pods.toSorted((a, b) => (b.stamps.created ?? 0) - (a.stamps.created ?? 0))[0];
      checkTimeline(fault, newest?.stamps.ready ?? Number.NaN);
    }
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('successor started to successor ready');
  }, 180_000);
});

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * Every stretch is a time that passed, and their sum leads from the deletion to the second that the kubelet
 * stamped.
 */
function checkTimeline(fault: FaultRecord | undefined, readyStamp: number): void {
  const phases = fault?.pod?.phases ?? [];
  said(`${fault?.victim}: ${phases.map((one) => `${one.ms.toFixed(0)} ms ${one.name}`).join(', ')}`);
  expect(phases.every((one) => one.ms >= 0)).toBe(true);
  const index = phases.findIndex((one) => one.name.endsWith(' to successor ready'));
  expect(index).toBeGreaterThanOrEqual(0);
  const sum = phases.slice(0, index + 1).reduce((all, one) => all + one.ms, 0);
  const seen = (fault?.appliedAt ?? Number.NaN) + sum;
  // The stamp is cut to the second; a watch event is on its way for some time when both cores are busy.
  expect(seen).toBeGreaterThanOrEqual(readyStamp - 20);
  expect(seen).toBeLessThanOrEqual(readyStamp + 1000 + 500);
}
