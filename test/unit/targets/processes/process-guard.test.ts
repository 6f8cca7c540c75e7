import { describe, expect, it } from 'vitest';
import type { ActName } from '../../../../src/core/acts/act-names.ts';
import { formatProblem } from '../../../../src/core/errors.ts';
import { processGuard } from '../../../../src/targets/processes/process-guard.ts';

const victim = { service: 'web', instance: 'web-1', pid: 7, startTicks: '70' };
const PAUSE: readonly ActName[] = ['instances.list', 'instances.stop'];
const KILL: readonly ActName[] = ['instances.signal'];
const STRESS: readonly ActName[] = ['stress.begin'];
const MEMORY: readonly ActName[] = ['memory.means', 'memory.begin'];

/** @param uids real, effective and saved; null: it has ended. */
const status = (uids: readonly number[] | null, capEff = '0000000000000000') =>
  uids === null ? undefined : `Name:\tnode\nUid:\t${[...uids, uids[1]].join('\t')}\nCapEff:\t${capEff}\n`;

async function refused(
  acts: readonly ActName[],
  theirs: readonly number[] | null,
  ours: { readonly uids?: readonly number[]; readonly capEff?: string } = {},
): Promise<readonly string[]> {
  const { uids = [1000, 1000, 1000], capEff } = ours;
  const guard = processGuard((which) => (which === 'self' ? status(uids, capEff) : status(theirs)));
  return (await guard.refusals([victim], acts)).map(formatProblem);
}

const of = (right: string): string =>
  `web-1 (pid 7): expected the right to ${right}, got a process of user 33, and Gauntlet runs as user 1000. ` +
  'Run Gauntlet as the user of the services, or as root.';

describe('the right over a process', () => {
  it('is there for those of the same user', async () => {
    for (const acts of [PAUSE, KILL, STRESS, MEMORY])
      expect(await refused(acts, [1000, 1000, 1000])).toEqual([]);
  });

  it('is missing for those of another user, with the way out', async () => {
    expect(await refused(PAUSE, [33, 33, 33])).toEqual([of('signal it')]);
    expect(await refused([...KILL, ...STRESS], [33, 33, 33])).toEqual([
      of('signal it'),
      of('choose its CPUs'),
    ]);
  });

  it('comes with the capability for each act', async () => {
    expect(await refused(KILL, [33, 33, 33], { capEff: '0000000000000020' })).toEqual([]);
    expect(await refused(STRESS, [33, 33, 33], { capEff: '0000000000000020' })).toEqual([
      of('choose its CPUs'),
    ]);
    expect(await refused([...KILL, ...STRESS], [33, 33, 33], { capEff: '0000000000800020' })).toEqual([]);
  });

  it('over a program that changes its user is as the kernel has it', async () => {
    // Signals ask for the real or the saved user, the scheduler for the real or the effective one.
    expect(await refused(KILL, [33, 1000, 33])).toEqual([of('signal it')]);
    expect(await refused(STRESS, [33, 1000, 33])).toEqual([]);
    expect(await refused(KILL, [33, 33, 1000])).toEqual([]);
    expect(await refused(STRESS, [33, 33, 1000])).toEqual([of('choose its CPUs')]);
  });

  it('to move it between memory cgroups is that of root or of its own user, and no capability gives it', async () => {
    const all = '000001ffffffffff';
    const missing = [of('move it to another memory cgroup')];
    expect(await refused(MEMORY, [33, 33, 33], { capEff: all })).toEqual(missing);
    expect(await refused(MEMORY, [33, 33, 33], { uids: [1000, 0, 0] })).toEqual([]);
    expect(await refused(MEMORY, [1000, 33, 1000])).toEqual([
      missing[0]?.replace('user 33', 'user 1000') ?? '',
    ]);
  });

  it('is not asked for acts that only read, nor over a process that has ended', async () => {
    expect(await refused(['instances.list', 'stress.means'], [33, 33, 33])).toEqual([]);
    expect(await refused(KILL, null)).toEqual([]);
  });
});
