/**
 * Well-known Python libraries that our own statistics and formats are compared with. They are installed once
 * into the tool cache, pinned; where pip is absent or no index answers, the reason is handed back for a skip.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { placesFrom } from '../../../src/system/places.ts';

/** Another list is another folder. */
const FOLDER = 'pip-oracles-1';
const WITH_NEEDS = [
  'lifelines==0.30.3',
  'numpy==2.2.0',
  'pandas==2.3.3',
  'prometheus_client==0.26.0',
  'scipy==1.16.3',
];
/** Its clients of databases are 200 MB that no comparison uses. */
const ALONE = ['apache-otava==0.8.0'];

/** No index answers, or it does not have these for this Python. */
const REFUSED =
  /No module named pip|name resolution|ConnectionError|NewConnectionError|ProxyError|Max retries|timed out|Could not fetch URL|No matching distribution/i;

export type Oracles =
  | {
      readonly skip: null;
      /** Runs a program: `given` is its standard input as JSON, and its output is read as JSON. */
      readonly ask: (program: string, given: unknown) => Promise<unknown>;
    }
  | { readonly skip: string };

const start = promisify(execFile);

export async function pipOracles(): Promise<Oracles> {
  const { cache } = placesFrom(process.env);
  const folder = join(cache, FOLDER);
  if (!existsSync(folder)) {
    const refused = await install(cache, folder);
    if (refused !== null) return { skip: refused };
  }
  return { skip: null, ask: (program, given) => ask(folder, program, given) };
}

/** Beside its place, then renamed: two tests that install at once do not see half of it. */
async function install(cache: string, folder: string): Promise<string | null> {
  mkdirSync(cache, { recursive: true });
  const beside = mkdtempSync(`${folder}-`);
  const pip = (packages: readonly string[]) =>
    start(
      'python3',
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-input',
        '--disable-pip-version-check',
        '--target',
        beside,
        ...packages,
      ],
      { timeout: 240_000 },
    );
  try {
    await pip(WITH_NEEDS);
    await pip(['--no-deps', ...ALONE]);
    if (!existsSync(folder)) renameSync(beside, folder);
    return null;
  } catch (error) {
    const { code, stderr = '', killed } = error as { code?: unknown; stderr?: string; killed?: boolean };
    if (code === 'ENOENT') return 'python3 is absent';
    const said = stderr.trim().split('\n').at(-1) ?? '';
    if (killed === true || REFUSED.test(stderr)) return `pip installs nothing here: ${said}`;
    throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function ask(folder: string, program: string, given: unknown): Promise<unknown> {
  const running = start('python3', ['-c', program], {
    env: { ...process.env, PYTHONPATH: folder },
    maxBuffer: 1 << 26,
    timeout: 60_000,
  });
  running.child.stdin?.end(JSON.stringify(given));
  return JSON.parse((await running).stdout) as unknown;
}
