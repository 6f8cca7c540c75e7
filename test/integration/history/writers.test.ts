/** Writers at the same time, as processes: two machines, or two nightlies on one. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anotherMachine, git, newFolder, newHub, open, type Place, type Written, write } from './rig.ts';

const NAMES = ['a', 'b', 'c'];

function keptBy(writers: readonly Written[]): readonly string[] {
  expect(writers.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(writers.map(() => [0, '']));
  return writers.flatMap((one) => one.kept).sort();
}

const nightsOf = async (where: string, place: Place): Promise<readonly string[]> =>
  (await open(where, place))
    .nights()
    .map((night) => night.id)
    .sort();

describe('writers at the same time', () => {
  it('make one history in a folder and lose nothing', async () => {
    const place = { cwd: newFolder(), state: newFolder() };
    const where = join(newFolder(), 'h');
    const ids = keptBy(await Promise.all(NAMES.map((name) => write(where, place, name, { count: 8 }))));
    expect(ids).toHaveLength(24);
    expect(await nightsOf(where, place)).toEqual(ids);
  }, 60_000);

  it('of the same night add it once', async () => {
    const place = { cwd: newFolder(), state: newFolder() };
    const where = join(newFolder(), 'h');
    const writers = await Promise.all(NAMES.map(() => write(where, place, 'same', { count: 4 })));
    expect(await nightsOf(where, place)).toEqual([...new Set(keptBy(writers))]);
    expect(await nightsOf(where, place)).toHaveLength(4);
  }, 60_000);

  it('on several machines make one branch, in which each has pushed all of its nights: no conflict, no merge', async () => {
    const hub = newHub();
    const machines = [hub, anotherMachine(hub), anotherMachine(hub)];
    const writers = await Promise.all(
      machines.map((machine, at) => write('git:nights', machine, NAMES[at] ?? '', { count: 4 })),
    );
    const ids = keptBy(writers);
    expect(ids).toHaveLength(12);
    expect(await nightsOf('git:nights', anotherMachine(hub))).toEqual(ids);
    const paths = git(hub.remote, 'ls-tree', '-r', '--name-only', 'nights').trim().split('\n');
    expect(paths).toHaveLength(13);
    expect(git(hub.remote, 'log', '--merges', '--oneline', 'nights')).toBe('');
    expect(git(hub.remote, 'fsck', '--strict', '--no-dangling')).toBe('');
  }, 120_000);

  it('on one machine share what waits to be pushed, and push it once', async () => {
    const hub = newHub();
    const writers = await Promise.all(NAMES.map((name) => write('git:nights', hub, name, { count: 3 })));
    const ids = keptBy(writers);
    expect(await nightsOf('git:nights', hub)).toEqual(ids);
    expect(git(hub.remote, 'ls-tree', '-r', '--name-only', 'nights').trim().split('\n')).toHaveLength(10);
  }, 120_000);
});
