/** The package as its users get it: packed, and installed into a folder of theirs. Needs the npm registry, as they do. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../src/system/project.ts';

export interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** @param home gets the tarball. @param here an empty folder. */
export function installPacked(home: string, here: string, env: NodeJS.ProcessEnv): Packed {
  const said = execFileSync('npm', ['pack', '--json', '--pack-destination', home], {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // prepack compiles first, and may say so.
  const [packed] = JSON.parse(said.slice(said.indexOf('[\n'))) as [Packed];
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(here, 'package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', join(home, tarball)], {
    ...{ cwd: here, env, stdio: 'ignore' },
  });
  return packed;
}
