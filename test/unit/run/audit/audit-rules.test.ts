import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TargetFile } from '../../../../src/config/read-target.ts';
import { parseSystem } from '../../../../src/config/system/read-system.ts';
import { auditRulesOf } from '../../../../src/run/audit/audit-rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'system.yaml');

const shop = (audit: string, platform: TargetFile['platform'] = 'kubernetes'): TargetFile => {
  const text = `schema: gauntlet.system/1\nname: shop\nsummary: Orders\nservices: { web: { http: 8080 } }\n${audit}\n`;
  return { name: 'here', platform, system: parseSystem(file, text) } as TargetFile;
};
const refusal = (target: TargetFile): string => {
  try {
    auditRulesOf(target);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};
const LIST = 'audit: { most: { orphan: 0 }, sources: { list: sources.txt, alias: { web: front } } }';

describe('the rules of an audit', () => {
  it('have the names of the list beside the system, without comments and blank lines', () => {
    writeFileSync(join(folder, 'sources.txt'), '# folders\n\nfront\n  orders_service  # HTTP\n');
    expect(auditRulesOf(shop(LIST)).sources).toEqual({
      ...{ names: ['front', 'orders_service'], alias: { web: 'front' } },
    });
  });

  it('refuse an alias for a source that is not in the list', () => {
    writeFileSync(join(folder, 'sources.txt'), 'frontend\n');
    expect(refusal(shop(LIST))).toBe(
      `${file}:5:75: audit.sources.alias: expected a name of the list of sources, got "front".`,
    );
  });

  it('refuse a list that is empty, or not there, at its place', () => {
    writeFileSync(join(folder, 'sources.txt'), '# nothing\n');
    expect(refusal(shop(LIST))).toBe(
      `${file}:5:48: audit.sources.list: expected a file with the name of one source a line, got no name.`,
    );
    rmSync(join(folder, 'sources.txt'));
    expect(refusal(shop(LIST))).toContain(
      `${file}:5:48: audit.sources.list: expected a file with the name of one source a line, got `,
    );
  });

  it('are refused with both reasons for a target that has none', () => {
    expect(refusal(shop('', 'none'))).toBe(
      'audit: expected a target on Kubernetes, got here, which is none.\n' +
        'audit: expected a block `audit:` in the file of system shop, got none. It says what a namespace must not show: gauntlet schema system.',
    );
  });
});
