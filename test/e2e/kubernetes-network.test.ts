/** Faults on links between real pods: what a held and a fresh connection see, what the kernel ends, and that nothing stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRecord } from '../../src/core/result.ts';
import { openKubeconfig } from '../../src/kube/client/kubeconfig.ts';
import { LEASE_MS } from '../../src/kube/kube-platform.ts';
import { type AgentState, netAgent } from '../../src/kube/links/agent/agent.ts';
import { DEFAULT_IMAGE, withAgent } from '../../src/kube/links/agent/agent-container.ts';
import { commandsIn } from '../../src/kube/links/agent/command.ts';
import { listNetPods, type NetPod } from '../../src/kube/links/agent/net-pods.ts';
import { killHarness } from './support-kube/killed.ts';
import { KubeBench } from './support-kube/kube-bench.ts';
import { lacksNode } from './support-kube/real-node.ts';
import { withRights } from './support-kube/rights.ts';
import { isGood, PORT, type Talk, Talkers, until } from './support-kube/talkers.ts';

const bench = new KubeBench('node');
const SPACE = 'net';
const SERVER_IP = '10.96.77.77';
/** The default lease of an impairment (src/chaos/injector/injector.ts). */
const SERVICES = Object.fromEntries(
  ['client', 'server', 'bulk', 'idle'].map((app) => [app, { namespace: SPACE, selector: `app=${app}` }]),
);

const talkers = new Talkers(bench, SPACE);
const talk = (pod: string): Promise<Talk> => talkers.talk(pod);
const isHit =
  (outcome: readonly string[]) =>
  ({ held, fresh }: Talk): boolean =>
    outcome.includes(held.outcome) && outcome.includes(fresh.outcome);

/** What the kernel holds in each pod of the service, read by an agent in it. */
async function rules(service: string): Promise<readonly AgentState[]> {
  const agent = netAgent(commandsIn(openKubeconfig(bench.cluster.kubeconfig, 'gauntlet-test')));
  const where = SERVICES[service] ?? { namespace: SPACE, selector: 'none' };
  const pods: readonly NetPod[] = await listNetPods(bench.admin, where);
  const settings = { image: DEFAULT_IMAGE, netAdmin: true };
  return await Promise.all(
    pods.map((pod) => withAgent(bench.admin, pod, settings, (name) => agent.state(pod, name))),
  );
}

const inject = (...args: readonly string[]): string[] => [
  'inject',
  ...args,
  '--target',
  bench.target('net', SERVICES),
  '--yes',
  '--json',
];
const note = (text: string): boolean => process.stderr.write(`${text}\n`);
const BOTH = ['client-service', 'client-pod'];

describe.skipIf(lacksNode !== null)(lacksNode ?? 'links between real pods', () => {
  beforeAll(async () => {
    await bench.up();
    await talkers.up(SERVER_IP);
    const server = await talkers.addressOf('server');
    // One dials the Service's address, which the node translates; the other the pod itself.
    await talkers.pod('client-service', 'client', ['talk', '-to', `${SERVER_IP}:${PORT}`]);
    await talkers.pod('client-pod', 'client', ['talk', '-to', `${server}:${PORT}`]);
    await talkers.pod('bulk', 'bulk', ['talk', '-silent', '-bulk', '-to', `${SERVER_IP}:${PORT}`]);
    await talkers.pod('idle', 'idle', ['talk', '-silent']);
    for (const [app, count] of [
      ['client', 2],
      ['bulk', 1],
      ['idle', 1],
    ] as const) {
      await bench.ready({ namespace: SPACE, selector: `app=${app}` }, count);
    }
    for (const pod of BOTH) await until(pod, () => talk(pod), isGood);
  });
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it.each([
    ['cut-link', [], ['timeout'], /packets .* dropped.*, and nothing crossed/],
    ['half-open-link', ['direction=to-client'], ['timeout'], /to-client: .* dropped/],
    ['reset-link', [], ['reset', 'refused'], /reset, none is open/],
  ] as const)(
    '%s is seen on held and fresh connections, and nothing stays',
    async (fault, more, outcomes, said) => {
      const before = await rules('client');
      const running = bench.start(inject(fault, 'from=client', 'to=server', '--for', '2s', ...more));
      for (const pod of BOTH) await until(`${fault} on ${pod}`, () => talk(pod), isHit(outcomes));
      const { stdout, stderr } = await running.finished;
      const record = JSON.parse(stdout) as FaultRecord;
      expect(record.status, stderr).toBe('injected');
      expect(JSON.stringify(record.injection ?? record)).toMatch(said);
      note(`${fault}: ${JSON.stringify(record.injection ?? null)}`);
      expect(await rules('client')).toEqual(before);
      for (const pod of BOTH) await until(`${pod} after ${fault}`, () => talk(pod), isGood);
    },
  );

  it('slow-link holds a sender to the bandwidth, by dropping what is above it', async () => {
    await until(
      'bulk',
      () => talk('bulk'),
      (one) => one.bulkBytes > 1_000_000,
    );
    const running = bench.start(
      inject('slow-link', 'from=bulk', 'to=server', 'bandwidth=800kbit', '--for', '9s'),
    );
    await running.said('injected');
    const rate = await rateOf('bulk', 2500);
    const { stdout, stderr } = await running.finished;
    expect((JSON.parse(stdout) as FaultRecord).status, stderr).toBe('injected');
    note(`bandwidth 800kbit: ${Math.round(rate)} bytes/s came back`);
    expect(rate).toBeLessThan(100_000 * 1.3);
    await until(
      'bulk after',
      () => rateOf('bulk', 300),
      (one) => one > 1_000_000,
    );
    expect((await rules('bulk')).map((one) => one.tables)).toEqual([[]]);
  });

  it('a fault on an unused link is not injected', async () => {
    const { stdout, stderr } = await bench.run(
      ...inject('cut-link', 'from=idle', 'to=server', '--for', '2s'),
    );
    const record = JSON.parse(stdout) as FaultRecord;
    expect(record.status, stderr).toBe('not-injected');
    expect((await rules('idle')).map((one) => one.tables)).toEqual([[]]);
  });

  it('a NetworkPolicy that the CNI does not enforce is not injected, and is deleted', async () => {
    const file = bench.target('policy', SERVICES);
    const target = JSON.parse(readFileSync(file, 'utf8')) as { kubernetes: object };
    writeFileSync(
      file,
      JSON.stringify({ ...target, kubernetes: { ...target.kubernetes, network: 'network-policy' } }),
    );
    const args = ['cut-link', 'from=client', 'to=server', '--for', '2s', '--target', file, '--yes', '--json'];
    const { code, stdout, stderr } = await bench.run('inject', ...args);
    const record = JSON.parse(stdout) as FaultRecord;
    expect([code, record.status], stderr).toEqual([3, 'not-injected']);
    expect(stderr).toMatch(/bytes crossed client->server in the last/);
    const path = `/apis/networking.k8s.io/v1/namespaces/${SPACE}/networkpolicies`;
    const what = 'list network policies';
    expect((await bench.admin.ask<{ items: unknown[] }>({ method: 'GET', path, what })).body.items).toEqual(
      [],
    );
  });

  it('works with exactly the rights that gauntlet rbac --also links prints', async () => {
    const rights = { space: SPACE, services: SERVICES, also: ['links'] };
    const file = await withRights(bench, 'net', rights);
    const target = bench.target('rights', SERVICES, file);
    const args = [
      'cut-link',
      'from=client',
      'to=server',
      '--for',
      '1s',
      '--target',
      target,
      '--yes',
      '--json',
    ];
    const { stdout, stderr } = await bench.run('inject', ...args);
    expect((JSON.parse(stdout || '{}') as FaultRecord).status, stderr).toBe('injected');
  });

  it.each([
    ['the keeper', false],
    ['the kernel, when the keeper is killed too', true],
  ])('a harness that is killed: %s ends the fault', async (_, keeperToo) => {
    const running = bench.start(inject('cut-link', 'from=client', 'to=server', '--for', '5m'));
    for (const pod of BOTH) await until(`cut on ${pod}`, () => talk(pod), isHit(['timeout']));
    await running.said('injected');
    const killed = await killHarness(bench, running, keeperToo);
    for (const pod of BOTH) await until(`${pod} after the kill`, () => talk(pod), isGood);
    const tookMs = performance.now() - killed;
    note(`${keeperToo ? 'kernel' : 'keeper'}: good again ${tookMs.toFixed(0)} ms after SIGKILL`);
    // A cut connection comes back with TCP's next try: as long again as the cut lasted.
    expect(tookMs).toBeLessThan(keeperToo ? LEASE_MS * 4 : 30_000);
    const end = await until(
      'the tables',
      () => rules('client'),
      (all) => all.every((one) => one.tables.length === 0),
    );
    expect(end.map((one) => one.others)).toEqual([[], []]);
    if (!keeperToo) return;
    const run = await bench.run('recover', '--target', bench.target('net', SERVICES));
    expect(run.code, `${run.stdout}${run.stderr}`).toBe(0);
  });
});

async function rateOf(pod: string, overMs: number): Promise<number> {
  const [from, before] = [performance.now(), await talk(pod)];
  await new Promise((resolve) => setTimeout(resolve, overMs));
  const after = await talk(pod);
  return ((after.bulkBytes - before.bulkBytes) * 1000) / (performance.now() - from);
}
