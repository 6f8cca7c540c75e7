/** Images made without a container engine: what `tar` reads from them is what was put in. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeImage } from '../../../../packages/test-cluster/src/images/docker-archive.ts';
import {
  folderEntries,
  librariesOf,
  pathsIn,
} from '../../../../packages/test-cluster/src/images/image-files.ts';
import { packageFolders } from '../../../../packages/test-cluster/src/images/node-packages.ts';
import { TarWriter, tarSize } from '../../../../packages/test-cluster/src/images/tar.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gauntlet-images-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const tar = (...args: string[]): Buffer => execFileSync('tar', args);

describe('a tar archive', () => {
  it('is read back by tar: bytes, modes, times to the second and names of up to 255 bytes', () => {
    const [archive, source] = [join(home, 'a.tar'), join(home, 'run')];
    writeFileSync(source, 'x'.repeat(1500));
    chmodSync(source, 0o755);
    const long = `${'folder/'.repeat(20)}${'n'.repeat(90)}`;
    const entries = [
      { path: 'bin/run', content: source, isExecutable: true },
      { path: long, content: Buffer.from('deep'), isExecutable: false },
    ];
    const file = openSync(archive, 'w');
    const writer = new TarWriter(file);
    for (const entry of entries) writer.add(entry);
    writer.end();
    closeSync(file);
    expect(statSync(archive).size).toBe(tarSize(entries));
    expect(tar('-xOf', archive, 'bin/run').toString()).toBe('x'.repeat(1500));
    expect(tar('-xOf', archive, long).toString()).toBe('deep');
    tar('-xf', archive, '-C', home, 'bin/run');
    const read = statSync(join(home, 'bin/run'));
    expect(read.mode & 0o777).toBe(0o755);
    expect(read.mtimeMs).toBe(Math.floor(statSync(source).mtimeMs / 1000) * 1000);
  });

  it('refuses a name that has no room in a header', () => {
    const writer = new TarWriter(-1);
    const path = 'n'.repeat(101);
    expect(() => writer.add({ path, content: Buffer.from(''), isExecutable: false })).toThrow(
      `no room in a tar header for ${path}`,
    );
  });
});

describe('an image', () => {
  it('names its layer by the digest of its bytes, its config by that of its own, and has each path once', () => {
    const path = join(home, 'image.tar');
    const file = { path: 'etc/one', content: Buffer.from('1'), isExecutable: false };
    writeImage(path, { name: 'localhost/x:1', files: [file, file], env: ['A=b'] });
    const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
    const [manifest] = JSON.parse(tar('-xOf', path, 'manifest.json').toString());
    expect(manifest).toMatchObject({ RepoTags: ['localhost/x:1'], Layers: ['layer.tar'] });
    const config = tar('-xOf', path, manifest.Config);
    expect(manifest.Config).toBe(`${sha256(config)}.json`);
    const layer = tar('-xOf', path, 'layer.tar');
    expect(JSON.parse(config.toString())).toMatchObject({
      os: 'linux',
      config: { Env: ['A=b'] },
      rootfs: { diff_ids: [`sha256:${sha256(layer)}`] },
    });
    writeFileSync(join(home, 'layer.tar'), layer);
    expect(tar('-tf', join(home, 'layer.tar')).toString()).toBe('etc/one\n');
  });
});

describe('the files of an image', () => {
  it('come from a folder with links followed, dead links and unwanted ones left out', () => {
    mkdirSync(join(home, 'lib'));
    writeFileSync(join(home, 'lib', 'a.so'), 'a');
    writeFileSync(join(home, 'lib', 'a.map'), 'm');
    symlinkSync('a.so', join(home, 'lib', 'b.so'));
    symlinkSync('/nowhere/at/all', join(home, 'lib', 'c.so'));
    const entries = folderEntries(home, '/opt', (path) => !path.endsWith('.map'));
    expect(entries.map((one) => one.path)).toEqual(['opt/lib/a.so', 'opt/lib/b.so']);
  });

  it('are read from what ldd prints: libraries, the loader, and not what the kernel brings', () => {
    const said = [
      '\tlinux-vdso.so.1 (0x00007ff08433a000)',
      '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007ff084243000)',
      '\t/lib64/ld-linux-x86-64.so.2 (0x00007ff08433c000)',
      '\tstatically linked',
    ].join('\n');
    expect(pathsIn(said)).toEqual(['/lib/x86_64-linux-gnu/libm.so.6', '/lib64/ld-linux-x86-64.so.2']);
  });

  it("have the loader and the C library for this very Node, and folders without the loader's", async () => {
    const { files, folders } = await librariesOf([process.execPath], process.env);
    const paths = files.map((one) => one.path);
    expect(paths.some((path) => /\/libc\.so\.6$/.test(path))).toBe(true);
    expect(paths.some((path) => /\/ld-linux[^/]*$/.test(path))).toBe(true);
    expect(folders).not.toContain('/lib64');
  });

  it('name the program whose libraries cannot be read', async () => {
    await expect(librariesOf([join(home, 'none')], process.env)).rejects.toThrow(
      `image: shared libraries of ${join(home, 'none')}: expected all of them, got not ldd failed`,
    );
  });
});

describe('packages of Node', () => {
  const add = (folder: string, json: object): void => {
    mkdirSync(join(home, folder), { recursive: true });
    writeFileSync(join(home, folder, 'package.json'), JSON.stringify(json));
  };

  it('are followed from package to package, the nearest first, optional ones where they are', () => {
    add('node_modules/a', { dependencies: { b: '1', c: '1' }, optionalDependencies: { missing: '1' } });
    add('node_modules/b', { dependencies: { a: '1' } });
    add('node_modules/c', {});
    add('node_modules/a/node_modules/c', {});
    add('node_modules/unused', {});
    expect(packageFolders(home, ['a']).map((one) => one.slice(home.length + 1))).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/c',
      'node_modules/b',
    ]);
  });

  it('that are needed and not installed are named', () => {
    add('node_modules/a', { dependencies: { gone: '1' } });
    expect(() => packageFolders(home, ['a'])).toThrow(
      `gone, which ${join(home, 'node_modules/a')} needs, is not in node_modules: npm install`,
    );
  });
});
