/**
 * cpu-stress by Chaos Mesh in real containers under a real kubelet. The controller is a STAND-IN (support-kube/chaos-stand-in.ts):
 * Chaos Mesh itself cannot be built here. What it starts in the victim really burns CPU there, and the counts are the kernel's.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { TEST_CONTEXT } from '../../packages/test-cluster/src/state/fake-nodes.ts';
import { createJournal } from '../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../src/chaos/healing/recover.ts';
import type { PlatformHandle } from '../../src/core/acts/platform.ts';
import type { FaultRecord } from '../../src/core/result.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { type Exec, execWith } from '../../src/kube/client/exec.ts';
import { openKubeconfig } from '../../src/kube/client/kubeconfig.ts';
import { EXTRA_ACTS, usualActs } from '../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../src/kube/guard/rbac.ts';
import { openKubePlatform } from '../../src/kube/kube-platform.ts';
import { thisHolder } from '../../src/system/holder.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import { ProbeWatch } from '../../src/targets/probes/probe-watch.ts';
import { plannedFault } from '../programs/planned-fault.ts';
import { injectOnce } from './support-chaos/inject-once.ts';
import { ChaosStandIn, type Hand } from './support-kube/chaos-stand-in.ts';
import { KubeBench, OPT_IN } from './support-kube/kube-bench.ts';
import { lacksNode as lacks } from './support-kube/real-node.ts';

const bench = new KubeBench('node');

const SPACE = 'stress';
const SERVICES = Object.fromEntries(
  ['busy', 'idle', 'free'].map((app) => [app, { namespace: SPACE, selector: `app=${app}` }]),
);
const places = { cache: bench.folder, state: bench.state };
/** No process has this pid: pid_max is 2^22 on 64-bit Linux. */
const DEAD = { ...thisHolder(), pid: 2 ** 22 + 1 };
/** The image of the test cluster holds one binary; the shell is that of the machine, with its libraries. */
const SHELL = { usr: '/usr', lib: '/usr/lib', lib64: '/usr/lib64' } as const;
const volumes = [
  ...Object.entries(SHELL).map(([name, path]) => ({ name, hostPath: { path } })),
  { name: 'stop', emptyDir: {} },
];
const volumeMounts = [
  ...Object.keys(SHELL).map((name) => ({ name, mountPath: `/${name}`, readOnly: true })),
  { name: 'stop', mountPath: '/stop' },
];
const COUNT = 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done';
/** Some ms of work, then a pause, in one process: what begins and ends between two readings would not be counted. */
const WORK = `mkfifo /stop/never; exec 3<>/stop/never; while :; do ${COUNT}; read -t 0.03 -u 3; done`;

let mesh: ChaosStandIn;
let exec: Exec;
let runs = 0;

async function deploy(app: string, script: string, limits?: object): Promise<void> {
  const labels = { app };
  const container = {
    name: 'c',
    image: 'localhost/testpod:1',
    imagePullPolicy: 'Never',
    command: ['bash', '-c', script],
    volumeMounts,
    ...(limits && { resources: { limits, requests: { cpu: '10m' } } }),
  };
  await bench.create(`/apis/apps/v1/namespaces/${SPACE}/deployments`, {
    metadata: { name: app },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [container], volumes },
      },
    },
  });
}

/** Spinners as stress-ng's are: in the container's control group and pid namespace, started by nobody in it. */
class Spinners implements Hand {
  readonly #running = new Map<string, Promise<unknown>[]>();

  async apply(id: string, { metadata, spec }: Parameters<Hand['apply']>[1]): Promise<void> {
    const stop = `/stop/${metadata?.name}`;
    const burn = `while [ ! -e ${stop} ]; do ${COUNT}; done`;
    const workers = Array.from({ length: spec?.stressors?.cpu?.workers ?? 0 }, () =>
      this.#run(id, burn, 120_000),
    );
    this.#running.set(stop, workers);
  }

  async recover(id: string, { metadata }: Parameters<Hand['apply']>[1]): Promise<void> {
    await this.end(id, `/stop/${metadata?.name}`);
  }

  /** Whatever burns anywhere: of objects that were not recovered. */
  async endAll(id: string): Promise<void> {
    for (const stop of this.#running.keys()) await this.end(id, stop);
  }

  async end(id: string, stop: string): Promise<void> {
    await this.#run(id, `: > ${stop}`, 20_000);
    await Promise.all(this.#running.get(stop) ?? []);
    this.#running.delete(stop);
  }

  async #run(id: string, script: string, deadlineMs: number): Promise<void> {
    const [namespace = '', pod = '', container = ''] = id.split('/');
    const command = ['sh', '-c', script];
    const { exitCode, why, stderr } = await exec({
      namespace,
      pod,
      container,
      command,
      deadlineMs: ms(deadlineMs),
    });
    if (exitCode !== 0) throw new Error(`${script}: ${exitCode} ${why} ${stderr}`);
  }
}
const hand = new Spinners();

function target(name: string, kubeconfig = bench.cluster.kubeconfig): string {
  const kubernetes = { context: TEST_CONTEXT, kubeconfig, services: SERVICES, backend: 'chaos-mesh' };
  const file = join(bench.folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ name, platform: 'kubernetes', kubernetes, policy: { optIn: true } }));
  return file;
}

const command = (service: string, ...more: string[]): string[] => [
  ...['inject', 'cpu-stress', `service=${service}`, '--yes', '--json', ...more],
];

function handle(): PlatformHandle {
  const { kubeconfig } = bench.cluster;
  return {
    platform: 'kubernetes',
    identity: bench.identity,
    kubernetes: {
      kubeconfig,
      context: TEST_CONTEXT,
      services: SERVICES,
      chaosMesh: { probesFrom: [], crossedBy: {} },
    },
  };
}

/** One fault with short times, in this process, whose journal is that of a dead one. */
async function inject(service: string, hold: string, meanwhile?: () => void): Promise<FaultRecord> {
  runs += 1;
  const path = join(bench.folder, `run-${runs}`, 'journal.ndjson');
  const platform = openKubePlatform(handle());
  const journal = createJournal({
    path,
    places,
    run: `r${runs}`,
    platform: handle(),
    clock: monotonicClock,
    owner: DEAD,
  });
  const feed = new ProbeWatch({ topology: platform.topology, clock: monotonicClock });
  try {
    const record = await injectOnce({
      planned: plannedFault('cpu-stress', { service, for: hold }),
      world: { platform, clock: monotonicClock, rng: seededRng(1) },
      feed,
      journal,
      report: (event) => {
        if (event.kind === 'fault-injected') meanwhile?.();
      },
      removalTimeoutMs: ms(8000),
    });
    note(record);
    return record;
  } finally {
    await feed.stop();
    platform.close?.();
  }
}

const note = (record: Pick<FaultRecord, 'status' | 'injection' | 'removal'>): void => {
  const { status, injection, removal } = record;
  process.stderr.write(`${status}: ${injection?.evidence}\n  ${removal?.evidence}\n`);
};
const recover = () => recoverAll({ places, openPlatform, removalTimeoutMs: ms(15_000) });
async function idOfBusy(): Promise<string> {
  const [pod] = await bench.ready(SERVICES['busy'] ?? { namespace: '', selector: '' }, 1);
  return `${SPACE}/${pod?.name}/c`;
}

describe.skipIf(lacks !== null)(lacks ?? 'cpu-stress by Chaos Mesh (a stand-in for its controller)', () => {
  beforeAll(async () => {
    await bench.up();
    exec = execWith(openKubeconfig(bench.cluster.kubeconfig, TEST_CONTEXT));
    mesh = new ChaosStandIn(bench.admin, 'StressChaos', hand);
    await mesh.install();
    await bench.create('/api/v1/namespaces', { metadata: { name: SPACE, labels: OPT_IN } });
    await deploy('busy', WORK, { cpu: '500m' });
    await deploy('idle', 'while :; do sleep 60; done', { cpu: '500m' });
    await deploy('free', WORK);
    for (const where of Object.values(SERVICES)) await bench.ready(where, 1);
  });
  afterAll(async () => {
    await mesh.stop();
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });
  beforeEach(() => {
    mesh.conduct = 'works';
  });

  it('is seen in the counts of the kernel and gone from them, and no object stays', async () => {
    const run = await bench.run(...command('busy', '--for', '2s'), '--target', target('stress'));
    if (run.stdout === '') throw new Error(run.stderr);
    const record = JSON.parse(run.stdout) as FaultRecord;
    note(record);
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(
      /^every record reports Injected; busy-\S+ \(uid \w{8}, container c \w{8}\) waited .* ms per ms \(before .*, predicted 5 more, seen from .*\), next to it sh \(pid \d+\), sh \(pid \d+\) used .*; no probe reaches this service$/,
    );
    expect(record.removal?.evidence).toMatch(/^no object is left; busy-.*, nothing else used its CPU$/);
    expect(mesh.seen.at(-1)?.spec).toMatchObject({
      mode: 'all',
      containerNames: ['c'],
      stressors: { cpu: { workers: 2, load: 100 } },
      duration: '62s',
    });
    expect(await mesh.objects()).toEqual([]);
  });

  it('is not injected when every record says so and nothing burns', async () => {
    mesh.conduct = 'lies';
    const record = await inject('busy', '1s');
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^every record reports Injected; .*, nothing else used its CPU$/,
    );
    expect(await mesh.objects()).toEqual([]);
  });

  it('is not injected when a record is not, or when no controller handles the object', async () => {
    mesh.conduct = 'fails';
    expect((await inject('busy', '1s')).injection?.evidence).toMatch(
      /^the act failed: after 8 s StressChaos stress\/gauntlet-cpu-stress-\S+-0: 1 of 1 records not injected: stress\/busy-\S+\/c is Not Injected \(injected 0, recovered 0, Apply failed: Error: chaos-daemon is unavailable\)$/,
    );
    mesh.conduct = 'dead';
    expect((await inject('busy', '1s')).injection?.evidence).toContain(
      'no record and no finalizer: no Chaos Mesh controller works on it',
    );
    expect(await mesh.objects()).toEqual([]);
  });

  it('is not injected in an idle victim, however much CPU other processes use', async () => {
    const record = await inject('idle', '1s');
    expect(record.status).toBe('not-injected');
    // Once a minute its shell starts another sleep, and does a millisecond or two of work.
    expect(record.injection?.evidence).toMatch(
      /( is idle \(used .*\)| was idle before and used .*), so no effect can be measured, next to it sh \(pid \d+\), /,
    );
    expect(await mesh.objects()).toEqual([]);
  });

  it('is residue while a record is not recovered, and healed by recover when it can be', async () => {
    const record = await inject('busy', '1s', () => {
      mesh.conduct = 'fails';
    });
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toContain('Recover failed: chaos-daemon is unavailable');
    mesh.conduct = 'works';
    const { undone, residue } = await recover();
    expect([undone.length, residue]).toEqual([1, []]);
    expect(await mesh.objects()).toEqual([]);
  });

  it('is residue, also for a later recover, when every record says recovered and spinners still run', async () => {
    const record = await inject('busy', '1s', () => {
      mesh.conduct = 'lies';
    });
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toMatch(
      /^no object is left; busy-.*: next to it sh \(pid \d+\), .* used .* since the end$/,
    );
    const later = await recover();
    expect(later.residue[0]?.evidence).toMatch(/next to it sh \(pid \d+\), .* since the end$/);
    await hand.endAll(await idOfBusy());
    expect((await recover()).residue).toEqual([]);
  });

  it('is healed by the keeper when the harness is killed', async () => {
    const running = bench.start([...command('busy', '--for', '60s'), '--target', target('killed')]);
    await running.said('fault-injected');
    expect(await mesh.objects()).toHaveLength(1);
    running.child.kill('SIGKILL');
    for (let left = 300; left > 0 && (await mesh.objects()).length > 0; left -= 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await mesh.objects()).toEqual([]);
    while ((await bench.quiet(100, 'keeper')).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const run = await bench.run('recover');
    expect([run.code, run.stdout.trim()]).toEqual([0, 'Nothing to undo.']);
  });

  it('is refused for a container without a limit, for too few spinners, and listed by doctor where it works', async () => {
    const free = await bench.run(...command('free', '--for', '1s'), '--target', target('stress'));
    expect(free.code).toBe(77);
    expect(free.stderr).toMatch(
      /cpu-stress on free-\S+ \(uid \w{8}, container c \w{8}\): expected a CPU limit of the container \(resources\.limits\.cpu\), which its spinners share, got none\. Give the container a limit/,
    );
    const doctor = await bench.run('doctor', '--target', target('stress'));
    expect(doctor.stdout).toMatch(/^ {2}cpu-stress +works {2}would take busy-/m);
    expect(await mesh.objects()).toEqual([]);
  });

  it('works with exactly the rights that gauntlet rbac --also stress prints', async () => {
    const acts = [...usualActs('chaos-mesh'), ...(EXTRA_ACTS['stress'] ?? [])];
    for (const [target, some] of [
      ['stress-rights', acts],
      ['stress-less', usualActs('chaos-mesh')],
    ] as const) {
      const manifest = rbacManifest({ target, services: SERVICES, linksBy: 'chaos-mesh', acts: some });
      for (const document of parseAllDocuments(manifest)) {
        const object = document.toJS() as { kind: string; metadata: { namespace: string } };
        const api = object.kind === 'ServiceAccount' ? '/api/v1' : '/apis/rbac.authorization.k8s.io/v1';
        const path = `${api}/namespaces/${object.metadata.namespace}/${object.kind.toLowerCase()}s`;
        await bench.create(path, object);
      }
    }
    const as = async (account: string): Promise<string> =>
      target(account, bench.kubeconfig(account, { token: await bench.tokenOf(SPACE, account) }));
    const run = await bench.run(
      ...command('busy', '--for', '1s'),
      '--target',
      await as('gauntlet-stress-rights'),
    );
    if (run.stdout === '') throw new Error(run.stderr);
    expect((JSON.parse(run.stdout) as FaultRecord).status).toBe('injected');
    const less = await bench.run(
      ...command('busy', '--for', '1s'),
      '--target',
      await as('gauntlet-stress-less'),
    );
    expect(less.code).toBe(77);
    expect(less.stderr).toContain(
      'expected patch pods/ephemeralcontainers, got no. The minimal Role that Gauntlet needs: gauntlet rbac <target> --also stress',
    );
  });
});
