import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSystem } from '../../../../src/config/system/read-system.ts';

const SHOP = `schema: gauntlet.system/1
name: shop
summary: Orders over HTTP
services: { web: { http: 8080 } }
`;
const read = (audit: string) => parseSystem('shop/system.yaml', `${SHOP}${audit}`).audit;
const problemsOf = (audit: string): string => {
  try {
    read(audit);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};

describe('the audit of a system', () => {
  it('has defaults for all but what it judges', () => {
    expect(read('audit: { most: { orphan: 0, crash-loop: 2 } }')).toEqual({
      rules: {
        most: { 'crash-loop': 2, orphan: 0 },
        ...{ pendingAfterMs: 60_000, restarts: { count: 3, perMs: 600_000 }, allow: {} },
      },
      sources: null,
    });
  });

  it('has every value in its unit, and the places of names that are checked later', () => {
    const audit = read(`audit:
  most: { orphan: 0 }
  pendingAfter: 90s
  restarts: 5 per 1h
  sources: { list: services.txt, alias: { web: front_end } }
  allow: { zero-replicas: [batch, test-*] }
`);
    expect(audit).toEqual({
      rules: {
        ...{ most: { orphan: 0 }, pendingAfterMs: 90_000, restarts: { count: 5, perMs: 3_600_000 } },
        allow: { 'zero-replicas': ['batch', 'test-*'] },
      },
      sources: {
        list: resolve('shop/services.txt'),
        listAt: { file: 'shop/system.yaml', line: 9, column: 20 },
        alias: [
          { workload: 'web', source: 'front_end', at: { file: 'shop/system.yaml', line: 9, column: 48 } },
        ],
      },
    });
  });

  it('is null where nothing is said', () => {
    expect(read('')).toBeNull();
  });

  it('is refused with every mistake at its place', () => {
    expect(
      problemsOf(`audit:
  most: { crash-lop: 0, orphan: -1 }
  pendingAfter: 60
  restarts: 3/10m
  sources: { alias: { web: front } }
  allow: { orphan: web }
  kinds: []
`),
    ).toBe(
      [
        'shop/system.yaml:6:11: audit.most key: expected one of crash-loop, image-pull, pending, not-ready, out-of-memory, leftover-replicaset, no-endpoints, orphan, zero-replicas, got "crash-lop". Did you mean crash-loop?',
        'shop/system.yaml:6:33: audit.most.orphan: expected a number from 0, got -1.',
        'shop/system.yaml:7:17: audit.pendingAfter: expected a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, got 60.',
        'shop/system.yaml:8:13: audit.restarts: expected a number of restarts of one pod and a time, such as 3 per 10m, got "3/10m".',
        'shop/system.yaml:9:12: audit.sources.list: expected the path of a file beside this one, got nothing.',
        'shop/system.yaml:10:20: audit.allow.orphan: expected a list of names of workloads or Services, such as [batch, test-*], got "web".',
        'shop/system.yaml:11:3: audit key: expected one of most, pendingAfter, restarts, sources, allow, got "kinds".',
      ].join('\n'),
    );
  });

  it('must judge something', () => {
    expect(problemsOf('audit: { most: {} }')).toContain(
      'system.yaml:5:16: audit.most: expected how many are accepted',
    );
  });
});
