/** CPU limits of containers, against an engine in memory and folders as the kernel's. Both are real in test/e2e. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GauntletError } from '../../../src/core/errors.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { victimIn } from '../../../src/targets/docker/containers.ts';
import { dockerCpuLimits, type Find } from '../../../src/targets/docker/docker-cpu-limits.ts';
import { type OneEngine, oneEngine } from '../../../src/targets/docker/one-engine.ts';
import { type FakeContainer, FakeEngine } from '../../fakes/fake-engine.ts';

const NONE = { quotaUs: null, periodUs: 100_000 };
const THIRD = { quotaUs: 3333, periodUs: 10_000 };

let folder: string;
let engine: FakeEngine;
let one: OneEngine;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-limits-'));
  engine = new FakeEngine();
  await engine.listen(join(folder, 's'));
  one = oneEngine({ socket: join(folder, 's'), engine: 'ENGINE-1' });
});
afterEach(async () => {
  one.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const maxOf = (container: FakeContainer): string => join(folder, container.id, 'cpu.max');
const limit = (container: FakeContainer): string => readFileSync(maxOf(container), 'utf8').trim();

function add(): FakeContainer {
  const container = engine.add('web');
  mkdirSync(join(folder, container.id));
  writeFileSync(maxOf(container), 'max 100000\n');
  writeFileSync(
    join(folder, container.id, 'cpu.stat'),
    'usage_usec 4000\nnr_throttled 2\nthrottled_usec 900\n',
  );
  return container;
}

const inFolder: Find = (_, { id }) => ({ version: 2, folder: join(folder, id) });
const acts = (find?: Find) =>
  dockerCpuLimits({ services: { web: { service: 'web', restart: null } } }, one, monotonicClock, find);
const victimOf = ({ name, id, startTime }: FakeContainer) =>
  victimIn('web', { name, id, startTime } as Parameters<typeof victimIn>[1]);

describe('the CPU limit of a container', () => {
  it('is read with its counts, set, and set back by another process', async () => {
    const web = add();
    const counts = { cpuMs: 4, heldMs: 0.9, heldPeriods: 2 };
    expect(await acts(inFolder).list('web')).toEqual([{ ...victimOf(web), ...counts, limit: NONE }]);
    expect(await acts(inFolder).set(victimOf(web), NONE, THIRD)).toBe('set');
    expect(limit(web)).toBe('3333 10000');
    expect(await acts(inFolder).heldPeriods(victimOf(web))).toBe(0);
    expect(await acts(inFolder).set(victimOf(web), THIRD, NONE)).toBe('set');
    expect(await acts(inFolder).set(victimOf(web), THIRD, NONE)).toBe('set');
    expect(limit(web)).toBe('max 100000');
    expect(engine.acts).toEqual([]);
  });

  it('that another party has set stays', async () => {
    const web = add();
    writeFileSync(maxOf(web), '50000 100000\n');
    expect(await acts(inFolder).set(victimOf(web), THIRD, NONE)).toBe('foreign');
    expect(limit(web)).toBe('50000 100000');
  });

  it.each([
    ['was started again', (web: FakeContainer) => Object.assign(web, { startTime: '2026-11-29T21:00:00Z' })],
    ['has ended', (web: FakeContainer) => Object.assign(web, { running: false })],
    ['was made anew', () => engine.containers.splice(0, 1)],
  ])('is not touched when the container %s', async (_, change) => {
    const web = add();
    const victim = victimOf(web);
    change(web);
    expect(await acts(inFolder).set(victim, NONE, THIRD)).toBe('gone');
    expect(await acts(inFolder).heldPeriods(victim)).toBeNull();
    expect(limit(web)).toBe('max 100000');
  });

  it('is taken back from a run that began between the look and the write', async () => {
    const web = add();
    const victim = victimOf(web);
    const late: Find = (...given) => {
      web.startTime = '2026-11-29T21:00:00Z';
      return inFolder(...given);
    };
    expect(await acts(late).set(victim, NONE, THIRD)).toBe('gone');
    expect(limit(web)).toBe('max 100000');
  });

  it('of a run that ends meanwhile is over; of one that runs, an error', async () => {
    const web = add();
    const lost: Find = () => {
      throw new Error('ENOENT');
    };
    await expect(acts(lost).set(victimOf(web), NONE, THIRD)).rejects.toThrow('ENOENT');
    const ending: Find = () => {
      web.running = false;
      throw new Error('ENOENT');
    };
    expect(await acts(ending).set(victimOf(web), NONE, THIRD)).toBe('gone');
  });

  it('is refused where the process of the container is not one of this machine', async () => {
    const web = engine.add('web', { pid: process.pid });
    const error = await acts()
      .list('web')
      .catch((thrown: unknown) => thrown);
    expect(error instanceof GauntletError ? error.message : error).toBe(
      `${web.name} (container 00000000): expected a CPU limit that can be set, got none: pid ${process.pid}, which the engine names, is not its process here. Run Gauntlet as root on the machine of the engine, outside of containers: the limit is set in its kernel.`,
    );
  });
});
