import { existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installPackage, packagesIn, unpackPackage } from '../../../packages/sandbox/src/toolchain/apt.ts';
import { type Machine, machine } from './fixtures.ts';

/** apt-get and dpkg-deb that behave as the real ones do here; every call is written down. */
function debian(own: Machine, listsAreThere: boolean): void {
  const check = listsAreThere
    ? ':'
    : 'case "$*" in *Dir::State::Lists*) ;; *) echo "E: Unable to locate package $last"; exit 100;; esac';
  own.program(
    'apt-get',
    `echo "$*" >> ${own.folder}/calls
    for last; do :; done
    case "$*" in
      *" update"*) exit 0;;
      *" install "*) ${check}; echo 'Inst libx (1.0 Debian)'; echo "Inst $last (7.0 Debian)";;
      *" download "*) ${check}; : > libx_1.0_amd64.deb; : > main_7.0_amd64.deb;;
    esac`,
  );
  own.program(
    'dpkg-deb',
    `echo "unpack $2" >> ${own.folder}/calls; /bin/mkdir -p "$3/usr/bin"; /bin/ln -sf /etc/x/y "$3/usr/bin/link"`,
  );
}
const calls = (own: Machine): string[] =>
  readFileSync(join(own.folder, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.replace('-q -o APT::Sandbox::User=root', '-q').replaceAll(own.folder, ''));

describe('Debian packages', () => {
  it('are unpacked with all that the machine lacks, and their absolute links stay inside', async () => {
    const own = machine();
    debian(own, true);
    const folder = join(own.folder, 'tree');
    mkdirSync(folder);
    expect(await unpackPackage(own.ctx, 'redis-server', folder)).toEqual({ ok: true });
    expect(calls(own)).toEqual([
      '-q -s -o Debug::NoLocking=1 install --no-install-recommends redis-server',
      '-q download redis-server libx',
      'unpack /tree/.debs/libx_1.0_amd64.deb',
      'unpack /tree/.debs/main_7.0_amd64.deb',
    ]);
    expect(readlinkSync(join(folder, 'usr/bin/link'))).toBe('../../etc/x/y');
    expect(existsSync(join(folder, '.debs'))).toBe(false);
  });

  it('are looked for again in lists of our own when the system has none', async () => {
    const own = machine();
    debian(own, false);
    const folder = join(own.folder, 'tree');
    mkdirSync(folder);
    expect(await unpackPackage(own.ctx, 'redis-server', folder)).toEqual({ ok: true });
    const noIndex = '-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=';
    const lists = `-o Dir::State::Lists=/cache/apt/lists -o Dir::Cache=/cache/apt/cache ${noIndex}`;
    expect(calls(own).slice(1, 4)).toEqual([
      `-q update ${lists}`,
      `-q ${lists} -s -o Debug::NoLocking=1 install --no-install-recommends redis-server`,
      `-q ${lists} download redis-server libx`,
    ]);
  });

  it('are no way on a machine without apt', async () => {
    const own = machine();
    expect(await unpackPackage(own.ctx, 'redis-server', own.folder)).toEqual({
      ok: false,
      why: 'no apt-get on PATH',
    });
    const why = process.getuid?.() === 0 ? 'no apt-get on PATH' : 'only root can install packages';
    expect(await installPackage(own.ctx, 'redis-server')).toEqual({ ok: false, why });
  });

  it('are read from the Inst lines of a simulation only', () => {
    expect(packagesIn('Inst a (1 Debian)\nConf a (1 Debian)\nRemv b\nInst c [0.9] (1.0 x)\n')).toEqual([
      'a',
      'c',
    ]);
  });
});
