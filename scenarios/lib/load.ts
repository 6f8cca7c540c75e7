/**
 * The load that Gauntlet requests, as k6 options: arrival-rate executors only, so that a slow target cannot
 * slow the load.
 */
import type { Options, Scenario } from 'k6/options';

/** VUs that idle while they are not needed, see reserve.ts. */
export interface Reserve {
  /** This many first iterations of this process are not arrivals. */
  readonly mustered: number;
  /** When the first arrival is due, in ms since the executor started. */
  readonly startMs: number;
  /** How many VUs wait for an arrival, until an instant of the schedule in ms. */
  readonly ready: readonly { readonly untilMs: number; readonly vus: number }[];
}

/** One flow is one executor: a dropped arrival then belongs to exactly one flow. */
export interface Flow {
  readonly flow: string;
  readonly executor: string;
  readonly vus: number;
  /** The client's own time limit for one request, in ms. */
  readonly worstStallMs: number;
  readonly reserve?: Reserve;
}

export interface Load {
  readonly seed: number;
  readonly durationMs: number;
  readonly gracefulStopMs: number;
  /** The number of redirects that a request follows. */
  readonly redirects: number;
  readonly flows: readonly Flow[];
}

/** Gauntlet asks what this scenario is: nothing is sent, and there is no load and no address yet. */
const IS_READ = __ENV['GAUNTLET_READING'] !== undefined;
const NO_LOAD = '{"seed":1,"durationMs":0,"gracefulStopMs":0,"redirects":0,"flows":[]}\n{}';

/** @throws when the script is run without Gauntlet, with the command that runs it. */
function fileOfLoad(): string {
  const file = __ENV['GAUNTLET_LOAD'];
  if (IS_READ) return NO_LOAD;
  if (file !== undefined) return open(file);
  throw new Error(
    'GAUNTLET_LOAD: expected the file of the load, got nothing. Run this through: gauntlet run <campaign>',
  );
}

const [ofEveryVu = '', schedules = ''] = fileOfLoad().split('\n');

export const readLoad = (): Load => JSON.parse(ofEveryVu) as Load;

/** The schedule of each executor in k6's own options; the harness ranks the samples by the same schedule. */
const readArrivals = (): Readonly<Record<string, object>> => JSON.parse(schedules) as Record<string, object>;

/** A required setting of the scenario. @param what for the message. */
export function required(name: string, what = 'an address'): string {
  if (IS_READ) return 'http://127.0.0.1:9';
  const value = __ENV[name];
  if (value === undefined || value === '') throw new Error(`${name}: expected ${what}, got nothing`);
  return value;
}

/** What a scenario is; Gauntlet reads it from the script (`gauntlet schema scenario`). */
export interface Description {
  /** One sentence. */
  readonly summary: string;
  /** By flow, the service that it is sent to. `{kind}` makes one flow for each service whose name fits. */
  readonly flows: Readonly<Record<string, { readonly service: string; readonly protocol?: 'http' | 'grpc' }>>;
  /** No request takes longer, such as `5s`: rate × this is the number of VUs. */
  readonly timeLimit: string;
  /** Of one VU in k6, without garbage, such as `300kB`; absent: k6's memory has no limit. */
  readonly vuMemory?: string;
}

/** @param exec name of the exported function that runs one iteration of the flow. */
export function optionsFor(load: Load, exec: string, description: Description): Options {
  if (IS_READ) return { ext: { gauntlet: description } };
  // Only the first evaluation of the script counts; in its VUs k6 ignores the options, and each VU would hold
  // thousands of stages.
  if (__VU !== 0) return {};
  const arrivals = readArrivals();
  const scenarios: Record<string, Scenario> = {};
  for (const flow of load.flows) {
    scenarios[flow.executor] = {
      ...arrivals[flow.executor],
      exec,
      // Creating a VU while the load runs costs a dropped arrival, and CPU in the middle of the measurement.
      preAllocatedVUs: flow.vus,
      maxVUs: flow.vus,
      gracefulStop: `${load.gracefulStopMs}ms`,
      tags: { flow: flow.flow },
    } as unknown as Scenario;
  }
  return { scenarios, discardResponseBodies: false, noConnectionReuse: false, maxRedirects: load.redirects };
}

export function flowOf(load: Load, executor: string): Flow {
  const found = load.flows.find((one) => one.executor === executor);
  if (!found)
    throw new Error(
      `executor ${executor}: expected one of ${load.flows.map((one) => one.executor).join(', ')}`,
    );
  return found;
}
