/**
 * One measurement of a scripted server: our production scenario, our load session, and k6's own summary of the very same
 * requests, which a run of ours has switched off.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ScenarioLoad } from '../../../src/core/load-plan.ts';
import type { Ledger } from '../../../src/core/result.ts';
import type { LatencyClock } from '../../../src/core/samples.ts';
import { ms, perSecond } from '../../../src/core/units.ts';
import { startLoad } from '../../../src/load/load-session.ts';
import { RunData } from '../../../src/measure/run-data.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { projectRoot } from '../../../src/system/project.ts';
import type { TruthScript } from './truth-model.ts';

export interface TruthCase {
  readonly protocol: 'http' | 'grpc';
  readonly script: TruthScript;
  /** Whole seconds. */
  readonly measuredMs: number;
  readonly vus: number;
}

export interface Measured {
  readonly ledger: Ledger | undefined;
  readonly problems: readonly string[];
  /** What the quantiles are taken over, in ms since the schedule began: whole seconds of the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly failed: number;
  readonly server: { readonly count: number; readonly failed: number };
  /** In ms. */
  quantile(clock: LatencyClock, quantile: number): number;
  /** k6's own percentiles of its own duration metric, in ms. */
  readonly k6: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** In the first seconds every VU connects; what that costs no closed form knows. */
const CONNECTING_MS = 3000;

const SCENARIOS = {
  http: { scenario: 'gateway-intentions', flow: 'gateway.intentions', metric: 'http_req_duration' },
  grpc: { scenario: 'specialists', flow: 'specialist.business', metric: 'grpc_req_duration' },
} as const;

export async function measureTruth(asked: TruthCase, k6: string): Promise<Measured> {
  const { scenario, flow, metric } = SCENARIOS[asked.protocol];
  const runDir = mkdtempSync(join(tmpdir(), 'gauntlet-truth-'));
  const server = await startTruthServer(asked);
  try {
    const plan: ScenarioLoad = {
      scenario,
      script: join(projectRoot, 'scenarios', `${scenario}.ts`),
      flows: [
        {
          flow,
          executor: flow.replaceAll('.', '_'),
          schedule: { startRate: perSecond(asked.script.rate), stages: [] },
          vus: asked.vus,
          worstStallMs: ms(5000),
        },
      ],
      env: {
        GAUNTLET_RUN_ID: 'truth',
        GAUNTLET_ADDRESS_GATEWAY: `http://${server.address}`,
        GAUNTLET_ADDRESS_SPECIALIST_BUSINESS: server.address,
      },
    };
    const data = new RunData();
    const summary = join(runDir, 'summary.json');
    const session = await startLoad({
      plan: [plan],
      k6: withSummary(k6, join(runDir, 'k6-with-summary'), summary),
      seed: 1,
      durationMs: ms(CONNECTING_MS + asked.measuredMs + 1500),
      runDir,
      clock: monotonicClock,
      onFlush: (increments) => data.add(increments),
    });
    const end = await session.finished;
    const startedAt = session.scheduleStart() ?? Number.NaN;
    const first = Math.ceil((startedAt + CONNECTING_MS) / 1000);
    const seconds = Array.from({ length: asked.measuredMs / 1000 }, (_, index) => first + index);
    const own = (JSON.parse(readFileSync(summary, 'utf8')) as Summary).metrics[metric];
    return {
      ledger: end.ledgers[flow],
      problems: end.problems,
      fromMs: first * 1000 - startedAt,
      toMs: first * 1000 - startedAt + asked.measuredMs,
      failed: data.totals(flow).failed,
      server: await server.counts(),
      quantile: (clock, q) => (data.histogram(flow, clock, seconds).valueAtQuantile(q) ?? Number.NaN) / 1000,
      k6: {
        p50: own?.med ?? Number.NaN,
        p95: own?.['p(95)'] ?? Number.NaN,
        p99: own?.['p(99)'] ?? Number.NaN,
      },
    };
  } finally {
    await server.stop();
    rmSync(runDir, { recursive: true, force: true });
  }
}

interface Summary {
  readonly metrics: Readonly<Record<string, { med: number; 'p(95)': number; 'p(99)': number }>>;
}

/** Our samples leave by another pipe, since k6 prints its summary to standard output (a socket, which cannot be opened by name). */
function withSummary(k6: string, path: string, summary: string): string {
  writeFileSync(
    path,
    `#!/bin/bash
exec 3> >(exec cat) 1>/dev/null
args=("$@")
args=("\${args[@]/--summary-mode=disabled/--summary-export=${summary}}")
args=("\${args[@]/fileName=-/fileName=/dev/fd/3}")
exec ${k6} "\${args[0]}" --summary-trend-stats 'med,p(95),p(99)' "\${args[@]:1}"
`,
  );
  chmodSync(path, 0o755);
  return path;
}

async function startTruthServer({ protocol, script }: TruthCase) {
  const worker = new Worker(join(import.meta.dirname, 'truth-worker.mjs'), {
    workerData: {
      protocol,
      script,
      proto: join(projectRoot, 'systems/neural-hive-mind/proto/specialist.proto'),
    },
  });
  const next = <T>(): Promise<T> => new Promise((resolve) => worker.once('message', resolve));
  const { address } = await next<{ address: string }>();
  return {
    address,
    counts() {
      const answer = next<{ count: number; failed: number }>();
      worker.postMessage('counts');
      return answer;
    },
    stop: () => worker.terminate(),
  };
}
