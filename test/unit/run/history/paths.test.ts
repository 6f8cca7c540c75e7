import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderName, nightPath, partAt } from '../../../../src/run/history/paths.ts';
import { aNight } from './a-night.ts';

describe('a place in a history', () => {
  it('is campaign, environment key, year and month in UTC, id', () => {
    const night = aNight({ startedAt: '2026-01-31T23:59:00.000Z' });
    expect(nightPath(night)).toBe(`nightly/staging-3f1c/2026/01/${night.id}.json`);
    expect(partAt(nightPath(night)).kind).toBe('night');
  });

  it.each([
    ['nightly-2', 'nightly-2'],
    ['Nightly', '~4eightly'],
    ['-rf', '~2drf'],
    ['../../etc', '~2e~2e~2f~2e~2e~2fetc'],
    ['v1.2', 'v1~2e2'],
    ['', '~'],
    ['~', '~7e'],
    ['café', 'caf~c3~a9'],
  ])('spells the name %j as %j', (name, folder) => {
    expect(folderName(name)).toBe(folder);
  });

  it('is one folder for any name, short enough, and another one for another name on any file system', () => {
    const name = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.constantFrom('a'.repeat(200), 'a'.repeat(201), 'A'.repeat(200), 'É'.repeat(90), '~'.repeat(40)),
    );
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [one, two] = [folderName(a), folderName(b)];
        expect(one).toMatch(/^[a-z0-9_~][a-z0-9_~-]{0,99}$/);
        if (a !== b) expect(one.toLowerCase()).not.toBe(two.toLowerCase());
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['gauntlet-history.json', 'marker'],
    ['index.ndjson', 'index'],
    ['nightly/staging/pins/0123456789ab.json', 'pins'],
    ['nightly/staging/told/0123456789ab.json', 'told'],
    ['nightly/staging/quarantine/0123456789ab.json', 'quarantine'],
    ['nightly/staging/2026/11/x.json.812-0a1b2c3d.tmp', 'ignored'],
    ['.git/config', 'ignored'],
    ['README.md', 'ignored'],
    ['nightly/staging/2026/11/x.txt', 'foreign'],
    ['nightly/staging/2026/x.json', 'foreign'],
    ['nightly/notes.json', 'foreign'],
  ])('%s is %s', (path, kind) => {
    expect(partAt(path).kind).toBe(kind);
  });
});
