import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readFixture } from '../../../packages/test-cluster/src/platform/fixture.ts';

/** As a file writes it. */
const before = (time: string): string => `"\${now-${time}}"`;
const NOW = Date.parse('2026-11-29T12:00:00.500Z');
const folder = mkdtempSync(join(tmpdir(), 'gauntlet-fixture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'objects.yaml');
function read(text: string): readonly object[] {
  writeFileSync(file, text);
  return readFixture(file, NOW);
}
function problemOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
}

describe('a file of objects for a test cluster', () => {
  it('is read as it is, with instants before now', () => {
    const text = `- { apiVersion: v1, kind: Pod, metadata: { name: web }, status: { startTime: ${before('2m')} } }\n`;
    expect(read(text)).toEqual([
      {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } },
        status: { startTime: '2026-11-29T11:58:00Z' },
      },
    ]);
  });

  it('is refused where it is no list of objects, with the place in it', () => {
    const begin = `--fixture ${file}: expected a list of objects, got `;
    expect(problemOf('kind: Pod')).toBe(`${begin}no list.`);
    expect(problemOf('- { apiVersion: v1, kind: Pod, metadata: { name: a } }\n- { kind: Pod }')).toBe(
      `${begin}item 2 without apiVersion, kind or metadata.name.`,
    );
    expect(problemOf(`- ${before('soon')}`)).toBe(
      `${begin}\${now-soon}: expected a duration with a unit (us, ms, s, m, h), such as 500ms or 8s.`,
    );
  });

  it.each([
    ['86-pods.yaml', { Deployment: 83, StatefulSet: 2, Service: 85 }],
    ['99-pods.yaml', { Deployment: 92, StatefulSet: 2, Service: 94, Pod: 15, ReplicaSet: 15 }],
  ])('%s has the numbers of its report', (name, counts) => {
    const objects = readFixture(resolve('systems/vertice/clusters', name), NOW);
    const found = (kind: string): number => objects.filter((one) => one.kind === kind).length;
    expect(Object.fromEntries(Object.keys(counts).map((kind) => [kind, found(kind)]))).toEqual(counts);
  });
});
