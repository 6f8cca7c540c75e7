/** Runs one of our scenarios in a real k6, as src/load does, and reads its samples back. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { FlowLoad } from '../../../src/core/load-plan.ts';
import { ms, perSecond } from '../../../src/core/units.ts';
import { k6Command } from '../../../src/load/k6-command.ts';
import { WHOLE } from '../../../src/measure/segments.ts';
import { processStat } from '../../../src/system/proc.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { requireTestTools } from '../support-services/test-tools.ts';

/** Found once for all scenarios of a test file: asking k6 for its version costs 60 ms. */
let found: Promise<string> | undefined;
const k6Binary = (): Promise<string> => {
  found ??= requireTestTools(['k6']).then((tools) => tools.k6 ?? '');
  return found;
};

export interface Sample {
  readonly metric: string;
  readonly atMs: number;
  readonly value: number;
  readonly scenario: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly vu: string;
}

export interface K6Run {
  readonly exitCode: number;
  readonly stderr: string;
  readonly samples: readonly Sample[];
  readonly lines: number;
  readonly peakRssMb: number;
  readonly cpuMs: number;
  of(metric: string): readonly Sample[];
  outcomes(): Readonly<Record<string, number>>;
}

export const flowLoad = (flow: string, rate: number, vus: number, worstStallMs = 1000): FlowLoad => ({
  flow,
  executor: flow.replaceAll('.', '_'),
  schedule: { startRate: perSecond(rate), stages: [] },
  worstStallMs: ms(worstStallMs),
  vus,
});

export async function runScenario(
  scenario: string,
  flows: readonly FlowLoad[],
  env: Readonly<Record<string, string>>,
  options: {
    readonly durationMs?: number;
    readonly seed?: number;
    readonly redirects?: number;
    /** How many files k6 may open. */
    readonly openFiles?: number;
  } = {},
): Promise<K6Run> {
  const home = mkdtempSync(join(tmpdir(), 'gauntlet-scenario-'));
  const out = join(home, 'samples.csv');
  try {
    const script = join(projectRoot, 'scenarios', `${scenario}.ts`);
    const command = k6Command(
      { scenario, script, flows, env, ...(options.redirects && { redirects: options.redirects }) },
      {
        k6: await k6Binary(),
        seed: options.seed ?? 1,
        segment: WHOLE,
        durationMs: ms(options.durationMs ?? 2000),
        gracefulStopMs: ms(3000),
        home,
        loadFile: join(home, 'load.ndjson'),
        secrets: {},
      },
    );
    writeFileSync(join(home, 'load.ndjson'), command.load);
    const args = command.args.map((one) => one.replace('fileName=-', `fileName=${out}`));
    const limited =
      options.openFiles === undefined ? [] : ['-c', `ulimit -n ${options.openFiles}; exec "$0" "$@"`];
    const [file, ...rest] = [...(limited.length > 0 ? ['sh', ...limited] : []), command.file, ...args];
    const child = execa(file ?? '', rest, { env: command.env, extendEnv: false, reject: false });
    let [peakRssMb, cpuMs] = [0, 0];
    const watch = setInterval(() => {
      const stat = child.pid === undefined ? undefined : processStat(child.pid);
      if (stat === undefined) return;
      peakRssMb = Math.max(peakRssMb, stat.rssBytes / 2 ** 20);
      cpuMs = stat.cpuMs;
    }, 100);
    const ended = await child.finally(() => clearInterval(watch));
    // A script that fails before its first iteration leaves no file.
    const rows = existsSync(out) ? readFileSync(out, 'utf8').trimEnd().split('\n') : [];
    const samples = samplesOf(rows);
    const of = (metric: string): readonly Sample[] => samples.filter((one) => one.metric === metric);
    return {
      exitCode: ended.exitCode ?? -1,
      stderr: String(ended.stderr),
      samples,
      lines: rows.length,
      peakRssMb,
      cpuMs,
      of,
      outcomes() {
        const counts: Record<string, number> = {};
        for (const { tags } of of('gauntlet_service_ms')) {
          const outcome = tags['outcome'] ?? '(none)';
          counts[outcome] = (counts[outcome] ?? 0) + 1;
        }
        return counts;
      },
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function samplesOf(rows: readonly string[]): Sample[] {
  const names = rows[0]?.split(',') ?? [];
  const wanted = /^(gauntlet_|dropped_iterations|grpc_req_duration|http_req_duration)/;
  return rows.slice(1).flatMap((row): Sample[] => {
    if (!wanted.test(row)) return [];
    const fields = row.split(',');
    const field = (name: string): string => fields[names.indexOf(name)] ?? '';
    const tags = Object.fromEntries(
      field('extra_tags')
        .split('&')
        .map((pair) => pair.split('=')),
    );
    return [
      {
        metric: field('metric_name'),
        atMs: Number(field('timestamp')) / 1e6,
        value: Number(field('metric_value')),
        scenario: field('scenario'),
        tags,
        vu: /vu=(\d+)/.exec(field('metadata'))?.[1] ?? '',
      },
    ];
  });
}
