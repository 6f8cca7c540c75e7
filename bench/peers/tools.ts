/**
 * Other load generators, each started at a fixed rate as its users do, and the latencies that it reports. A
 * tool that is not on PATH and cannot be fetched is missing, with the reason.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placesFrom } from '../../src/system/places.ts';
import { findOnPath, runCommand } from '../../src/system/toolchain/command.ts';
import type { Latencies } from './truth.ts';

export interface Request {
  readonly url: string;
  /** Per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Folder for its files. */
  readonly folder: string;
}

export interface Tool {
  readonly name: string;
  /** Its settings, for the table. */
  readonly settings: string;
  /** @throws when the tool is not available, or its output cannot be parsed. */
  measure(request: Request): Promise<Latencies>;
}

const FETCH_TIMEOUT_MS = 5 * 60_000;
const HEY = 'github.com/rakyll/hey@v0.1.5';
const VEGETA = 'github.com/tsenart/vegeta/v12@v12.13.0';
const AUTOCANNON = 'autocannon@8.0.0';

export const TOOLS: readonly Tool[] = [
  k6With(20),
  k6With(100),
  k6With(600),
  { name: 'hey', settings: '20 workers', measure: (request) => hey(request, 20) },
  { name: 'hey', settings: '100 workers', measure: (request) => hey(request, 100) },
  { name: 'autocannon', settings: '20 connections', measure: (request) => autocannon(request, 20) },
  { name: 'vegeta', settings: 'as many workers as it wants', measure: (request) => vegeta(request, null) },
  { name: 'vegeta', settings: 'at most 20 workers', measure: (request) => vegeta(request, 20) },
  { name: 'wrk2', settings: '20 connections', measure: (request) => wrk2(request, 20) },
];

/** Its summary measures from sending; an arrival without a free VU is dropped and in no percentile. */
function k6With(vus: number): Tool {
  return {
    name: 'k6 summary',
    settings: `${vus} VUs`,
    async measure({ url, rate, seconds, folder }) {
      const k6 = join(placesFrom(process.env).cache, 'k6-2.2.0', 'k6');
      if (!existsSync(k6)) throw new Error(`k6: expected ${k6}; run gauntlet doctor --fix`);
      const script = join(folder, 'open.js');
      const summary = join(folder, 'summary.json');
      const users = `rate: ${rate}, timeUnit: '1s', duration: '${seconds}s', preAllocatedVUs: ${vus}, maxVUs: ${vus}`;
      writeFileSync(
        script,
        `import http from 'k6/http';
export const options = {
  scenarios: { open: { executor: 'constant-arrival-rate', ${users} } },
  summaryTrendStats: ['p(50)', 'p(90)', 'p(99)', 'max'],
};
export default function () { http.get(${JSON.stringify(url)}); }
export function handleSummary(data) {
  return { ${JSON.stringify(summary)}: JSON.stringify(data.metrics.http_req_duration.values) };
}
`,
      );
      await run(k6, ['run', '--quiet', '--no-usage-report', script], seconds);
      const values = JSON.parse(readFileSync(summary, 'utf8')) as Record<string, number>;
      return latencies((share) => values[share === 1 ? 'max' : `p(${share * 100})`]);
    },
  };
}

async function hey({ url, rate, seconds }: Request, workers: number): Promise<Latencies> {
  const program = await goProgram('hey', HEY);
  const limits = ['-c', String(workers), '-q', String(rate / workers), '-z', `${seconds}s`];
  const said = await run(program, [...limits, url], seconds);
  return latencies((share) => {
    const line =
      share === 1 ? /Slowest:\s+([\d.]+) secs/ : new RegExp(`\\b${share * 100}%+ in ([\\d.]+) secs`);
    return Number(line.exec(said)?.[1]) * 1000;
  });
}

/** With a rate it corrects for coordinated omission: it adds samples for the missing requests. */
async function autocannon({ url, rate, seconds }: Request, connections: number): Promise<Latencies> {
  const program = await npmProgram('autocannon', AUTOCANNON);
  const args = ['-c', String(connections), '-R', String(rate), '-d', String(seconds), '--json', url];
  const output = await run(program, args, seconds);
  const said = JSON.parse(output.slice(output.indexOf('{'))) as { latency: Record<string, number> };
  return latencies((share) => said.latency[share === 1 ? 'max' : `p${share * 100}`]);
}

async function vegeta({ url, rate, seconds, folder }: Request, workers: number | null): Promise<Latencies> {
  const program = await goProgram('vegeta', VEGETA);
  const targets = join(folder, 'targets');
  const results = join(folder, 'results.bin');
  writeFileSync(targets, `GET ${url}\n`);
  const most = workers === null ? [] : [`-max-workers=${workers}`];
  const limits = [`-rate=${rate}/1s`, `-duration=${seconds}s`, ...most];
  await run(program, ['attack', ...limits, `-targets=${targets}`, `-output=${results}`], seconds);
  const said = JSON.parse(await run(program, ['report', '-type=json', results], 30)) as {
    latencies: Record<string, number>;
  };
  return latencies((share) => (said.latencies[share === 1 ? 'max' : `${share * 100}th`] ?? Number.NaN) / 1e6);
}

/**
 * It measures from the instant at which a request should have been sent; its first 10 s are calibration and
 * not in its results.
 */
async function wrk2({ url, rate, seconds }: Request, connections: number): Promise<Latencies> {
  const program = process.env['WRK2'] ?? findOnPath('wrk2', process.env);
  if (program === undefined) {
    throw new Error('wrk2: neither on PATH nor named by WRK2 (build it from github.com/giltene/wrk2)');
  }
  const args = [
    '-t',
    '2',
    '-c',
    String(connections),
    '-R',
    String(rate),
    '-d',
    `${seconds}s`,
    '--latency',
    url,
  ];
  const said = await run(program, args, seconds);
  const unitMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
  return latencies((share) => {
    const [, value, unit = ''] =
      new RegExp(`\\b${(share * 100).toFixed(3)}%\\s+([\\d.]+)(us|ms|s|m)\\b`).exec(said) ?? [];
    return Number(value) * (unitMs[unit] ?? Number.NaN);
  });
}

/** @param read undefined or NaN: the tool did not report it. */
function latencies(read: (share: number) => number | undefined): Latencies {
  const at = (share: number): number => {
    const value = read(share);
    if (value === undefined || Number.isNaN(value)) throw new Error(`no P${share * 100} in its output`);
    return value;
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

async function run(program: string, args: readonly string[], seconds: number): Promise<string> {
  const result = await runCommand(program, args, { env: process.env, timeoutMs: (seconds + 30) * 1000 });
  if (!result.ok) throw new Error(result.why);
  return result.output;
}

async function goProgram(name: string, module: string): Promise<string> {
  const found = findOnPath(name, process.env);
  if (found !== undefined) return found;
  const folder = folderOf(module);
  const program = join(folder, name);
  if (existsSync(program)) return program;
  const go = findOnPath('go', process.env);
  if (go === undefined) throw new Error(`${name}: not on PATH, and no go to build it with`);
  await fetchTool(go, ['install', module], { GOBIN: folder });
  return program;
}

async function npmProgram(name: string, spec: string): Promise<string> {
  const found = findOnPath(name, process.env);
  if (found !== undefined) return found;
  const folder = folderOf(spec);
  const program = join(folder, 'node_modules', '.bin', name);
  if (existsSync(program)) return program;
  const npm = findOnPath('npm', process.env);
  if (npm === undefined) throw new Error(`${name}: not on PATH, and no npm to install it with`);
  await fetchTool(npm, ['install', '--prefix', folder, '--no-audit', '--no-fund', spec], {});
  return program;
}

function folderOf(what: string): string {
  const folder = join(placesFrom(process.env).cache, 'bench-peers', what.replaceAll(/[^\w.-]/g, '_'));
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function fetchTool(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  console.error(`fetching: ${args.join(' ')}, once`);
  const result = await runCommand(program, args, {
    env: { ...process.env, ...env },
    timeoutMs: FETCH_TIMEOUT_MS,
  });
  if (!result.ok) throw new Error(result.why);
}
