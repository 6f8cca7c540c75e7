import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../../src/system/make-folder.ts';

describe('a folder with all above it', () => {
  it('is made once, with its mode, and is fine when it is there', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'gf-')), 'a', 'b');
    makeFolder(path, 0o700);
    makeFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('fails where a file is in the way, and below /proc, where Node would go on for ever', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gf-'));
    writeFileSync(join(folder, 'file'), '');
    expect(() => makeFolder(join(folder, 'file', 'x'))).toThrow('ENOTDIR');
    expect(() => makeFolder(join(folder, 'file'))).toThrow('EEXIST');
    expect(() => makeFolder('/proc/gauntlet/x')).toThrow('ENOENT');
    expect(existsSync(join(folder, 'file', 'x'))).toBe(false);
  });
});
