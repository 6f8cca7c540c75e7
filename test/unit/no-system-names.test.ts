/** The harness knows protocols and platforms; which services there are is in the files of systems. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseSystem } from '../../src/config/system/read-system.ts';
import { REGISTRY } from '../../src/protocols/registry.ts';

const root = resolve(import.meta.dirname, '../..');

const sourcesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') }));

it('names no system under test in the harness and its packages: what exists is declared in systems/', () => {
  const names = readdirSync(join(root, 'systems')).flatMap((folder) => {
    const file = join(root, 'systems', folder, 'system.yaml');
    if (!existsSync(file)) return [];
    const { name, services, topics } = parseSystem(file, readFileSync(file, 'utf8'));
    return [name, ...services.map((one) => one.name), ...topics.map((one) => one.name)];
  });
  // A service that is called like its protocol names no system.
  const own = names.filter((one) => !REGISTRY.some((protocol) => protocol.name === one));
  expect(own).toContain('gateway');
  const pattern = new RegExp(`\\b(?:${own.map((one) => one.replaceAll('.', '\\.')).join('|')})\\b`, 'i');
  const found = ['src', 'packages/sandbox', 'packages/link-proxy']
    .flatMap(sourcesIn)
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
  expect(found).toEqual([]);
});
