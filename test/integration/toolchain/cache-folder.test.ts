import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  assertWritable,
  buildFolder,
  CacheError,
  throwIfDiskFull,
} from '../../../src/system/toolchain/cache-folder.ts';
import { machine } from './fixtures.ts';

describe('the cache folder', () => {
  it('shows a folder only when it is whole', async () => {
    const { cache } = machine();
    const place = join(cache, 'part');
    const built = await buildFolder(cache, place, async (draft) => {
      writeFileSync(join(draft, 'half'), '1');
      expect(existsSync(place)).toBe(false);
      return { ok: true };
    });
    expect(built).toEqual({ ok: true });
    expect(readdirSync(cache)).toEqual(['part']);
  });

  it('leaves nothing of a build that failed or threw, and keeps what was there before', async () => {
    const { cache } = machine();
    const place = join(cache, 'part');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'old'), '1');
    expect(await buildFolder(cache, place, async () => ({ ok: false, why: 'no luck' }))).toEqual({
      ok: false,
      why: 'no luck',
    });
    await expect(
      buildFolder(cache, place, async () => {
        throw new Error('bang');
      }),
    ).rejects.toThrow('bang');
    expect(readdirSync(cache)).toEqual(['part']);
    expect(readdirSync(place)).toEqual(['old']);
  });

  it('replaces what was found wanting, and clears drafts of builders that died', async () => {
    const { cache, file } = machine();
    file('cache/part/old', '1');
    file('cache/.part.draft-99999999/half', '1');
    await buildFolder(cache, join(cache, 'part'), async (draft) => {
      writeFileSync(join(draft, 'new'), '2');
      return { ok: true };
    });
    expect(readdirSync(cache)).toEqual(['part']);
    expect(readFileSync(join(cache, 'part', 'new'), 'utf8')).toBe('2');
  });

  it('names the folder and GAUNTLET_CACHE_DIR when it cannot be written', () => {
    const own = machine();
    const parent = own.file('occupied', 'a file');
    const cache = join(parent, 'gauntlet');
    expect(() => assertWritable(cache)).toThrow(
      `cache folder ${cache}: expected a writable folder with 1 GB free, got ENOTDIR: not a directory, ` +
        `mkdir '${cache}'. Free space or give access there, or set GAUNTLET_CACHE_DIR to another folder.`,
    );
  });

  it('recognises a full disk in the words of other programs, and nothing else', () => {
    const full = 'go: writing x\nwrite /c/x: no space left on device\n';
    expect(() => throwIfDiskFull('/c', full)).toThrow(CacheError);
    expect(() => throwIfDiskFull('/c', full)).toThrow(/got write \/c\/x: no space left on device\./);
    expect(() => throwIfDiskFull('/c', 'compile error: space expected')).not.toThrow();
  });
});
