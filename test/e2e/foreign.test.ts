/**
 * Ten kinds of k6 scripts as k6's own documentation has them, unchanged, through the built CLI: their counts are those of
 * the server's own log, and their percentiles differ from it by at most 1 % or 2 ms, and what this machine adds to a
 * request while it is busy with other things.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlowPhase } from '../../src/core/result.ts';
import {
  type Answered,
  ForeignBench,
  type ForeignRun,
  quantile,
  scriptPath,
  serverTimes,
} from './foreign/bench.ts';
import { dependsOnMachine } from './support/machine.ts';

const bench = new ForeignBench();
beforeAll(async () => {
  process.env['SHOP_TOKEN'] = 'correct-horse-battery';
  await bench.start();
});
afterAll(() => bench.stop());

interface Kind {
  readonly script: string;
  readonly flow: string;
  readonly model: 'open' | 'closed';
  /** Iterations that start; a range where the speed of the answers decides. */
  readonly started: readonly [number, number];
  /** Above 5 % of its iterations are not good. */
  readonly isBroken?: boolean;
  readonly outcomes?: Readonly<Record<string, number>>;
  readonly item?: readonly string[];
  /** Requests one after another in an iteration; 1 when absent. */
  readonly hops?: number;
  /** Requests of its iterations. */
  readonly of?: (one: Answered) => boolean;
}

const KINDS: readonly Kind[] = [
  { script: 'constant-arrival.js', flow: 'constant-arrival.views', model: 'open', started: [319, 321] },
  { script: 'ramping-arrival.js', flow: 'shop.rush', model: 'open', started: [183, 187] },
  { script: 'constant-vus.js', flow: 'constant-vus.default', model: 'closed', started: [60, 105] },
  { script: 'ramping-vus.js', flow: 'ramping-vus.default', model: 'closed', started: [200, 600] },
  { script: 'shared-array.js', flow: 'shared-array.each', model: 'closed', started: [60, 60] },
  {
    ...{
      script: 'shared-iterations.js',
      flow: 'shared-iterations.jobs',
      model: 'closed',
      started: [60, 153],
    },
    isBroken: true,
  },
  {
    ...{ script: 'groups-checks.js', flow: 'groups-checks.visit', model: 'open', started: [79, 81] },
    ...{ outcomes: { 'check:cart is 200': 8 }, item: ['steps: group'], hops: 2, isBroken: true },
  },
  {
    ...{
      script: 'session.js',
      flow: 'session.members',
      model: 'closed',
      started: [32, 32],
      outcomes: { threw: 4 },
    },
    ...{ hops: 2, isBroken: true },
    of: ({ path }) => path === '/login' || path === '/me',
  },
  {
    ...{ script: 'grpc-unary.js', flow: 'grpc-unary.greet', model: 'open', started: [124, 126] },
    outcomes: { 'grpc-9': 5 },
  },
  {
    ...{ script: 'thresholds.js', flow: 'thresholds.default', model: 'closed', started: [90, 90] },
    ...{ item: ['steps: tag:page'], hops: 2 },
  },
  { script: 'batch.js', flow: 'batch.page', model: 'open', started: [74, 76], hops: 2 },
];

const asked = new Set<string>();
const runs = new Map<string, Promise<ForeignRun>>();
const runOf = ({ script, flow, item }: Kind): Promise<ForeignRun> => {
  const rest = ['objectives:', `  - ${flow} failed < 90% in baseline`];
  const run = runs.get(script) ?? bench.run(script, item, rest);
  runs.set(script, run);
  return run;
};
const baselineOf = ({ result }: ForeignRun, flow: string): FlowPhase => {
  const found = result.flows[flow]?.['baseline'];
  if (found === undefined) throw new Error(`no baseline of ${flow}: ${JSON.stringify(result.verdict)}`);
  return found;
};
const ofIterations = ({ of = () => true }: Kind, run: ForeignRun): readonly Answered[] =>
  run.server.filter(of);

describe.each(KINDS)('$script', (kind) => {
  it('is counted as its server counts it, and says its model', async () => {
    const run = await runOf(kind);
    const { flow, started, model, outcomes = {} } = kind;
    const baseline = baselineOf(run, flow);
    expect(run.result.ledgers[flow]?.problems).toEqual([]);
    const ledger = run.result.ledgers[flow];
    expect(ledger?.started).toBeGreaterThanOrEqual(started[0]);
    expect(ledger?.started).toBeLessThanOrEqual(started[1]);
    // Every iteration is in the one phase, and the server saw each of them.
    expect([baseline.due, baseline.count]).toEqual([ledger?.due, ledger?.completed]);
    expect(serverTimes(ofIterations(kind, run))).toHaveLength(ledger?.completed ?? -1);
    const { dropped, ...bad } = baseline.outcomes;
    expect(bad).toEqual(outcomes);
    expect(dropped ?? 0).toBe(ledger?.dropped);
    expect(run.result.scripts?.[0]?.models).toEqual({ [flow]: model });
    const mark = 'closed model: response = service, omission cannot be seen';
    for (const text of [
      run.output.replace(/\s+/g, ' '),
      readFileSync(join(run.folder, 'report.html'), 'utf8'),
    ])
      expect(text.includes(mark)).toBe(model === 'closed');
  });

  it(
    'has the percentiles of the log of its server within 1 percent or 2 ms, and its verdict (depends on the machine)',
    dependsOnMachine,
    async () => {
      // Asked again, it is another run.
      if (asked.has(kind.script)) runs.delete(kind.script);
      asked.add(kind.script);
      const run = await runOf(kind);
      const { responseMs, serviceMs, latenessMs, dropped } = baselineOf(run, kind.flow);
      const truth = serverTimes(ofIterations(kind, run));
      const rows = (
        [
          ['p50', 0.5],
          ['p95', 0.95],
        ] as const
      ).map(([name, q]) => {
        const is = quantile(truth, q);
        const [service, response] = [serviceMs[name] ?? Number.NaN, responseMs[name] ?? Number.NaN];
        return {
          name,
          is,
          service,
          response,
          allowed: Math.max(2, is * 0.01) + (kind.hops ?? 1) * run.noiseMs,
        };
      });
      const shown = rows.map(
        ({ name, is, service, response }) => `${name} ${is.toFixed(1)} / ${service} / ${response}`,
      );
      console.log(
        `${kind.script}: server / service / response in ms: ${shown.join(', ')}; late ${latenessMs.p99}, noise ${run.noiseMs.toFixed(1)}`,
      );
      const isNear = (is: number, service: number, allowed: number): boolean =>
        service >= is * 0.99 - 1 && service <= is + allowed;
      expect(rows.filter(({ is, service, allowed }) => !isNear(is, service, allowed))).toEqual([]);
      expect([run.result.verdict.status, run.code], run.output).toEqual(
        kind.isBroken ? ['FAIL', 1] : ['PASS', 0],
      );
      if (kind.model === 'closed' && dropped === 0) expect(responseMs).toEqual(serviceMs);
    },
  );
});

describe('what a foreign script brings along', () => {
  const foundIn = (script: string): Promise<ForeignRun> => {
    const kind = KINDS.find((one) => one.script === script);
    if (kind === undefined) throw new Error(`no ${script}`);
    return runOf(kind);
  };

  it('are steps by group and by tag', async () => {
    const groups = baselineOf(await foundIn('groups-checks.js'), 'groups-checks.visit');
    expect(Object.keys(groups.steps ?? {}).sort()).toEqual(['cart', 'front-"page"-all']);
    const pages = baselineOf(await foundIn('thresholds.js'), 'thresholds.default');
    expect(Object.entries(pages.steps ?? {}).map(([name, { count }]) => [name, count])).toEqual([
      ['fast', 90],
      ['slow', 90],
    ]);
  });

  it('are thresholds beside the objectives, and no file of handleSummary', async () => {
    const { result } = await foundIn('thresholds.js');
    expect(result.verdict.status).toBe('PASS');
    expect(result.scripts?.[0]?.crossed).toEqual(['answer_size']);
    const off = 'abortOnFail of a threshold is off: only `abort` of the campaign ends a run early';
    expect(result.scripts?.[0]?.flags).toContain(off);
    expect(existsSync(scriptPath('must-not-exist.txt'))).toBe(false);
  });

  it('is setup, whose requests are in no flow', async () => {
    const [session] = (await foundIn('session.js')).result.scripts ?? [];
    expect([session?.setup, session?.teardown]).toEqual([
      { requests: 2, failed: 1 },
      { requests: 1, failed: 0 },
    ]);
  });
});
