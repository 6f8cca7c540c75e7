/**
 * Undo that does not need the machine that started a fault, against a real API server: the harness dies with
 * its keeper and its disk, and another machine recovers with the target file alone. Machines are state
 * folders of their own.
 */
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restartPart } from '../../packages/test-cluster/src/cluster.ts';
import { killPod } from '../../src/chaos/faults/instances/kill-pod.ts';
import { createJournal, openEntries } from '../../src/chaos/healing/journal.ts';
import type { FaultOutcome } from '../../src/chaos/injector/fault-request.ts';
import type { JournalEntry } from '../../src/core/acts/cluster-journal.ts';
import type { PodSelector } from '../../src/core/acts/kubernetes-handle.ts';
import type { Platform } from '../../src/core/acts/platform.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { journalName } from '../../src/kube/guard/journal-store.ts';
import { MOST_BYTES } from '../../src/kube/guard/journal-text.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { ProbeWatch } from '../../src/targets/probes/probe-watch.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { injectOnce } from './support-chaos/inject-once.ts';
import { KubeBench, missing } from './support-kube/kube-bench.ts';

const bench = new KubeBench();
const machines: Bench[] = [];

function machine(): Bench {
  const made = new Bench();
  machines.push(made);
  return made;
}

interface Listed {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly holderIdentity?: string };
}

async function list(path: string): Promise<readonly Listed[]> {
  const { body } = await bench.admin.ask<{ items: Listed[] }>({ method: 'GET', path, what: `list ${path}` });
  return body.items;
}

const LEASES = (namespace: string): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
const MAPS = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;

/** Names of all ConfigMaps and Leases of a namespace. */
async function objects(namespace: string): Promise<readonly string[]> {
  const found = await Promise.all([LEASES, MAPS].map((path) => list(path(namespace))));
  return found.flat().map((one) => one.metadata.name);
}

/** The lines of the journals in a namespace. */
async function lines(namespace: string): Promise<readonly { kind: string; run?: string; name?: string }[]> {
  const texts = (await list(MAPS(namespace))).map((one) => one.data?.['journal.ndjson'] ?? '');
  return texts
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .map((line) => JSON.parse(line));
}

/** Harness and keeper are killed in the middle of a fault, and the disk of their machine is lost. */
async function loseMachine(target: string): Promise<string> {
  const lost = machine();
  const args = ['inject', 'kill-pod', 'service=web', '--target', target, '--yes'];
  const running = lost.start(args);
  await running.said('kill-pod: applied');
  const keepers = lost.leftovers('keeper').map((line) => Number(line.split(' ')[0]));
  expect(keepers).toHaveLength(1);
  for (const pid of keepers) signalProcess(pid, 'SIGKILL');
  running.child.kill('SIGKILL');
  await running.finished;
  expect(await lost.quiet(5000)).toEqual([]);
  rmSync(lost.folder, { recursive: true });
  return `${hostname()} pid ${running.child.pid}`;
}

/** So that no process table of this machine shows that the holder is dead. */
async function moveHolder(namespace: string): Promise<void> {
  const path = `${LEASES(namespace)}/gauntlet`;
  const body = { spec: { holderIdentity: 'elsewhere pid 7 99: inject kill-pod' } };
  await bench.admin.ask({ method: 'PATCH', path, what: 'move the holder', body });
}

describe.skipIf(missing !== null)(missing ?? 'recovery from another machine', () => {
  beforeAll(async () => await bench.up());
  afterAll(async () => {
    await bench.down();
    for (const one of [bench, ...machines]) expect(await one.quiet(5000)).toEqual([]);
    for (const one of machines) rmSync(one.folder, { recursive: true, force: true });
  });

  it('cleans up behind a machine that is lost, waiting out its lease, and only one of two that try does', async () => {
    const web = await bench.app('lost', 3);
    const target = bench.target('lost', { web });
    const before = await objects('lost');
    await loseMachine(target);
    await moveHolder('lost');
    expect((await objects('lost')).length - before.length).toBe(2);
    const doctor = await machine().run('doctor', '--target', target);
    const opened = await lines('lost');
    expect(opened.map((line) => line.kind)).toEqual(['journal', 'opened']);
    const run = opened[0]?.run ?? '';
    expect([doctor.code, doctor.stdout]).toEqual([
      69,
      expect.stringContaining(`FAIL  run ${run}: open: kill-pod`),
    ]);
    const startedAt = Date.now();
    const both = await Promise.all([
      machine().run('recover', '--target', target),
      machine().run('recover', '--target', target),
    ]);
    expect(Date.now() - startedAt).toBeGreaterThan(14_000);
    // Both may end with 0.
    const [winner, loser] = [...both].sort(
      (a, b) => Number(b.stdout.startsWith('undone')) - Number(a.stdout.startsWith('undone')),
    );
    expect([winner?.code, winner?.stdout]).toEqual([
      0,
      `undone   kill-pod of run ${run}: the old process is gone, 3 of 3 instances are ready\n` +
        `deleted  ConfigMap ${journalName(run)} in lost: nothing of run ${run} is open any more\n`,
    ]);
    // The second is refused, or finds nothing when the first was done before its look.
    if (loser?.code === 77) {
      expect(loser.stderr).toMatch(
        /^namespace lost: expected no other active run on this namespace, got \S+ \(pid \d+\): recover, since .*Z\. Wait until it ends\.\n$/,
      );
    } else expect([loser?.code, loser?.stdout]).toEqual([0, 'Nothing to undo.\n']);
    expect(await objects('lost')).toEqual(before);
    const again = await machine().run('recover', '--target', target, '--json');
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { undone: [], residue: [], finished: [] }]);
    expect(await objects('lost')).toEqual(before);
  });

  it('is done by the next run on the target, too', async () => {
    const target = bench.target('lost', { web: where('lost') });
    await bench.ready(where('lost'), 3);
    const before = await objects('lost');
    await loseMachine(target);
    const next = await machine().run('inject', 'kill-pod', 'service=web', '--target', target, '--yes');
    expect(next.code).toBe(0);
    expect(next.stderr).toMatch(
      /^undone from an earlier run: kill-pod of inject-\S+ \(the old process is gone,/m,
    );
    expect(await objects('lost')).toEqual(before);
  });

  it('is refused while the run lives, naming it, and nothing of that run is touched', async () => {
    const web = await bench.app('living', 2);
    const target = bench.target('living', { web });
    const before = await objects('living');
    const living = machine();
    const args = ['inject', 'restart-storm', 'service=web', '--for', '60s', '--target', target, '--yes'];
    const running = living.start(args);
    await running.said('restart-storm: applied');
    const refused = await machine().run('recover', '--target', target);
    expect([refused.code, refused.stdout]).toEqual([77, '']);
    const since = '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z';
    expect(refused.stderr).toMatch(
      new RegExp(
        `^namespace living: expected no other active run on this namespace, got ${hostname()} \\(pid ${running.child.pid}\\): ` +
          `inject restart-storm, since ${since}\\. Wait until it ends\\.\\n$`,
      ),
    );
    expect((await lines('living')).map((line) => line.kind)).toEqual(['journal', 'opened']);
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    expect(await objects('living')).toEqual(before);
  });

  it('need not fear what was never written: without the API server the fault is not injected', async () => {
    const web = await bench.app('down', 2);
    const pods = (await bench.ready(web, 2)).map((one) => one.uid).sort();
    const before = await objects('down');
    const platform = bench.platform({ web });
    let back: Promise<unknown> = Promise.resolve();
    const { clusterJournal } = platform;
    if (clusterJournal === undefined) throw new Error('the platform keeps no journal');
    const open = async (run: string, entry: JournalEntry): Promise<void> => {
      back = restartPart(bench.cluster, 'apiserver', 3000);
      await unreachable(platform);
      await clusterJournal.open(run, entry);
    };
    try {
      const { outcome, journal } = await inject({ ...platform, clusterJournal: { ...clusterJournal, open } });
      expect(outcome).toMatchObject({ status: 'not-injected', appliedAt: null });
      const where = `ConfigMap ${journalName('down')} in down at ${bench.cluster.server}`;
      expect(outcome.injection?.evidence).toMatch(
        new RegExp(
          `^its undo could not be written into the journal of the target: get ${where}: expected an answer, got .*\\.$`,
        ),
      );
      expect(openEntries(journal)).toEqual([]);
      await back;
      expect((await bench.ready(web, 2)).map((one) => one.uid).sort()).toEqual(pods);
      expect(await objects('down')).toEqual(before);
    } finally {
      await back;
      platform.close?.();
    }
  });

  it('has room for as much as the limit says, which the API server accepts', async () => {
    const web = await bench.app('full', 1);
    const platform = bench.platform({ web });
    try {
      const data = '"'.repeat((MOST_BYTES - 600) / 2);
      const entry = { id: 'a', name: 'a', fault: 'a', undo: { fault: 'a', data }, ttlMs: 1 };
      await platform.clusterJournal?.open('full', entry);
      expect((await platform.clusterJournal?.list())?.[0]?.open).toEqual([entry]);
      await expect(platform.clusterJournal?.open('full', { ...entry, id: 'b' })).rejects.toThrow(
        /^journal of run full: expected at most 1,000,000 bytes of open undos/,
      );
      await platform.clusterJournal?.finish('full');
      expect(await platform.clusterJournal?.list()).toEqual([]);
    } finally {
      platform.close?.();
    }
  });
});

const where = (namespace: string): PodSelector => ({ namespace, selector: 'app.kubernetes.io/name=web' });

async function unreachable({ client }: { client: KubeBench['admin'] }): Promise<void> {
  for (;;) {
    try {
      await client.ask({ method: 'GET', path: '/version', what: 'look', deadlineMs: ms(500) });
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As `gauntlet inject` does it, in this process. */
async function inject(platform: Platform): Promise<{ outcome: FaultOutcome; journal: string }> {
  const { folder, state } = machine();
  const journal = join(folder, 'journal.ndjson');
  const parsed = killPod.parse({ service: 'web' });
  if (!parsed.ok) throw new Error('the block does not parse');
  const feed = new ProbeWatch({ topology: platform.topology, clock: monotonicClock });
  const spec = parsed.spec as unknown as Readonly<Record<string, unknown>>;
  try {
    const outcome = await injectOnce({
      planned: { name: 'kill-pod', kind: 'kill-pod', spec, written: '', holdMs: null },
      world: { platform, clock: monotonicClock, rng: seededRng(1) },
      feed,
      journal: createJournal({
        path: journal,
        places: { cache: folder, state },
        run: 'down',
        platform: platform.handle,
        clock: monotonicClock,
      }),
    });
    return { outcome, journal };
  } finally {
    await feed.stop();
  }
}
