import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askVersion } from '../../../src/system/toolchain/answer-book.ts';
import { machine } from './fixtures.ts';

describe('the book of versions', () => {
  it('asks a binary once, and again when its file has changed', async () => {
    const own = machine();
    const copy = join(own.folder, 'cat');
    copyFileSync('/bin/cat', copy);
    chmodSync(copy, 0o755);
    const { places, env } = own.ctx;
    const first = await askVersion(places, env, copy, ['--version']);
    expect(first).toMatchObject({ ok: true, text: expect.stringContaining('cat') });
    // Same size and time, but it would no longer run: whoever answers now did not ask it.
    const stat = statSync(copy);
    chmodSync(copy, 0o644);
    expect(await askVersion(places, env, copy, ['--version'])).toEqual(first);
    utimesSync(copy, stat.atime, new Date(stat.mtimeMs + 5000));
    expect(await askVersion(places, env, copy, ['--version'])).toMatchObject({ ok: false });
  });

  it('asks a script every time, because a shim may choose another version tomorrow', async () => {
    const own = machine();
    const shim = own.program('k6', `cat ${own.folder}/version`);
    const env = { PATH: '/usr/bin:/bin' };
    own.file('version', 'k6 v2.0.0');
    expect(await askVersion(own.ctx.places, env, shim, ['version'])).toEqual({ ok: true, text: 'k6 v2.0.0' });
    own.file('version', 'k6 v2.1.0');
    expect(await askVersion(own.ctx.places, env, shim, ['version'])).toEqual({ ok: true, text: 'k6 v2.1.0' });
    expect(existsSync(join(own.cache, 'answers.json'))).toBe(false);
  });

  it('does not remember failures, and survives a book that is not JSON', async () => {
    const own = machine();
    const { places, env } = own.ctx;
    expect(await askVersion(places, env, '/bin/false', [])).toEqual({
      ok: false,
      why: 'false failed (exit code 1): no output',
    });
    expect(existsSync(join(own.cache, 'answers.json'))).toBe(false);
    own.file('cache/answers.json', '{ half');
    expect(await askVersion(places, env, '/bin/cat', ['--version'])).toMatchObject({ ok: true });
    expect(JSON.parse(readFileSync(join(own.cache, 'answers.json'), 'utf8'))).toBeTypeOf('object');
  });

  it('answers also when the cache cannot be written', async () => {
    const own = machine();
    writeFileSync(own.cache, 'a file where the folder should be');
    expect(await askVersion(own.ctx.places, own.ctx.env, '/bin/cat', ['--version'])).toMatchObject({
      ok: true,
    });
  });
});
