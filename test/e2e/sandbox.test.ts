/**
 * The sandbox with real Kafka, Redis and services: it answers, it heals like a kubelet, and nothing of it
 * ever stays.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InstanceLife, InstanceState } from '../../src/core/acts/instance-acts.ts';
import type { Topology } from '../../src/core/topology.ts';
import { endpointOf } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { callControl } from '../../src/system/control-socket.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { programPath } from '../../src/system/project.ts';
import { sandboxesRoot, sandboxPaths } from '../../src/system/sandbox/state.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import {
  findSandbox,
  listSandboxes,
  type SandboxHandle,
  startSandbox,
  stopSandbox,
} from '../../src/targets/sandbox/sandbox.ts';
import { SPECIALISTS } from '../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { defaultSystem } from '../fakes/topology.ts';
import { signalProcess } from '../support/signal-process.ts';
import {
  callerOf,
  filesOf,
  livingOf,
  makeTestBed,
  millisecondsUntil,
  processesOf,
  type TestBed,
} from './support-sandbox/test-bed.ts';

let testBed: TestBed;
let sandbox: SandboxHandle;
const progress: string[] = [];

const start = (name: string, owner: 'caller' | 'itself' = 'caller'): Promise<SandboxHandle> =>
  startSandbox({
    name,
    system: defaultSystem(),
    places: testBed.places,
    tools: testBed.tools,
    owner,
    progress: (text) => progress.push(text),
  });

beforeAll(async () => {
  testBed = await makeTestBed();
  sandbox = await start('first');
});

afterAll(async () => {
  for (const { name } of listSandboxes(testBed.places)) await stopSandbox(name, testBed.places);
  testBed.remove();
});

async function outcome(probe: string, topology: Topology): Promise<string> {
  const client = createProbe(probe, topology, monotonicClock);
  try {
    return (await client.send('fresh', ms(2000))).outcome;
  } finally {
    client.close();
  }
}

const PROBES = [
  'gateway',
  'hive',
  'redis',
  'kafka-1',
  'kafka-2',
  'kafka-3',
  ...SPECIALISTS.map((name) => `specialist-${name}`),
];

describe('a sandbox that is up', () => {
  it('answers at every address, over the links of users and over those of the probes', async () => {
    const { topology, probeTopology } = sandbox.state;
    for (const probe of PROBES) {
      expect([probe, await outcome(probe, topology)]).toEqual([probe, 'ok']);
      expect([probe, await outcome(probe, probeTopology)]).toEqual([probe, 'ok']);
    }
    const urls = sandbox.state.addresses.filter((one) => one.address.startsWith('http://'));
    const http = [
      'gateway',
      'semantic-translation-engine',
      'consensus-engine',
      'orchestrator-dynamic',
      'hive',
    ];
    expect(urls.map((one) => one.label)).toEqual([...http, ...http.map((name) => `${name} (probe)`)]);
    for (const { address } of urls) expect((await fetch(`${address}/ready`)).status).toBe(200);
  });

  it('takes an intention through Kafka', async () => {
    const response = await fetch(
      `${endpointOf(sandbox.state.topology, 'gateway', 'http')?.at[0]?.address}/intentions`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'novo negócio aqui' }),
      },
    );
    expect(response.status).toBe(200);
    expect(((await response.json()) as { status: string }).status).toBe('processed');
  });

  it('is found by its name, names the settings behind its recovery times, and reported its progress', () => {
    expect(findSandbox('first', testBed.places)).toEqual(sandbox.state);
    expect(sandbox.state.timers['broker.session.timeout.ms']).toBe(2000);
    expect(progress.at(-1)).toMatch(/^Everything is ready \(\d+\.\d s\)$/);
  });

  it('is neither used nor swept from another pid namespace', (context) => {
    const gauntlet = [process.execPath, programPath('src/cli/main')];
    const env = { ...process.env, GAUNTLET_STATE_DIR: testBed.places.state };
    const run = (...args: string[]) =>
      spawnSync('unshare', ['-pf', '--mount-proc', ...gauntlet, ...args], { env, encoding: 'utf8' });
    if (spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status !== 0)
      context.skip('no right to make a pid namespace');
    const before = processesOf(testBed.places, 'first');
    for (const args of [['status'], ['up'], ['down']]) {
      const { status, stderr } = run('sandbox', ...args, '--name', 'first');
      expect(stderr).toContain('(another pid namespace, pid:[');
      expect(status).toBe(77);
    }
    expect(livingOf(before)).toEqual(before);
  });

  it('refuses a second one of its name, and says which process has it', async () => {
    await expect(start('first')).rejects.toMatchObject({
      kind: 'refused',
      message:
        `sandbox first: expected no other sandbox of this name, got one of process ${sandbox.state.supervisor.pid}. ` +
        'Stop it with gauntlet sandbox down, or choose another name with --name.',
    });
    expect(await outcome('gateway', sandbox.state.topology)).toBe('ok');
  });
});

const instances = (service: string): Promise<readonly InstanceState[]> =>
  callControl(sandbox.state.controlSocket, 'GET', `/instances?service=${service}`);
const lives = (service: string): Promise<readonly InstanceLife[]> =>
  callControl(sandbox.state.controlSocket, 'GET', `/lives?service=${service}`);

describe('an instance that dies', () => {
  it('is refused at once, started again at once, ready again, and both lives are on record', async () => {
    const service = 'specialist-business';
    const [victim] = await instances(service);
    expect(victim?.ready).toBe(true);
    const signal = { body: { victim, signal: 'SIGKILL' } };
    expect(await callControl(sandbox.state.controlSocket, 'POST', '/signal', signal)).toEqual({
      outcome: 'sent',
    });
    const refused = async (): Promise<boolean> => (await outcome(service, sandbox.state.topology)) !== 'ok';
    expect(await millisecondsUntil(refused, 500)).toBeDefined();

    const ready = async (): Promise<boolean> => (await instances(service))[0]?.ready === true;
    expect(await millisecondsUntil(ready, 10_000)).toBeDefined();
    const open = async (): Promise<boolean> => (await outcome(service, sandbox.state.topology)) === 'ok';
    expect(await millisecondsUntil(open, 500)).toBeDefined();

    const [first, second] = await lives(service);
    expect((await instances(service))[0]?.restarts).toBe(1);
    expect(first?.endedAt).toBeGreaterThan(first?.readyAt ?? Number.POSITIVE_INFINITY);
    expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBeLessThan(500);
    expect(second?.readyAt).toBeGreaterThan(second?.startedAt ?? Number.POSITIVE_INFINITY);
    expect(second?.endedAt).toBeNull();
    expect(await callControl(sandbox.state.controlSocket, 'POST', '/signal', signal)).toEqual({
      outcome: 'gone',
    });
  });
});

describe('the link proxy, should it die', () => {
  it('is started again, and gets the ready instances again', async () => {
    const programOf = (pid: number): string =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] ?? '';
    const proxy = livingOf(processesOf(testBed.places, 'first')).find(({ pid }) =>
      programOf(pid).endsWith('packages/link-proxy/src/main.js'),
    );
    if (!proxy) throw new Error('the proxy is one of the processes');
    signalProcess(proxy.pid, 'SIGKILL');
    await millisecondsUntil(() => livingOf([proxy]).length === 0, 1000);
    const { topology } = sandbox.state;
    const open = async (): Promise<boolean> => {
      const outcomes = await Promise.all(PROBES.map((probe) => outcome(probe, topology)));
      return outcomes.every((one) => one === 'ok');
    };
    expect(await millisecondsUntil(open, 15_000)).toBeDefined();
  });
});

describe('a broker whose links are cut', () => {
  it('loses its leaderships within a few seconds and comes back into every ISR when they are healed', async () => {
    const { identity } = sandbox.state.topology;
    const { links, kafka } = await openPlatform({
      platform: 'sandbox',
      identity,
      stateFile: sandbox.state.stateFile,
    });
    if (!links || !kafka) throw new Error('the sandbox offers links and kafka');
    const controller = await kafka.controller();
    const victim = kafka.brokers().find((id) => id !== controller) ?? 0;
    const led = (await kafka.partitions()).filter((one) => one.leader === victim);
    expect(led.length).toBeGreaterThan(0);

    const names = (await links.list())
      .filter((link) => link.from === `kafka-${victim}` || link.to === `kafka-${victim}`)
      .filter((link) => link.from.startsWith('kafka-'))
      .map((link) => link.name);
    expect(names.length).toBe(8);
    await links.impair({ id: 'e2e-cut', links: names, effect: { kind: 'cut' }, ttlMs: 30_000 });
    const moved = await millisecondsUntil(async () => {
      const partitions = await kafka.partitions();
      return partitions.every((one) => one.leader !== victim && one.leader > 0 && !one.isr.includes(victim));
    }, 10_000);
    // docs/facts/kafka.md: measured 1.7 to 3.3 s; below half a second nothing was cut, it was somebody's
    // reboot.
    expect(moved).toBeGreaterThan(500);
    expect(moved).toBeLessThan(8000);

    await links.heal('e2e-cut');
    const whole = await millisecondsUntil(async () => {
      return (await kafka.partitions()).every((one) => one.isr.length === 3);
    }, 10_000);
    expect(whole).toBeDefined();
  });
});

describe('two sandboxes side by side', () => {
  it('share nothing, and the end of one leaves the other alone', async () => {
    const second = await start('second');
    expect(listSandboxes(testBed.places).map((one) => one.name)).toEqual(['first', 'second']);
    const addresses = new Set(sandbox.state.addresses.map((one) => one.address));
    expect(second.state.addresses.filter((one) => addresses.has(one.address))).toEqual([]);
    expect(await outcome('gateway', second.state.topology)).toBe('ok');

    const processes = processesOf(testBed.places, 'second');
    expect(livingOf(processes).length).toBe(15);
    const began = performance.now();
    await second.stop();
    expect(performance.now() - began).toBeLessThan(2000);
    expect(livingOf(processes)).toEqual([]);
    expect(filesOf(testBed.places, 'second')).toEqual([]);
    expect(existsSync(second.state.controlSocket)).toBe(false);
    await second.stop();
    expect(await outcome('gateway', sandbox.state.topology)).toBe('ok');
  });
});

describe('nothing is left behind', () => {
  const goneWithin = (name: string, processes: ReturnType<typeof processesOf>, timeoutMs: number) =>
    millisecondsUntil(
      () => livingOf(processes).length === 0 && filesOf(testBed.places, name).length === 0,
      timeoutMs,
    );

  it('when the supervisor is killed, within three seconds', async () => {
    const processes = processesOf(testBed.places, 'first');
    signalProcess(sandbox.state.supervisor.pid, 'SIGKILL');
    expect(await goneWithin('first', processes, 3000)).toBeDefined();
    expect(findSandbox('first', testBed.places)).toBeUndefined();
  });

  it('when the caller that owns it is killed, within three seconds', async () => {
    const caller = callerOf(testBed, 'owned', 'caller');
    await caller.ready;
    const processes = processesOf(testBed.places, 'owned');
    expect(livingOf(processes).length).toBe(15);
    caller.process.kill('SIGKILL');
    expect(await goneWithin('owned', processes, 3000)).toBeDefined();
  });

  it.each([
    ['150 ms after it began to start one', 150, 0],
    ['300 ms after it began to start one', 300, 0],
    ['as soon as there is a supervisor with its reaper', 0, 2],
    ['when the first broker is born', 0, 3],
    ['when all brokers are there', 0, 7],
    ['when the specialists are there', 0, 12],
    ['when the last process is born', 0, 15],
  ])('when the caller is killed %s', async (_when, afterMs, processes) => {
    const caller = callerOf(testBed, 'young', 'itself');
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const born = (): boolean => processesOf(testBed.places, 'young').length >= processes;
    expect(await millisecondsUntil(born, 60_000)).toBeDefined();
    const before = processesOf(testBed.places, 'young');
    caller.process.kill('SIGKILL');
    await caller.ended;
    // Processes may still be born while the news travels; whoever was born is on the list or gone with it.
    const seen = new Map(before.map((one) => [one.pid, one]));
    const gone = await millisecondsUntil(() => {
      for (const one of processesOf(testBed.places, 'young')) seen.set(one.pid, one);
      return filesOf(testBed.places, 'young').length === 0 && livingOf([...seen.values()]).length === 0;
    }, 5000);
    expect(gone).toBeDefined();
  });

  it('when supervisor and reaper are killed together, by the next command', async () => {
    const doomed = await start('doomed');
    const processes = processesOf(testBed.places, 'doomed');
    const both = [doomed.state.reaper, doomed.state.supervisor];
    for (const { pid } of both) signalProcess(pid, 'SIGKILL');
    expect(await millisecondsUntil(() => livingOf(both).length === 0, 1000)).toBeDefined();
    // Without anybody to do it, the brokers and Redis do stay: that is what the next one finds.
    expect(livingOf(processes).length).toBeGreaterThan(0);
    expect(findSandbox('doomed', testBed.places)).toBeUndefined();
    expect(livingOf(processes)).toEqual([]);
    expect(filesOf(testBed.places, 'doomed')).toEqual([]);
  });

  it('when the reaper is killed: the supervisor takes the sandbox down', async () => {
    const unwatched = await start('unwatched');
    const processes = processesOf(testBed.places, 'unwatched');
    signalProcess(unwatched.state.reaper.pid, 'SIGKILL');
    expect(await goneWithin('unwatched', processes, 3000)).toBeDefined();
  });

  it('when a start is taken back', async () => {
    const abort = new AbortController();
    const { places, tools } = testBed;
    const starting = startSandbox({
      name: 'unwanted',
      system: defaultSystem(),
      places,
      tools,
      owner: 'itself',
      signal: abort.signal,
      progress: () => setTimeout(() => abort.abort(), 300),
    });
    await expect(starting).rejects.toMatchObject({ kind: 'interrupted' });
    expect(filesOf(places, 'unwanted')).toEqual([]);
  });

  it('when a broker does not start, with the end of its log', async () => {
    const { kafka } = testBed.tools;
    if (!kafka) throw new Error('kafka is there');
    const tools = { ...testBed.tools, kafka: { ...kafka, archive: null, classPath: ['/nowhere/kafka.jar'] } };
    const starting = startSandbox({
      name: 'broken',
      system: defaultSystem(),
      places: testBed.places,
      tools,
      owner: 'caller',
      progress: () => undefined,
    });
    await expect(starting).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(
        /^kafka-\d: expected to start, got 2 ends \(exit 1, exit 1\)\. Its log ends:\n {2}.*kafka\.Kafka/m,
      ),
    });
    expect(filesOf(testBed.places, 'broken')).toEqual([]);
  });
});

describe('a sandbox that owns itself', () => {
  it('outlives the caller that started it, until it is stopped by name', async () => {
    const caller = callerOf(testBed, 'kept', 'itself');
    const state = await caller.ready;
    const processes = processesOf(testBed.places, 'kept');
    caller.process.kill('SIGKILL');
    await caller.ended;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(livingOf(processes).length).toBe(15);
    expect(await outcome('gateway', state.topology)).toBe('ok');
    expect(await stopSandbox('kept', testBed.places)).toEqual({ stopped: true });
    expect(livingOf(processes)).toEqual([]);
    expect(existsSync(sandboxPaths(sandboxesRoot(testBed.places), 'kept').folder)).toBe(false);
    expect(await stopSandbox('kept', testBed.places)).toEqual({ stopped: false });
  });
});
