import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

it('has no deadline that may be collected before it is over: see src/system/http/deadline.ts', () => {
  const files = ['src', 'packages', 'systems', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs)$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(500);
  const wrong = files.filter((path) =>
    /AbortSignal\.any\([^;]*AbortSignal\.timeout\(/.test(readFileSync(join(root, path), 'utf8')),
  );
  expect(wrong).toEqual([]);
});
