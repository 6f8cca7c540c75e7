/**
 * The scenarios that a campaign may name: a script in `scenarios/<system>/`, then in `scenarios/`, next to
 * the campaign, in the working directory, and among those that come with Gauntlet; or a path relative to the
 * campaign.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { projectRoot } from '../../system/project.ts';

/** What scenarios import to be measured; it is none itself. */
export const LIBRARY = 'gauntlet.ts';
const SCRIPT = /\.(ts|js)$/;

export const isScriptPath = (given: string): boolean => given.includes('/') || SCRIPT.test(given);

/** Undefined: there is no such file. */
export function scenarioFile(given: string, campaign: string, system: string): string | undefined {
  if (isScriptPath(given)) {
    const path = resolve(dirname(campaign), given);
    return existsSync(path) ? path : undefined;
  }
  return foldersOf(campaign, system)
    .flatMap((folder) => [join(folder, `${given}.ts`), join(folder, `${given}.js`)])
    .find((path) => existsSync(path));
}

/** Those that can be named without a path. */
export function scenarioNames(campaign: string, system: string): readonly string[] {
  const names = foldersOf(campaign, system).flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => SCRIPT.test(name) && !name.endsWith('.d.ts') && name !== LIBRARY)
          .map((name) => name.replace(SCRIPT, ''))
      : [],
  );
  return [...new Set(names)].sort();
}

function foldersOf(campaign: string, system: string): readonly string[] {
  const roots = [...new Set([resolve(dirname(campaign)), resolve(), projectRoot])];
  return roots.flatMap((root) => [join(root, 'scenarios', system), join(root, 'scenarios')]);
}
