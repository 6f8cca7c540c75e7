/**
 * The command line of k6: pure data from the plan. Nothing of the caller's environment or home directory
 * reaches k6.
 */
import { join } from 'node:path';
import { GauntletError } from '../core/errors.ts';
import type { ScenarioLoad } from '../core/load-plan.ts';
import type { Ms } from '../core/units.ts';
import type { Segment } from '../measure/segments.ts';
import { k6Arrival, k6Flow } from './k6-flow.ts';
import { k6Tls } from './k6-tls.ts';

export interface K6Settings {
  /** The k6 binary. */
  readonly k6: string;
  readonly seed: number;
  readonly durationMs: Ms;
  /** This process's share of the load. */
  readonly segment: Segment;
  /** How long requests in flight at the end may still take. */
  readonly gracefulStopMs: Ms;
  /** An empty folder that k6 uses as its home: no user configuration can change a run. */
  readonly home: string;
  /** The file with the script's load; the caller that starts k6 writes `K6Command.load` there. */
  readonly loadFile: string;
  /** Secrets and similar values, by name; passed to the process only, never written to a file. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface K6Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder in which k6 runs; absent: the current one. */
  readonly cwd?: string;
  /** That it reads at `/dev/fd/3` and on, and finds under no other path. Absent: none. */
  readonly texts?: readonly string[];
  /** On its standard input; absent: nothing. */
  readonly input?: string;
}

export interface OwnCommand extends K6Command {
  /**
   * The load as the script reads it: a line of JSON for every VU, and a line with the schedules, which only
   * k6 itself needs. In a file, because an environment string is limited to 128 KiB, about 4,000 stages.
   */
  readonly load: string;
}

/** No word of k6 on the terminal, and no port of its own. */
export const QUIET: readonly string[] = [
  ...['--quiet', '--no-color', '--summary-mode=disabled', '--no-usage-report', '--address='],
];

/** @param home see K6Settings. */
export const toK6Itself = (home: string): Readonly<Record<string, string>> => ({
  K6_AUTO_EXTENSION_RESOLUTION: 'false',
  K6_NO_USAGE_REPORT: 'true',
  // Go's default of 100 spends an eighth of k6's CPU on garbage collection: 561 µs a request against 488
  // µs (40 VUs, medians of five alternating runs, other load on the machine), for 107 MB of memory
  // instead of 87 MB.
  GOGC: '200',
  HOME: home,
  XDG_CONFIG_HOME: join(home, '.config'),
  PATH: '/usr/bin:/bin',
});

/** How often k6 flushes its samples. Shorter costs k6 a wake-up, longer delays the live view. */
export const SAVE_INTERVAL_MS = 200;

/**
 * @throws GauntletError 'defect' when VUs cannot be shared evenly: the ticks would not be the expected ones.
 */
export function k6Command(load: ScenarioLoad, settings: K6Settings): OwnCommand {
  const { seed, durationMs, gracefulStopMs } = settings;
  const uneven = load.flows.find((flow) => flow.vus % settings.segment.of !== 0);
  if (uneven !== undefined) {
    const expected = `a multiple of ${settings.segment.of}, the number of k6 processes`;
    throw new GauntletError('defect', [
      { subject: `vus of ${uneven.flow}`, expected, got: String(uneven.vus) },
    ]);
  }
  const flows = load.flows.map((flow) => k6Flow(flow, durationMs, settings.segment));
  const { redirects = 0 } = load;
  const tls = k6Tls(load, settings.home);
  const arrivals = Object.fromEntries(load.flows.map((one) => [one.executor, k6Arrival(one, durationMs)]));
  return {
    load: [{ seed, durationMs, gracefulStopMs, redirects, flows }, arrivals]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
    file: settings.k6,
    args: [
      'run',
      '--quiet',
      '--no-color',
      '--summary-mode=disabled',
      '--no-thresholds',
      '--no-usage-report',
      '--address=',
      // `vu` and `iter` are metadata in k6 2: they come in the last column and cost no time series.
      `--system-tags=scenario,vu${load.flows.some((flow) => flow.records !== undefined) ? ',iter' : ''}`,
      // Standard output, so that k6 gets SIGPIPE and ends within a second when its reader is gone.
      `--out=csv=fileName=-,saveInterval=${SAVE_INTERVAL_MS}ms,timeFormat=unix_nano`,
      ...segmentArgs(settings.segment),
      ...tls.args,
      load.script,
    ],
    env: {
      ...load.env,
      ...settings.secrets,
      GAUNTLET_LOAD: settings.loadFile,
      ...grpcTls(load),
      ...tls.env,
      ...memoryLimit(load, settings.segment),
      ...toK6Itself(settings.home),
    },
    ...(tls.texts.length > 0 && { texts: tls.texts }),
  };
}

/** A URL says itself whether it is TLS; to a script that calls gRPC this does. */
const grpcTls = ({ tls }: ScenarioLoad): { readonly GAUNTLET_TLS?: string } =>
  tls === undefined ? {} : { GAUNTLET_TLS: Object.keys(tls.services).join(' ') };

/**
 * Exact fractions, as k6 parses them. A single process has no segment: k6 then runs the script's options
 * unchanged.
 */
function segmentArgs({ index, of }: Segment): string[] {
  if (of === 1) return [];
  const points = Array.from({ length: of + 1 }, (_, point) => `${point}/${of}`);
  return [
    `--execution-segment=${index}/${of}:${index + 1}/${of}`,
    `--execution-segment-sequence=${points.join(',')}`,
  ];
}

/**
 * k6 itself and its garbage, stacks and the runtime's own tables, in kB. With 24 MiB and few VUs the limit
 * was so tight that collection cost 14 % of k6's highest rate; with 64 MiB nothing (40 VUs,
 * docs/decisions/018-flat-memory.md).
 */
const BASE_KB = 64 * 1024;

/**
 * Allowance for garbage, and for the memory of VUs while all their requests are in flight. With 3 the limit
 * would be the level at which GOGC=200 collects.
 */
const ROOM = 2.6;

/**
 * How much memory one k6 process may use before it collects its garbage earlier. Its live heap does not grow
 * with iterations, but the level that garbage reaches varies with each collection, and resident memory
 * follows the highest value: a limit below it keeps resident memory flat. Go's limit is soft: memory that is
 * really needed above it is still allocated, and costs CPU.
 */
export function memoryLimit(
  { vuKb, flows }: Pick<ScenarioLoad, 'vuKb' | 'flows'>,
  { of }: Segment,
): { readonly GOMEMLIMIT?: string } {
  if (vuKb === undefined) return {};
  const vus = flows.reduce((sum, flow) => sum + flow.vus, 0) / of;
  return { GOMEMLIMIT: `${Math.ceil(BASE_KB + ROOM * vuKb * vus)}KiB` };
}
