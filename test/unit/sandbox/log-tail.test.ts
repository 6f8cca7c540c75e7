import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lastLines } from '../../../packages/sandbox/src/log-tail.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-log-tail-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the last lines of a log', () => {
  it('are those that hold text, oldest first', () => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\n\nthree\n   \nfour\n');
    expect(lastLines(path, 3)).toEqual(['two', 'three', 'four']);
  });

  it('are found at the end of a log of any size', () => {
    const path = join(folder, 'b.log');
    writeFileSync(path, `${'x'.repeat(1_000_000)}\nthe end\n`);
    expect(lastLines(path, 1)).toEqual(['the end']);
  });

  it('are none when there is no log', () => {
    expect(lastLines(join(folder, 'c.log'), 3)).toEqual([]);
  });
});
