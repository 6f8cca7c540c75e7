/** `gauntlet migrate`: older target files in today's form. Every file is rewritten in memory before the first is written. */
import { type Migrated, migrateTarget } from '../../config/migrate-target.ts';
import { readAll } from '../../core/errors.ts';
import { lineDiff } from '../../report/line-diff.ts';
import { findSystem } from '../../run/files/systems.ts';
import { findNamed } from '../../run/open/names.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { readText } from '../../system/read-text.ts';
import { cliContext } from '../terminal/context.ts';

interface Rewritten extends Migrated {
  readonly file: string;
  readonly before: string;
}

/** @throws usage with every problem of every file; then nothing is written. */
export async function migrateCommand(
  files: readonly string[],
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<number> {
  const cli = cliContext();
  const all = readAll<readonly Rewritten[]>(
    files.map((given) => () => {
      const file = findNamed('target', given);
      const before = readText(file);
      return { file, before, ...migrateTarget(file, before, findSystem) };
    }),
  );
  for (const { file, before, text: after, adds } of all) {
    if (after === before) cli.out(`${file}: in today's form already`);
    else if (dryRun) cli.out(`${file}: would become\n${lineDiff(before, after)}`);
    else {
      writeWhole(file, after);
      cli.out(`${file}: rewritten`);
    }
    for (const one of adds) cli.out(`  with schema, ${one}`);
  }
  return 0;
}
