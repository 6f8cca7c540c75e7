/** scripts/setup.mjs in small clones of its own, with an npm, a tsc and a `gauntlet doctor` that only leave traces. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { thisPlace } from '../../../src/system/holder.ts';
import { processStat } from '../../../src/system/proc.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { type Machine, machine } from './fixtures.ts';

const LOCKED = JSON.stringify({ packages: { '': {}, 'node_modules/a': { integrity: 'sha512-a' } } });

interface Clone extends Machine {
  setup(...args: string[]): { code: number | null; said: string };
  /** What ran since the last time this was asked. */
  ran(): string[];
}

function clone(doctorExit = 0): Clone {
  const own = machine();
  mkdirSync(join(own.folder, 'scripts'));
  copyFileSync(join(projectRoot, 'scripts', 'setup.mjs'), join(own.folder, 'scripts', 'setup.mjs'));
  own.file('package-lock.json', LOCKED);
  own.file('node_modules/.package-lock.json', LOCKED);
  for (const name of ['tsconfig.json', 'tsconfig.build.json']) own.file(name, '{}');
  own.file('src/a.ts', 'export {}');
  const trace = join(own.folder, 'trace');
  own.file(
    'main.js',
    `require('fs').appendFileSync('${trace}', 'doctor ' + process.argv.slice(2).join(' ') + '\\n');
    process.exitCode = ${doctorExit};`,
  );
  own.program(
    `${own.folder}/node_modules/.bin/tsc`,
    `echo tsc >> ${trace}; mkdir -p "$4/src/cli"; [ ! -e ${own.folder}/broken ] || { echo 'src/a.ts(1,1): error TS1'; exit 2; }
    cp ${own.folder}/main.js "$4/src/cli/main.js"`,
  );
  own.program(
    'npm',
    `echo "npm $*" >> ${trace}; cp ${own.folder}/package-lock.json ${own.folder}/node_modules/.package-lock.json`,
  );
  return {
    ...own,
    setup(...args) {
      const env = { PATH: `${own.bin}:/usr/bin:/bin` };
      const script = join(own.folder, 'scripts', 'setup.mjs');
      const done = spawnSync(process.execPath, [script, ...args], { env, encoding: 'utf8' });
      return { code: done.status, said: done.stdout + done.stderr };
    },
    ran() {
      const lines = existsSync(trace) ? readFileSync(trace, 'utf8').trim().split('\n') : [];
      own.file('trace', '');
      return lines.filter((line) => line !== '');
    },
  };
}

const DOCTOR = 'doctor doctor --fix --quiet';

const lockPlace = (): string => {
  const { boot, pidNamespace, timeNamespace } = thisPlace();
  return [boot, pidNamespace, timeNamespace].join(' ');
};
/** As setup.mjs writes it, by default for this process. */
const lockOf = (other: { pid?: number; ticks?: string; at?: string }): string =>
  JSON.stringify({
    pid: process.pid,
    ticks: processStat(process.pid)?.startTicks,
    at: lockPlace(),
    host: 'box',
    since: 'noon',
    nonce: 'x',
    ...other,
  });

describe('setup', () => {
  it('compiles and looks at the parts the first time, and only looks the second time', () => {
    const own = clone();
    const first = own.setup('--for', 'start');
    expect(first.said).toMatch(
      /^setup: compiled to dist\/ \(\d+\.\d s\)\nsetup: external programs checked \(\d+\.\d s\)\nsetup: ready to start \(\d+\.\d s in all\)\n$/,
    );
    expect(first.code).toBe(0);
    expect(own.ran()).toEqual(['tsc', DOCTOR]);
    expect(own.setup('--for', 'test').said).toMatch(
      /^setup: external programs checked \(\d+\.\d s\)\nsetup: ready to test \(\d+\.\d s in all\)\n$/,
    );
    expect(own.ran()).toEqual([DOCTOR]);
    expect(existsSync(join(own.folder, '.setup.lock'))).toBe(false);
  });

  it('compiles again when a source has other contents, not when it only has another time', () => {
    const own = clone();
    own.setup('--for', 'start');
    own.ran();
    utimesSync(join(own.folder, 'src', 'a.ts'), new Date(), new Date());
    own.setup('--for', 'start');
    expect(own.ran()).toEqual([DOCTOR]);
    own.file('src/a.ts', 'export const a = 1;');
    own.setup('--for', 'start');
    expect(own.ran()).toEqual(['tsc', DOCTOR]);
  });

  it('installs packages when the lock file asks for others than are there, and then not again', () => {
    const own = clone();
    own.setup('--for', 'start');
    own.ran();
    own.file('package-lock.json', LOCKED.replace('sha512-a', 'sha512-b'));
    expect(own.setup('--for', 'start').said).toContain('setup: installing packages (npm ci)\n');
    expect(own.ran()).toEqual(['npm ci --no-audit --no-fund --include=dev', 'tsc', DOCTOR]);
    own.setup('--for', 'start');
    expect(own.ran()).toEqual([DOCTOR]);
  });

  it('keeps the old code and shows the compiler error when it does not compile', () => {
    const own = clone();
    own.setup('--for', 'start');
    own.ran();
    own.file('broken', '');
    own.file('src/a.ts', 'export const a = ;');
    const { code, said } = own.setup('--for', 'start');
    expect(code).toBe(70);
    expect(said).toContain('setup: tsc failed:\nsrc/a.ts(1,1): error TS1\n');
    expect(own.ran()).toEqual(['tsc']);
    expect(existsSync(join(own.folder, 'dist/src/cli/main.js'))).toBe(true);
    expect(existsSync(join(own.folder, '.dist-draft'))).toBe(false);
    expect(existsSync(join(own.folder, '.setup.lock'))).toBe(false);
  });

  it('ends as doctor ended, and does not call that ready', () => {
    const own = clone(69);
    const { code, said } = own.setup('--for', 'start');
    expect(code).toBe(69);
    expect(said).toContain('setup: not ready to start: a part is missing, see above\n');
  });

  it('refuses other arguments than it knows', () => {
    const own = clone();
    expect(own.setup('--for', 'lunch')).toEqual({
      code: 64,
      said: 'setup: arguments: expected --for build, --for start or --for test, got --for lunch.\n',
    });
    expect(own.ran()).toEqual([]);
  });

  it('takes over the lock of a dead setup, and waits for a living one until it is gone', async () => {
    const own = clone();
    own.file('.setup.lock', lockOf({ ticks: '1' }));
    expect(own.setup('--for', 'start').code).toBe(0);
    own.file('.setup.lock', lockOf({}));
    const second = spawn(process.execPath, [join(own.folder, 'scripts/setup.mjs'), '--for', 'start'], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void second.kill('SIGKILL'));
    const [text] = (await once(second.stderr, 'data')) as [Buffer];
    expect(text.toString()).toBe(
      `setup: waiting for another setup (pid ${process.pid} on host box, since noon) in this folder\n`,
    );
    own.file('.setup.lock', lockOf({ pid: 2 ** 22 + 1 }));
    const [code] = (await once(second, 'close')) as [number];
    expect(code).toBe(0);
  });

  it.each([
    ['another pid namespace', lockOf({ at: lockPlace().replace(/pid:\[\d+\]/, 'pid:[1]') })],
    ['another boot', lockOf({ at: lockPlace().replace(/^\S+/, 'another-boot') })],
    ['an earlier version', '4711 1'],
  ])('leaves the lock of %s alone, and says how to free it', async (_, lock) => {
    const own = clone();
    own.file('.setup.lock', lock);
    const second = spawn(process.execPath, [join(own.folder, 'scripts/setup.mjs'), '--for', 'start'], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void second.kill('SIGKILL'));
    const [text] = (await once(second.stderr, 'data')) as [Buffer];
    expect(text.toString()).toMatch(
      /^setup: waiting for another setup \(pid .*\) in this folder: its process is not visible from here/,
    );
    expect(text.toString()).toContain(`if it has ended for good: rm -r ${join(own.folder, '.setup.lock')}\n`);
    second.kill('SIGTERM');
    await once(second, 'close');
    expect(readFileSync(join(own.folder, '.setup.lock'), 'utf8')).toBe(lock);
  });

  it('lets go of its lock and its compiler on Ctrl-C', async () => {
    const own = clone();
    own.program(`${own.folder}/node_modules/.bin/tsc`, `echo $$ > ${own.folder}/tsc-pid; exec sleep 60`);
    const child = spawn(process.execPath, [join(own.folder, 'scripts/setup.mjs'), '--for', 'start'], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const pidFile = join(own.folder, 'tsc-pid');
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '').toBe(true);
    const compiler = Number(readFileSync(pidFile, 'utf8'));
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(processStat(compiler)).toBeUndefined();
    expect(existsSync(join(own.folder, '.setup.lock'))).toBe(false);
    expect(existsSync(join(own.folder, '.dist-draft'))).toBe(false);
  });
});
