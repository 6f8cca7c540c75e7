/**
 * Nights that have begun and are not in their history yet: one file each, in `nightly/<run id>.json` of the
 * state directory, written once the target is locked and removed once the night is in the history. A nightly
 * that was killed leaves it there, and the next one on that target and history adds its night.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { nightShape } from '../../core/shapes/night-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { fateOf, thisHolder } from '../../system/holder.ts';
import { makeFolder } from '../../system/make-folder.ts';
import type { Places } from '../../system/places.ts';
import { readText } from '../../system/read-text.ts';
import type { NightFields } from '../history/night-of-run.ts';

const SCHEMA = 'gauntlet.left-night/1';

const leftShape = z.object({
  schema: z.literal(SCHEMA),
  history: z.string(),
  identity: z.string(),
  runDir: z.string(),
  holder: z.unknown(),
  gap: nightShape.omit({ id: true }),
});

export interface LeftNight {
  /** Of {@link historyPlace}. */
  readonly history: string;
  /** Of the target. */
  readonly identity: string;
  readonly runDir: string;
  /** The night as far as it is known before the run. */
  readonly gap: NightFields;
}

/** The same history, wherever it is named from. A branch belongs to the repository of the folder. */
export const historyPlace = (where: string): string =>
  where.startsWith('git:') ? `${where} in ${resolve()}` : resolve(where);

const folderOf = (places: Places): string => join(places.state, 'nightly');
const fileOf = (places: Places, run: string): string => join(folderOf(places), `${run}.json`);

/** On the disk when it returns. @throws the system's error. */
export function nightBegun(places: Places, night: LeftNight): void {
  makeFolder(folderOf(places));
  const file = { schema: SCHEMA, holder: thisHolder(), ...night };
  writeWhole(fileOf(places, night.gap.run), `${JSON.stringify(file, null, 2)}\n`);
}

/** Its night is in the history. */
export const nightKept = (places: Places, run: string): void => rmSync(fileOf(places, run), { force: true });

/**
 * Those of dead nightlies, oldest first. One that may be alive adds its night itself.
 * @throws unavailable with the first file that cannot be read.
 */
export function leftNights(
  places: Places,
  { history, identity }: Pick<LeftNight, 'history' | 'identity'>,
): readonly LeftNight[] {
  const folder = folderOf(places);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readLeft(join(folder, name)))
    .filter((one) => one.history === history && one.identity === identity && one.isDead)
    .map(({ isDead: _, ...left }) => left);
}

function readLeft(path: string): LeftNight & { readonly isDead: boolean } {
  let got: string;
  try {
    const value: unknown = JSON.parse(readText(path));
    const problem = shapeProblem(leftShape, value);
    if (problem === null) {
      const { holder, history, identity, runDir, gap } = value as LeftNight & { readonly holder: unknown };
      return { history, identity, runDir, gap, isDead: fateOf(holder, path) === 'dead' };
    }
    got = problem.text;
  } catch (error) {
    got = error instanceof SyntaxError ? 'no JSON' : messageOf(error);
  }
  const expected = 'a night that is not in its history yet';
  const next = 'Mend the file, or delete it: its night is then missing in the history.';
  throw new GauntletError('unavailable', [{ subject: path, expected, got, next }]);
}
