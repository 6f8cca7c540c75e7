/** A night for tests: whole, with its own id. */
import type { Night } from '../../../../src/core/night.ts';
import { withNightId } from '../../../../src/run/history/night-id.ts';

export function aNight(given: Partial<Omit<Night, 'schema' | 'id'>> = {}): Night {
  const startedAt = given.startedAt ?? '2026-11-28T02:00:00.000Z';
  return withNightId({
    schema: 'gauntlet.night/1',
    run: `${startedAt.slice(0, 19).replaceAll(':', '-')}-nightly-k3f9`,
    ...{ campaign: 'nightly', campaignHash: '0123456789abcdef', target: 'staging' },
    environment: { key: 'staging-3f1c', words: { cluster: 'a' } },
    ...{ seed: 7, startedAt, endedAt: startedAt },
    ...{ versions: { gauntlet: '0.1.0' }, subject: {} },
    ...{ status: 'PASS', runStatus: 'PASS', reasons: [{ status: 'PASS', text: 'all held' }] },
    flows: {
      'shop.order': {
        baseline: {
          ...{ due: 100, failed: 1, unanswered: 0, seconds: 10 },
          bad: { value: 0.01, low: 0, high: 0.05 },
          goodMs: {
            p50: { value: 10, low: 9, high: 11 },
            p95: { value: 20, low: 18, high: 22 },
            p99: { value: null, low: null, high: null },
          },
        },
      },
    },
    ...{ faults: [], recoveries: [], recoveryWatchMs: 60_000, objectives: [], capacity: {} },
    ...{ generator: null, quarantine: [], report: null },
    ...given,
  });
}
