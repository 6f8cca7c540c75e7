import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namedFile } from '../../../../src/run/open/named-file.ts';

const root = mkdtempSync(join(tmpdir(), 'gn-'));
mkdirSync(join(root, 'campaigns'));
mkdirSync(join(root, 'elsewhere'));
mkdirSync(join(root, 'folder.yaml'));
for (const name of [
  'campaigns/demo.yaml',
  'campaigns/other.yml',
  'elsewhere/a.yml',
  'elsewhere/bare',
  'demo',
])
  writeFileSync(join(root, name), '');
symlinkSync('nothing', join(root, 'dangling.yaml'));
symlinkSync('circle.yaml', join(root, 'circle.yaml'));
const find = (given: string) => namedFile(given, 'campaigns', [root]);

describe('a named file', () => {
  it('is read with either ending, from any path, with or without one', () => {
    expect(find('demo')).toEqual({ path: join(root, 'campaigns/demo.yaml') });
    expect(find('other')).toEqual({ path: join(root, 'campaigns/other.yml') });
    expect(find('elsewhere/a.yml')).toEqual({ path: join(root, 'elsewhere/a.yml') });
    expect(find(join(root, 'elsewhere/bare'))).toEqual({ path: join(root, 'elsewhere/bare') });
  });

  it('is looked for in the first root before the second, by name and by path', () => {
    const own = mkdtempSync(join(tmpdir(), 'gn-own-'));
    mkdirSync(join(own, 'campaigns'));
    writeFileSync(join(own, 'campaigns/demo.yml'), '');
    const findIn = (given: string) => namedFile(given, 'campaigns', [own, root]);
    expect(findIn('demo')).toEqual({ path: join(own, 'campaigns/demo.yml') });
    expect(findIn('other')).toEqual({ path: join(root, 'campaigns/other.yml') });
    expect(findIn('campaigns/demo.yml')).toEqual({ path: join(own, 'campaigns/demo.yml') });
    expect(findIn('campaigns/demo.yaml')).toEqual({ path: join(root, 'campaigns/demo.yaml') });
  });

  it('that cannot be read as one says what is there instead', () => {
    const obstacle = (given: string) => find(given) as { obstacle?: string };
    expect(obstacle('folder.yaml').obstacle).toBe(`a folder (${join(root, 'folder.yaml')})`);
    expect(obstacle('dangling.yaml').obstacle).toBe(`a link to nothing (${join(root, 'dangling.yaml')})`);
    expect(obstacle('circle.yaml').obstacle).toMatch(/^ELOOP: too many symbolic links/);
    expect(obstacle('demo/x.yaml').obstacle).toBe(`a file where ${join(root, 'demo/x.yaml')} needs a folder`);
    expect(obstacle('/dev/null').obstacle).toBe('neither a file nor a pipe (/dev/null)');
  });

  it('that is not there has no obstacle, so that a name like it can be offered', () => {
    for (const given of ['dmo', 'x/y.yaml', ''])
      expect(find(given)).toEqual({ path: undefined, obstacle: undefined });
  });
});
