/** Faults on links, processes and brokers against the real sandbox: each is seen, held and gone; killed parties leave nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessState } from '../../src/core/acts/instance-acts.ts';
import type { LinkState } from '../../src/core/acts/link-acts.ts';
import { endpointOf } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { injectFault } from '../../src/run/inject.ts';
import { namedTarget } from '../../src/run/open/names.ts';
import { callControl } from '../../src/system/control-socket.ts';
import { isAlive, isStopped } from '../../src/system/proc.ts';
import { programPath } from '../../src/system/project.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import {
  listSandboxes,
  type SandboxHandle,
  startSandbox,
  stopSandbox,
} from '../../src/targets/sandbox/sandbox.ts';
import { SPECIALISTS } from '../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { defaultSystem } from '../fakes/topology.ts';
import { signalProcess } from '../support/signal-process.ts';
import { makeTestBed, millisecondsUntil, type TestBed } from './support-sandbox/test-bed.ts';

let testBed: TestBed;
let sandbox: SandboxHandle;
let isOver = false;
let traffic: Promise<void>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  testBed = await makeTestBed();
  // The name that the target file `sandbox` means.
  const { places, tools } = testBed;
  const options = { name: 'default', system: defaultSystem(), places, tools, owner: 'caller' } as const;
  sandbox = await startSandbox({ ...options, progress: () => undefined });
  traffic = intentions();
});

afterAll(async () => {
  isOver = true;
  await traffic;
  for (const child of children) child.kill('SIGKILL');
  for (const { name } of listSandboxes(testBed.places)) await stopSandbox(name, testBed.places);
  testBed.remove();
});

/** So that the links of the gateway carry something: ten a second, whatever becomes of them. */
async function intentions(): Promise<void> {
  const url = `${endpointOf(sandbox.state.topology, 'gateway', 'http')?.at[0]?.address}/intentions`;
  for (let index = 0; !isOver; index += 1) {
    const body = JSON.stringify({ text: `novo negócio ${index}`, correlation_id: `faults-${index}` });
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(ms(3000));
    fetch(url, { method: 'POST', headers, body, signal }).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
    await sleep(100);
  }
}

const inject = (fault: string, ...parameters: readonly string[]) =>
  injectFault({
    fault,
    parameters,
    target: namedTarget('sandbox'),
    holdFor: fault.startsWith('kill') ? undefined : '500ms',
    places: testBed.places,
    signal: new AbortController().signal,
    report: () => undefined,
    confirm: async () => undefined,
  });

const links = (): Promise<readonly LinkState[]> => callControl(sandbox.state.proxySocket, 'GET', '/links');
const instances = (service: string): Promise<readonly ProcessState[]> =>
  callControl(sandbox.state.controlSocket, 'GET', `/instances?service=${service}`);

describe('a fault on a link of the gateway, which no probe crosses', () => {
  it.each([
    [
      'slow-link',
      ['latency=40ms'],
      /^gateway->redis slowed: held \d+(\.\d+)? ms each on average over \d+ chunks/,
    ],
    ['half-open-link', ['direction=to-server'], /^gateway->redis to-server: .* held back, and /],
    ['half-open-link', ['direction=to-client'], /^gateway->redis to-client: .* held back, and /],
    ['cut-link', [], /^gateway->redis: .* held back, and nothing crossed for \d{3} ms$/],
    ['reset-link', [], /^gateway->redis: \d+ connections? reset, none is open$/],
  ] as const)('%s %j is proven by what its users could not do', async (fault, more, evidence) => {
    const record = await inject(fault, 'from=gateway', 'to=redis', ...more);
    expect(record).toMatchObject({ status: 'injected', injection: { held: 'no probe' } });
    expect(record.injection?.evidence).toMatch(evidence);
    expect(record.injection?.boundMs).toBeLessThan(5000);
    expect((await links()).filter((link) => link.impairedBy.length > 0)).toEqual([]);
  });

  it('is not injected on a link without traffic', async () => {
    const [, , , , architecture] = SPECIALISTS;
    const record = await inject('cut-link', 'from=client', `to=specialist-${architecture}`);
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(/^nothing was sent into client->specialist-architecture /);
  });
});

describe('a fault on a process or a broker', () => {
  it('pause-pod stalls both connections of a process that stays alive', async () => {
    const [before] = await instances('specialist-business');
    const record = await inject('pause-pod', 'service=specialist-business');
    expect(record.status).toBe('injected');
    expect(record.injection).toMatchObject({
      held: expect.stringMatching(/^stalled after 4\d\d ms$/),
      fresh: expect.stringMatching(/^stalled after 4\d\d ms$/),
    });
    const [after] = await instances('specialist-business');
    expect(after).toEqual(before);
    expect(after?.stopped).toBe(false);
  });

  it('slow-broker slows probes and replication, and all of it is back', async () => {
    const record = await inject('slow-broker', 'broker=controller', 'latency=60ms');
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(/^slower as predicted: held ≥ /);
    expect((await links()).filter((link) => link.impairedBy.length > 0)).toEqual([]);
  });

  it('kafka-max-message is seen at the leader of each partition, and the topic takes records again', async () => {
    const record = await inject('kafka-max-message', 'topic=intentions.business');
    expect([record.status, record.victim]).toEqual([
      'injected',
      'writes to intentions.business (1 partition)',
    ]);
    expect(record.injection?.evidence).toMatch(/: MESSAGE_TOO_LARGE for 1 partition, from 1 leader$/);
    expect(record.removal?.evidence).toBe('max.message.bytes of intentions.business is not set as before');
  });

  it('kill-broker kills the leader of a topic, and the broker comes back', async () => {
    const record = await inject('kill-broker', 'broker=leader of intentions.business');
    expect(record.status).toBe('injected');
    expect(record.victim).toMatch(/^kafka-\d \(pid \d+\) \(leader of intentions\.business\)$/);
    expect(record.pod?.phases).toHaveLength(4);
  });
});

describe('restart-storm', () => {
  it('kills a successor as well, and leaves a ready one', async () => {
    const record = await inject('restart-storm', 'service=specialist-behavior', 'times=2');
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(
      /; its successor specialist-behavior-1 \(pid \d+\) is gone too$/,
    );
    expect(record.removal?.evidence).toBe('2 lives ended, 1 of 1 instances are ready');
    expect((await instances('specialist-behavior'))[0]).toMatchObject({ ready: true, restarts: 2 });
  });
});

describe('a partition among real brokers', () => {
  it.each([
    [['shape=bridge'], /^kafka-\d->kafka-\d and 3 more links: .* held back, .*; 4 inter-broker links /],
    [['from=brokers', 'direction=in'], /^(kafka-\d left all \d+ in-sync replica sets|leadership of \d+ )/],
    [['direction=out'], /^both connections stall; 8 inter-broker links idle /],
  ] as const)('%j is seen and goes', async (more, evidence) => {
    const { topology, stateFile } = sandbox.state;
    const handle = { platform: 'sandbox', identity: topology.identity, stateFile } as const;
    const platform = await openPlatform(handle);
    const isWhole = async (): Promise<boolean> => {
      const partitions = (await platform.kafka?.partitions()) ?? [];
      return partitions.length > 0 && partitions.every((one) => one.isr.length === one.replicas.length);
    };
    expect(await millisecondsUntil(isWhole, 30_000)).toBeDefined();
    const record = await inject('partition-kafka', 'broker=leader of intentions.business', ...more);
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(evidence);
    expect((await links()).filter((link) => link.impairedBy.length > 0)).toEqual([]);
  });
});

describe('a pause whose harness is killed', () => {
  const service = 'specialist-technical';
  async function pausing(): Promise<{ readonly harness: ChildProcess; readonly victim: ProcessState }> {
    const argv = [programPath('src/cli/main'), 'inject', 'pause-pod', `service=${service}`, '--for', '60s'];
    const env = {
      ...process.env,
      GAUNTLET_STATE_DIR: testBed.places.state,
      GAUNTLET_CACHE_DIR: testBed.places.cache,
    };
    const harness = spawn(process.execPath, [...argv, '--target', 'sandbox'], { stdio: 'ignore', env });
    children.push(harness);
    const isPaused = async (): Promise<boolean> => (await instances(service))[0]?.stopped === true;
    expect(await millisecondsUntil(isPaused, 15_000)).toBeDefined();
    const [victim] = await instances(service);
    if (victim === undefined) throw new Error('nobody is paused');
    return { harness, victim };
  }
  const runs = (victim: ProcessState): boolean =>
    isAlive(victim.pid, victim.startTicks) && !isStopped(victim.pid, victim.startTicks);

  it('is taken back by the lease keeper', async () => {
    const { harness, victim } = await pausing();
    harness.kill('SIGKILL');
    expect(await millisecondsUntil(() => runs(victim), 3000)).toBeDefined();
  });

  it('is taken back by recover when the keeper is killed as well', async () => {
    const { harness, victim } = await pausing();
    const keeper = childOf(harness.pid ?? 0);
    signalProcess(keeper, 'SIGKILL');
    harness.kill('SIGKILL');
    await sleep(500);
    expect(isStopped(victim.pid, victim.startTicks)).toBe(true);
    const env = { ...process.env, GAUNTLET_STATE_DIR: testBed.places.state };
    const recover = spawn(process.execPath, [programPath('src/cli/main'), 'recover'], { stdio: 'pipe', env });
    children.push(recover);
    let said = '';
    recover.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await new Promise((resolve) => recover.once('close', resolve));
    expect(said).toMatch(
      /undone +pause-pod of run inject-.*specialist-technical-1 \(pid \d+\) runs, 1 of 1 instances/,
    );
    expect(runs(victim)).toBe(true);
  });
});

/** The one process that this one has started: its lease keeper. */
function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  expect(children).toMatch(/^\d+$/);
  return Number(children);
}
