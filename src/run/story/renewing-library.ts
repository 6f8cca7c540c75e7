/** Scripts with an older copy of scenarios/gauntlet.ts would send no token that is renewed. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usageError } from '../../core/errors.ts';

/** @param scripts of ours. @throws usage with every file that has to be refreshed. */
export function requireRenewing(scripts: readonly string[]): void {
  const files = scripts.flatMap((script) => [script, ...librariesAbove(dirname(script))]);
  const old = [...new Set(files)].filter((file) => isOld(readFileSync(file, 'utf8')));
  if (old.length === 0) return;
  throw usageError(
    ...old.map((subject) => ({
      subject,
      expected: 'a library that renews tokens, for a target with clientCredentials',
      got: 'an older one',
      next: 'Refresh it: gauntlet init --library (or bundle the script again).',
    })),
  );
}

/** What each version reads; a bundle has the library inside. */
const isOld = (text: string): boolean =>
  text.includes('GAUNTLET_LOAD') && !text.includes('GAUNTLET_TOKEN_HELD');

function librariesAbove(folder: string): readonly string[] {
  const above = dirname(folder);
  const here = join(folder, 'scenarios', 'gauntlet.ts');
  return [...(existsSync(here) ? [here] : []), ...(above === folder ? [] : librariesAbove(above))];
}
