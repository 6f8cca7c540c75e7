/**
 * A writer is killed (SIGKILL) before and after each change of the disk, in the middle of each write, and around each git that it
 * starts: at some of these steps, with HISTORY_KILLS=all at every one (5 minutes).
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder, newHub, open, type Place, write } from './rig.ts';

const isAll = process.env['HISTORY_KILLS'] === 'all';

/** What a kill at one step has broken; empty: nothing. */
async function brokenBy(dieAt: number, where: string, place: Place): Promise<readonly string[]> {
  const broken: string[] = [];
  const one = await write(where, place, 'killed', { dieAt });
  if (one.signal !== 'SIGKILL') broken.push(`was not killed: ${one.stderr}`);
  // Only one that begins again may find no history: the kill came before its first file.
  const next = await write(where, place, 'next');
  if (next.exitCode !== 0) broken.push(`the next writer fails: ${next.stderr}`);
  const history = await open(where, place);
  broken.push(...history.problems().map((problem) => JSON.stringify(problem)));
  const ids = broken.length === 0 ? history.nights().map((night) => night.id) : [];
  for (const id of [...one.kept, ...next.published]) if (!ids.includes(id)) broken.push(`lost ${id}`);
  if (new Set(ids).size !== ids.length || ids.length > 2) broken.push(`double: ${ids.join(' ')}`);
  // The killed one is run again, as a scheduler does.
  const again = await write(where, place, 'killed');
  if (again.exitCode !== 0) broken.push(`the same writer fails: ${again.stderr}`);
  const after = await open(where, place);
  const all = after.problems().length === 0 ? after.nights().map((night) => night.id) : [];
  if (all.length !== 2) broken.push(`expected 2 nights at last, got ${all.join(' ')}`);
  return broken.map((text) => `step ${dieAt}: ${text}`);
}

/** @param decisive names of steps that are never left out. */
async function chosenSteps(
  where: string,
  place: Place,
  decisive: RegExp,
  stride: number,
): Promise<readonly number[]> {
  const { steps, stderr } = await write(where, place, 'count', { dieAt: 'count' });
  expect(stderr).toBe('');
  const chosen = steps.flatMap((name, at) =>
    isAll || decisive.test(name) || at % stride === 0 ? [at + 1] : [],
  );
  expect(chosen.length).toBeGreaterThan(8);
  return chosen;
}

describe('a writer that is killed', () => {
  it('at a step leaves a folder in which nothing is lost, nothing double, and the next one works', async () => {
    const place = { cwd: newFolder(), state: newFolder() };
    const broken: string[] = [];
    for (const at of await chosenSteps(join(newFolder(), 'h'), place, /half|renameSync/, 9))
      broken.push(...(await brokenBy(at, join(newFolder(), 'h'), place)));
    expect(broken).toEqual([]);
  }, 240_000);

  it('at a step leaves a branch in which nothing is lost, nothing double, and the next one works', async () => {
    const broken: string[] = [];
    for (const at of await chosenSteps('git:nights', newHub(), /half|(during|after) git push/, 60))
      broken.push(...(await brokenBy(at, 'git:nights', newHub())));
    expect(broken).toEqual([]);
  }, 1_800_000);
});
