import { defineConfig } from 'vitest/config';

/** Minutes each, on a virtual clock: the harness dies at every await of every fault. */
const HEALING_UNITS = ['simulation', 'contract-awaits', 'several-acts'].map(
  (name) => `test/unit/chaos/${name}.test.ts`,
);
/** Thousands of simulated gates or histories each. */
const ERROR_RATES = ['gate', 'trend'].map((of) => `test/unit/measure/${of}/error-rates*.test.ts`);
const e2e = (...names: string[]): string[] => names.map((name) => `test/e2e/${name}.test.ts`);
/** End-to-end tests that measure no load and may share the machine. */
const LIGHT = e2e(
  'asks',
  'campaign-forms',
  'kubernetes',
  'lease-keeper',
  'lost-output',
  'own-proxy',
  'path-ledger',
  'processes',
  'proxy',
  'record-reader',
  'relay',
  'report-formats',
  'secrets',
  'toolchain',
);

/**
 * The long suites, each with its own name (`npm run test:long -- --project NAME`); all other end-to-end tests
 * are part of `npm test`.
 */
const LONG = {
  healing: e2e('torture', 'processes-torture'),
  simulation: HEALING_UNITS,
  rates: ERROR_RATES,
  gate: e2e('gate', 'gate-files'),
  'gate-long': e2e('gate-aa', 'gate-faults', 'gate-history'),
  nightly: e2e('nightly', 'nightly-reference'),
  /** TLS, logins, tokens and containers: each starts servers of its own. */
  access: e2e(
    ...[
      'docker',
      'docker-compose',
      'docker-torture',
      'kafka-login',
      'redis-cluster',
      'redis-login',
      'redis-sentinels',
    ],
    ...['tls', 'tls-faults', 'token'],
  ),
  truth: e2e('truth'),
  foreign: e2e('foreign', 'foreign-refused'),
  sandbox: e2e(
    'compose',
    'faults',
    'gateway-contract',
    'gateway-kafka',
    'hive-stages',
    'kafka-loss',
    'request-faults',
    'stress',
    'lock-contention',
    'sandbox-shop',
  ),
  kubernetes: e2e('kubernetes-*'),
  /** Needs a Chromium. */
  page: e2e('history-page*'),
  immune: e2e('immune-*'),
  package: e2e('package', 'package-init'),
} as const;

/** How many files run at once: those that compute alone, or mostly wait for a cluster of their own. */
const FILES_AT_ONCE: Readonly<Record<string, number>> = {
  healing: 2,
  simulation: 2,
  rates: 2,
  'gate-long': 2,
  access: 2,
  // Each uses 40 % of one core.
  kubernetes: 3,
};
const together = (files = 1) => (files === 1 ? {} : { fileParallelism: true, maxWorkers: files });
/** Projects with a higher number begin when those with a lower one have ended. */
const after = (groupOrder: number) => ({ sequence: { groupOrder } });
const serial = { testTimeout: 240_000, hookTimeout: 240_000, fileParallelism: false };
/** What only computes gets what processor others leave: `.ci/run` runs it beside another suite. */
const COMPUTING = ['simulation', 'rates'];
const patient = { testTimeout: 900_000 };

export default defineConfig({
  test: {
    // Vitest would leave one of two cores idle.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [...HEALING_UNITS, ...ERROR_RATES],
          globalSetup: ['test/unit/scratch.ts'],
          setupFiles: ['test/unit/pure.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: { name: 'integration', include: ['test/integration/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...LIGHT, ...Object.values(LONG).flat()],
          ...serial,
          ...after(2),
        },
      },
      { test: { name: 'light', include: LIGHT, ...serial, ...together(2), ...after(1) } },
      ...Object.entries(LONG).map(([name, include]) => ({
        test: {
          ...{ name, include: [...include], ...serial, ...together(FILES_AT_ONCE[name]) },
          ...(COMPUTING.includes(name) && patient),
        },
      })),
    ],
  },
});
