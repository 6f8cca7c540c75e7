/** Delays between real pods, through a proxy pod: what a held and a fresh connection see, what ends it, and that nothing stays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRecord } from '../../src/core/result.ts';
import { openKubeconfig } from '../../src/kube/client/kubeconfig.ts';
import { LEASE_MS } from '../../src/kube/kube-platform.ts';
import { netAgent } from '../../src/kube/links/agent/agent.ts';
import { runningAgent } from '../../src/kube/links/agent/agent-container.ts';
import { commandsIn } from '../../src/kube/links/agent/command.ts';
import { listNetPods } from '../../src/kube/links/agent/net-pods.ts';
import { killHarness } from './support-kube/killed.ts';
import { KubeBench } from './support-kube/kube-bench.ts';
import { lacksNode } from './support-kube/real-node.ts';
import { withRights } from './support-kube/rights.ts';
import { isGood, PORT, type Talk, Talkers, until } from './support-kube/talkers.ts';

const bench = new KubeBench('node');
const SPACE = 'delays';
const SERVER_IP = '10.96.77.78';
const SERVICES = Object.fromEntries(
  ['client', 'server', 'idle'].map((app) => [app, { namespace: SPACE, selector: `app=${app}` }]),
);
const talkers = new Talkers(bench, SPACE);
const BOTH = ['client-service', 'client-pod'];
const LATENCY_MS = 80;

const isSlow = ({ held, fresh }: Talk): boolean =>
  isGood({ held, fresh, bulkBytes: 0 }) && held.tookMs >= LATENCY_MS && fresh.tookMs >= LATENCY_MS;
const isFast = ({ held, fresh }: Talk): boolean =>
  isGood({ held, fresh, bulkBytes: 0 }) && held.tookMs < LATENCY_MS / 2 && fresh.tookMs < LATENCY_MS / 2;
const note = (text: string): boolean => process.stderr.write(`${text}\n`);

const inject = (target: string, ...args: readonly string[]): string[] => [
  ...['inject', ...args, '--target', target, '--yes', '--json'],
];
const slow = (hold: string, target = bench.target('delays', SERVICES)): string[] =>
  inject(target, 'slow-link', 'from=client', 'to=server', `latency=${LATENCY_MS}ms`, '--for', hold);

/** Everything of ours that a fault could leave: jobs and pods of proxies, tables in the pods that dial. */
async function leftovers(space = SPACE): Promise<readonly string[]> {
  const list = async (path: string): Promise<string[]> => {
    const query = { labelSelector: 'gauntlet.dev/proxy' };
    const { body } = await bench.admin.ask<{ items: { metadata: { name: string } }[] }>({
      method: 'GET',
      path,
      what: `list ${path}`,
      query,
    });
    return body.items.map((one) => one.metadata.name);
  };
  const agent = netAgent(commandsIn(openKubeconfig(bench.cluster.kubeconfig, 'gauntlet-test')));
  const pods = await listNetPods(bench.admin, { namespace: space, selector: 'app=client' });
  const tables = await Promise.all(
    pods.map(async (pod) => {
      const container = runningAgent(pod);
      const state = container === undefined ? undefined : await agent.state(pod, container);
      return (state?.tables ?? []).map((one) => `table ${one.id} in ${pod.name}`);
    }),
  );
  return [
    ...(await list(`/apis/batch/v1/namespaces/${space}/jobs`)),
    ...(await list(`/api/v1/namespaces/${space}/pods`)),
    ...tables.flat(),
  ];
}

describe.skipIf(lacksNode !== null)(lacksNode ?? 'delays between real pods', () => {
  beforeAll(async () => {
    await bench.up();
    await talkers.up(SERVER_IP);
    // One dials the Service's address, which the node translates; the other the pod itself.
    await talkers.pod('client-service', 'client', ['talk', '-to', `${SERVER_IP}:${PORT}`]);
    const server = await talkers.addressOf('server');
    await talkers.pod('client-pod', 'client', ['talk', '-to', `${server}:${PORT}`]);
    await talkers.pod('idle', 'idle', ['talk', '-silent']);
    await bench.ready({ namespace: SPACE, selector: 'app=client' }, 2);
    for (const pod of BOTH) await until(pod, () => talkers.talk(pod), isGood);
  });
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('slow-link delays held and fresh connections, to a Service and to a pod, and nothing stays', async () => {
    const running = bench.start(slow('3s'));
    for (const pod of BOTH) {
      const { held, fresh } = await until(`slow ${pod}`, () => talkers.talk(pod), isSlow);
      note(`${LATENCY_MS} ms asked, ${pod}: held ${held.tookMs} ms, fresh ${fresh.tookMs} ms`);
    }
    const { stdout, stderr } = await running.finished;
    const record = JSON.parse(stdout) as FaultRecord;
    expect(record.status, stderr).toBe('injected');
    expect(JSON.stringify(record)).toMatch(/client->server slowed: held .* predicted/);
    for (const pod of BOTH) await until(`fast ${pod}`, () => talkers.talk(pod), isFast);
    await until(
      'nothing left',
      () => leftovers(),
      (left) => left.length === 0,
    );
  });

  it('a fault on an unused link is not injected, and its proxy is removed', async () => {
    const target = bench.target('delays', SERVICES);
    const args = ['slow-link', 'from=idle', 'to=server', 'latency=40ms', '--for', '2s'];
    const { code, stdout, stderr } = await bench.run(...inject(target, ...args));
    expect([code, (JSON.parse(stdout) as FaultRecord).status], stderr).toEqual([3, 'not-injected']);
    expect(stderr).toMatch(/0 chunks crossed idle->server since the act/);
    await until(
      'nothing left',
      () => leftovers(),
      (left) => left.length === 0,
    );
  });

  it('an image that cannot be pulled is reported with the message of the kubelet, and nothing is left', async () => {
    const target = bench.target('no-image', SERVICES, undefined, { proxy: { image: 'localhost/none:9' } });
    const { code, stderr } = await bench.run(...slow('2s', target));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/proxy localhost\/none:9 in delays: expected to run within 60 s, got ErrImage/);
    expect(stderr).toContain('Build deploy/Dockerfile.proxy');
    await until(
      'nothing left',
      () => leftovers(),
      (left) => left.length === 0,
    );
  });

  it('a namespace that enforces the level restricted lets the proxy in and not the agent: said, undone, and not injected', async () => {
    const strict = new Talkers(bench, 'strict');
    await strict.up('10.96.77.79', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await strict.pod('client', 'client', ['talk', '-to', `10.96.77.79:${PORT}`]);
    await bench.ready({ namespace: 'strict', selector: 'app=client' }, 1);
    await until('client', () => strict.talk('client'), isGood);
    const services = Object.fromEntries(
      ['client', 'server'].map((app) => [app, { namespace: 'strict', selector: `app=${app}` }]),
    );
    const { code, stderr } = await bench.run(...slow('2s', bench.target('strict', services)));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /expected a namespace whose Pod Security level admits it, got .*violates PodSecurity .*NET_ADMIN/,
    );
    await until(
      'nothing left',
      () => leftovers('strict'),
      (left) => left.length === 0,
    );
    expect(await strict.talk('client').then(isGood)).toBe(true);
  });

  it('works with exactly the rights that gauntlet rbac --also links,proxy prints', async () => {
    const rights = { space: SPACE, services: SERVICES, also: ['links', 'proxy'] };
    const file = await withRights(bench, 'delays', rights);
    const { stdout, stderr } = await bench.run(...slow('1s', bench.target('rights', SERVICES, file)));
    expect((JSON.parse(stdout || '{}') as FaultRecord).status, stderr).toBe('injected');
  });

  it.each([
    ['the keeper', false],
    ['kernel and proxy, when the keeper is killed too', true],
  ])('a harness that is killed: %s end the delay', async (_, keeperToo) => {
    const running = bench.start(slow('5m'));
    for (const pod of BOTH) await until(`slow ${pod}`, () => talkers.talk(pod), isSlow);
    await running.said('injected');
    const killed = await killHarness(bench, running, keeperToo);
    for (const pod of BOTH) await until(`fast ${pod}`, () => talkers.talk(pod), isFast);
    const tookMs = performance.now() - killed;
    note(`${keeperToo ? 'lease' : 'keeper'}: fast again ${tookMs.toFixed(0)} ms after SIGKILL`);
    expect(tookMs).toBeLessThan(keeperToo ? LEASE_MS * 2 : 30_000);
    if (keeperToo) {
      const run = await bench.run('recover', '--target', bench.target('delays', SERVICES));
      expect(run.code, `${run.stdout}${run.stderr}`).toBe(0);
    }
    await until(
      'nothing left',
      () => leftovers(),
      (left) => left.length === 0,
    );
  });
});
