/**
 * Cuts by NetworkPolicy on real pods, where something enforces policies: what clients see, what the record says, and that a
 * policy which does not bite, or not any more, is never called a cut.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRecord } from '../../src/core/result.ts';
import { LEASE_MS } from '../../src/kube/kube-platform.ts';
import { signalProcess } from '../support/signal-process.ts';
import { KubeBench, missingOwn } from './support-kube/kube-bench.ts';
import { type Enforcer, mangleOf, startEnforcer } from './support-kube/policy-enforcer.ts';
import type { Enforcement } from './support-kube/policy-rules.ts';
import { lacksNode } from './support-kube/real-node.ts';
import { applyManifest } from './support-kube/rights.ts';
import { isGood, PORT, type Talk, Talkers, until } from './support-kube/talkers.ts';

const bench = new KubeBench('node');
const SPACE = 'policies';
const SERVER_IP = '10.96.77.78';
const OTHER_IP = '10.96.77.79';
const pods = new Talkers(bench, SPACE);
const SERVICES = Object.fromEntries(
  ['client', 'server', 'other'].map((app) => [app, { namespace: SPACE, selector: `app=${app}` }]),
);
const POLICIES = `/apis/networking.k8s.io/v1/namespaces/${SPACE}/networkpolicies`;
/** Of the service that is cut off; they dial the server, by its Service and by itself. */
const BOTH = ['client-service', 'client-pod'];
/** Of the same service, but it dials another one. */
const BESIDE = ['client-other'];
const note = (text: string): boolean => process.stderr.write(`${text}\n`);

let enforcer: Enforcer | undefined;
async function enforce(how: Enforcement): Promise<void> {
  enforcer = await startEnforcer(bench.admin, bench.cluster, how);
}
const EACH_PACKET = { sparesEstablished: false };

function target(kubeconfig?: string): string {
  const file = bench.target('policies', SERVICES, kubeconfig);
  const written = JSON.parse(readFileSync(file, 'utf8')) as { kubernetes: object };
  const kubernetes = { ...written.kubernetes, network: 'network-policy' };
  writeFileSync(file, JSON.stringify({ ...written, kubernetes }));
  return file;
}

const inject = (hold: string, file = target()): string[] => [
  ...['inject', 'cut-link', 'from=client', 'to=server'],
  ...['--for', hold, '--target', file, '--yes', '--json'],
];

const policies = async (): Promise<readonly string[]> =>
  (
    await bench.admin.ask<{ items: { metadata: { name: string } }[] }>({
      method: 'GET',
      path: POLICIES,
      what: 'list network policies',
    })
  ).body.items.map((one) => one.metadata.name);

/** Allows every pod to send everything: what an operator may have for reasons of their own. */
const allowAll = (): Promise<void> =>
  bench.create(POLICIES, {
    metadata: { name: 'allow-all' },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
  });

const remove = async (name: string): Promise<void> =>
  void (await bench.admin.ask({ method: 'DELETE', path: `${POLICIES}/${name}`, what: `delete ${name}` }));

const isCut = ({ held, fresh }: Talk): boolean => held.outcome === 'timeout' && fresh.outcome === 'timeout';

async function sees(those: readonly string[], what: string, isIt: (talk: Talk) => boolean): Promise<void> {
  for (const pod of those) await until(`${pod}: ${what}`, () => pods.talk(pod), isIt);
}

/** While the cut is in place, clients of another service get answers. */
async function goOnBeside(): Promise<void> {
  for (const pod of BESIDE) {
    const { held, fresh } = await pods.talk(pod);
    const isMore = (now: Talk): boolean => now.held.good > held.good && now.fresh.good > fresh.good;
    await until(`${pod}: answers`, () => pods.talk(pod), isMore);
  }
  expect(await policies(), 'the policy, until after those answers').toHaveLength(1);
}

const recordOf = (stdout: string): FaultRecord => JSON.parse(stdout) as FaultRecord;

/** Rules are written into the node's own network. */
const lacks = missingOwn ?? lacksNode;

describe.skipIf(lacks !== null)(lacks ?? 'a cut by NetworkPolicy on real pods', () => {
  beforeAll(async () => {
    await bench.up();
    await pods.up(SERVER_IP);
    await bench.create(`/api/v1/namespaces/${SPACE}/services`, {
      metadata: { name: 'other' },
      spec: { clusterIP: OTHER_IP, selector: { app: 'other' }, ports: [{ port: PORT }] },
    });
    await pods.pod('other', 'other', ['serve', '-echo', String(PORT)]);
    await bench.ready({ namespace: SPACE, selector: 'app=other' }, 1);
    await pods.pod('client-service', 'client', ['talk', '-to', `${SERVER_IP}:${PORT}`]);
    await pods.pod('client-pod', 'client', ['talk', '-to', `${await pods.addressOf('server')}:${PORT}`]);
    await pods.pod('client-other', 'client', ['talk', '-to', `${OTHER_IP}:${PORT}`]);
    await bench.ready({ namespace: SPACE, selector: 'app=client' }, 3);
    await sees([...BOTH, ...BESIDE], 'good at first', isGood);
  });
  afterEach(async () => {
    for (const name of await policies()) await remove(name);
    await enforcer?.stop();
    expect(enforcer?.problems ?? []).toEqual([]);
    enforcer = undefined;
    await sees([...BOTH, ...BESIDE], 'good again', isGood);
  });
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('is seen on held and fresh connections to that service alone, and nothing stays', async () => {
    const rulesBefore = await mangleOf(bench.cluster);
    await enforce(EACH_PACKET);
    const before = await policies();
    const running = bench.start(inject('4s'));
    await running.said('fault-injected');
    await sees(BOTH, 'cut', isCut);
    await goOnBeside();
    const { code, stdout, stderr } = await running.finished;
    const record = recordOf(stdout);
    expect([code, record.status, record.cutShort], stderr).toEqual([0, 'injected', null]);
    expect(record.injection).toMatchObject({ held: '3 of 3 silent', fresh: '3 of 3 not let through' });
    expect(record.injection?.evidence).toMatch(
      /^client->server: 3 new not let through, 3 that were open silent for .+, and nothing crossed for .+$/,
    );
    const { appliedAt, injectedAt, removedAt } = record;
    note(
      `enforced: ${JSON.stringify(record.injection)}, in after ${(injectedAt ?? 0) - (appliedAt ?? 0)} ms, for ${(removedAt ?? 0) - (injectedAt ?? 0)} ms`,
    );
    expect(await policies()).toEqual(before);
    await sees(BOTH, 'good after it', isGood);
    await enforcer?.stop();
    enforcer = undefined;
    expect(await mangleOf(bench.cluster)).toBe(rulesBefore);
  });

  it('cuts off no other peer where an address block never matches a pod', async () => {
    await enforce({ ...EACH_PACKET, blocksMeanOutside: true });
    const running = bench.start(inject('3s'));
    await running.said('fault-injected');
    await sees(BOTH, 'cut', isCut);
    await goOnBeside();
    const { stdout, stderr } = await running.finished;
    expect(recordOf(stdout).status, stderr).toBe('injected');
  });

  it('is announced by doctor as what only a fault can show', async () => {
    const { stdout } = await bench.run('doctor', '--target', target());
    expect(stdout).toContain(
      'ok    links: by NetworkPolicy: only a fault shows whether the CNI enforces it, including on open connections; if not, the fault is reported as not injected',
    );
  });

  it('needs no more rights than gauntlet rbac prints', async () => {
    await enforce(EACH_PACKET);
    const manifest = await bench.run('rbac', target());
    await applyManifest(bench, manifest.stdout);
    const file = bench.kubeconfig('least', { token: await bench.tokenOf(SPACE, 'gauntlet-policies') });
    const { code, stdout, stderr } = await bench.run(...inject('1s', target(file)));
    expect([code, recordOf(stdout || '{}').status], stderr).toEqual([0, 'injected']);
  });

  it('is not injected where another policy allows the same, which the plan names', async () => {
    await enforce(EACH_PACKET);
    await allowAll();
    const { code, stdout, stderr } = await bench.run(...inject('2s'));
    const record = recordOf(stdout);
    expect([code, record.status], stderr).toEqual([3, 'not-injected']);
    expect(record.injection?.evidence).toMatch(/^\d+ bytes crossed client->server in the last .+$/);
    expect(record.timers).toContain(
      `Traffic that other policies on these pods allow stays allowed: ${SPACE}/allow-all.`,
    );
    note(`another policy: ${record.injection?.evidence}`);
    expect(await policies()).toEqual(['allow-all']);
  });

  it('ends, and is reported as cut short, when another policy allows the traffic during the hold', async () => {
    await enforce(EACH_PACKET);
    const running = bench.start(inject('2m'));
    await running.said('fault-injected');
    await sees(BOTH, 'cut', isCut);
    const allowedAt = Date.now();
    await allowAll();
    const { code, stdout, stderr } = await running.finished;
    const record = recordOf(stdout);
    const lost =
      'the fault is in place without effect: link client->server: expected no connection to pass while it is cut, ' +
      `got 3 of 3 new connections and \\d of 3 held ones. Traffic that other policies on these pods allow stays allowed: ${SPACE}/allow-all.`;
    expect([code, record.status], stderr).toEqual([1, 'injected']);
    expect(record.cutShort).toMatch(new RegExp(`^${lost}$`));
    const tookMs = (record.removedAt ?? 0) - allowedAt;
    note(`allowed while held: gone after ${tookMs} ms, bound ${record.removal?.boundMs}; ${record.cutShort}`);
    // A third of the lease lies between two looks, and each takes its dials' 300 ms and more.
    expect(tookMs).toBeLessThan(LEASE_MS);
    // When the policy came is not known: the end may be as early as the last look that was still good.
    expect((record.removedAt ?? 0) - (record.removal?.boundMs ?? 0)).toBeLessThan(allowedAt + 1000);
    expect(await policies()).toEqual(['allow-all']);
  });

  it('is not injected where open connections are left alone, though no new one comes through', async () => {
    await enforce({ sparesEstablished: true });
    const running = bench.start(inject('2s'));
    await running.said('fault-applied');
    await until(
      'fresh ones fail',
      () => pods.talk('client-service'),
      ({ fresh }) => fresh.outcome !== 'ok',
    );
    const during = await pods.talk('client-service');
    expect(during.held.outcome).toBe('ok');
    const { code, stdout, stderr } = await running.finished;
    const record = recordOf(stdout);
    expect([code, record.status], stderr).toEqual([3, 'not-injected']);
    expect(record.injection).toMatchObject({
      held: '0 of 3 silent',
      fresh: '3 of 3 not let through',
      evidence: 'new connections of client->server fail, but 3 of 3 that were open before still pass data',
    });
    expect(await policies()).toEqual([]);
  });

  it('is ended by the keeper when the harness is killed', async () => {
    await enforce(EACH_PACKET);
    const running = bench.start(inject('5m'));
    await running.said('fault-injected');
    running.child.kill('SIGKILL');
    const killed = Date.now();
    await running.finished;
    await until('the policy', policies, (names) => names.length === 0);
    await sees(BOTH, 'good again', isGood);
    note(`keeper: good again ${Date.now() - killed} ms after SIGKILL of the harness`);
  });

  it('stays when harness and keeper are killed, until gauntlet recover', async () => {
    await enforce(EACH_PACKET);
    const running = bench.start(inject('5m'));
    await running.said('fault-injected');
    const keepers = bench.leftovers('keeper').map((line) => Number(line.split(' ')[0]));
    expect(keepers).toHaveLength(1);
    running.child.kill('SIGKILL');
    for (const pid of keepers) signalProcess(pid, 'SIGKILL');
    await running.finished;
    await sleep(LEASE_MS * 1.5);
    expect(await policies()).toHaveLength(1);
    await sees(BOTH, 'still cut', isCut);
    const started = Date.now();
    const run = await bench.run('recover', '--target', target());
    expect([run.code, run.stdout], run.stderr).toEqual([
      0,
      expect.stringMatching(/^undone {3}cut-link of run /),
    ]);
    expect(await policies()).toEqual([]);
    await sees(BOTH, 'good after recover', isGood);
    note(`recover: ${run.stdout.trim()}; good again after ${Date.now() - started} ms`);
    const again = await bench.run('recover', '--target', target());
    expect([again.code, again.stdout.trim()]).toEqual([0, 'Nothing to undo.']);
  });
});
