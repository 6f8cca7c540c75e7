/** The containers of a Compose service as a workload, against an engine in memory. The real one is in test/e2e. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Workload, WorkloadActs, WorkloadState } from '../../../src/core/acts/workload-acts.ts';
import { workloadOf } from '../../../src/core/acts/workload-acts.ts';
import { ms } from '../../../src/core/units.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { dockerWorkloads } from '../../../src/targets/docker/docker-workloads.ts';
import { type OneEngine, oneEngine } from '../../../src/targets/docker/one-engine.ts';
import { type FakeContainer, FakeEngine } from '../../fakes/fake-engine.ts';

let folder: string;
let engine: FakeEngine;
let one: OneEngine;
let acts: WorkloadActs;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-workloads-'));
  engine = new FakeEngine();
  await engine.listen(join(folder, 's'));
  one = oneEngine({ socket: join(folder, 's'), engine: 'ENGINE-1' });
  const services = { web: { service: 'web', restart: null } };
  acts = dockerWorkloads({ services }, one, monotonicClock);
});
afterEach(async () => {
  one.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Eleven sorts after two only as a number. */
const add = (number: number, over: Partial<FakeContainer> = {}): FakeContainer => {
  const labels = { 'com.docker.compose.container-number': String(number) };
  return engine.add('web', { name: `shop-web-${number}`, labels, ...over });
};
const running = (): readonly string[] =>
  engine.containers.filter((each) => each.running).map((each) => each.name);

async function only(): Promise<WorkloadState> {
  const [found] = await acts.list('web');
  if (found === undefined) throw new Error('no workload');
  return found;
}

const identity = async (): Promise<Workload> => workloadOf(await only());

describe('the containers of a Compose service', () => {
  it('are a workload with as many as run, and no more than exist', async () => {
    add(1);
    add(2);
    expect(await only()).toMatchObject({
      ...{ service: 'web', kind: 'Compose service', name: 'web', namespace: 'shop' },
      ...{ replicas: 2, most: 2, setBy: null, noRestart: { fix: 'Use restart-storm or kill-pod.' } },
    });
    expect(await acts.list('web')).toHaveLength(1);
    engine.containers = [];
    expect(await acts.list('web')).toEqual([]);
  });

  it('of which one does not run have a number that is not ours to set', async () => {
    add(1);
    add(2, { running: false });
    expect((await only()).setBy?.why).toBe('shop-web-2, which does not run');
  });

  it('are stopped from the last one on, and started again, any number of times', async () => {
    for (const number of [11, 1, 2]) add(number);
    const workload = await identity();
    expect(await acts.scale(workload, 3, 1)).toBe('set');
    expect(running()).toEqual(['shop-web-1']);
    expect(await acts.read(workload)).toMatchObject({ replicas: 1, uid: workload.uid });
    for (const _ of [1, 2]) {
      expect(await acts.scale(workload, 1, 3)).toBe('set');
      expect(await acts.read(workload)).toMatchObject({ replicas: 3 });
    }
    const starts = engine.acts.filter((act) => act.endsWith('/start'));
    expect(starts.sort()).toEqual([
      'POST /containers/shop-web-11/start',
      'POST /containers/shop-web-2/start',
    ]);
  });

  it('can all be stopped, and the service is still known', async () => {
    add(1);
    const workload = await identity();
    expect(await acts.scale(workload, 1, 0)).toBe('set');
    expect(running()).toEqual([]);
    expect(await acts.list('web')).toMatchObject([{ uid: workload.uid, replicas: 0 }]);
    await acts.scale(workload, 0, 1);
    expect(running()).toEqual(['shop-web-1']);
  });

  it('are not stopped when their number has changed since', async () => {
    add(1);
    const second = add(2);
    const workload = await identity();
    second.running = false;
    expect(await acts.scale(workload, 2, 1)).toBe('changed');
    expect(engine.acts).toEqual([]);
  });

  it('that were made anew are another workload, and are not touched', async () => {
    add(1);
    const workload = await identity();
    engine.containers = [];
    add(1, { running: false });
    expect(await acts.read(workload)).toBeNull();
    expect(await acts.scale(workload, 0, 1)).toBe('gone');
    expect(running()).toEqual([]);
  });

  it('are started again when the stop of a dead harness ends only after the undo has begun', async () => {
    const web = add(1);
    const workload = await identity();
    engine.isDraining = true;
    await acts.scale(workload, 1, 0);
    expect(running()).toEqual(['shop-web-1']);
    let looks = 0;
    const clock = {
      ...monotonicClock,
      now: () => monotonicClock.now(),
      async sleep() {
        looks += 1;
        if (looks === 3) web.running = false;
      },
    };
    const services = { web: { service: 'web', restart: null } };
    expect(await dockerWorkloads({ services }, one, clock).scale(workload, 0, 1)).toBe('set');
    expect(looks).toBe(3);
    expect(engine.acts.at(-1)).toBe('POST /containers/shop-web-1/start');
  });

  it('that were never stopped are waited for as long as a stop may take, and left alone', async () => {
    add(1, { stopTimeout: 2 });
    const workload = await identity();
    let now = monotonicClock.now();
    const clock = {
      ...monotonicClock,
      now: () => now,
      async sleep(duration: number) {
        now = (now + duration) as typeof now;
      },
    };
    const from = now;
    const services = { web: { service: 'web', restart: null } };
    await dockerWorkloads({ services }, one, clock).scale(workload, 0, 1);
    expect(now - from).toBe(ms(7000));
    expect(engine.acts).toEqual([]);
  });

  it('are not replaced in turn', async () => {
    add(1);
    await expect(acts.roll(await identity(), 'mark')).rejects.toMatchObject({
      kind: 'refused',
      problems: [{ got: 'a Docker engine, which replaces no containers in turn' }],
    });
  });

  it('that the engine does not stop are reported at once', async () => {
    add(1);
    const workload = await identity();
    engine.refuseNext = { status: 500, message: 'cannot stop container: permission denied' };
    await expect(acts.scale(workload, 1, 0)).rejects.toThrow('permission denied');
  });
});
