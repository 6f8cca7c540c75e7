/** The load that Gauntlet asks for, as k6 options: arrival-rate executors only, so that a slow target cannot slow the load. */
import type { Options, Scenario } from 'k6/options';

/** One flow is one executor: a dropped arrival then belongs to exactly one flow. */
export interface Flow {
  readonly flow: string;
  readonly executor: string;
  readonly vus: number;
  /** The client's own time limit for one request, in ms. */
  readonly worstStallMs: number;
  /** k6's own words for the schedule, as the harness will rank the samples by it. */
  readonly arrival: Readonly<Record<string, unknown>>;
}

export interface Load {
  readonly seed: number;
  readonly durationMs: number;
  readonly gracefulStopMs: number;
  readonly flows: readonly Flow[];
}

/** @throws when the script is run without Gauntlet, with the command that does it. */
export function readLoad(): Load {
  const text = __ENV['GAUNTLET_LOAD'];
  if (text === undefined) {
    throw new Error(
      'GAUNTLET_LOAD: expected the load as JSON, got nothing. Run this through: gauntlet run <campaign>',
    );
  }
  return JSON.parse(text) as Load;
}

/** What the scenario cannot do without. @param what for the message. */
export function required(name: string, what = 'an address'): string {
  const value = __ENV[name];
  if (value === undefined || value === '') throw new Error(`${name}: expected ${what}, got nothing`);
  return value;
}

/** @param exec name of the exported function that runs one iteration of the flow. */
export function optionsFor(load: Load, exec: string): Options {
  const scenarios: Record<string, Scenario> = {};
  for (const flow of load.flows) {
    scenarios[flow.executor] = {
      ...flow.arrival,
      exec,
      // A VU that is made while the load runs costs a dropped arrival and CPU in the middle of the measurement.
      preAllocatedVUs: flow.vus,
      maxVUs: flow.vus,
      gracefulStop: `${load.gracefulStopMs}ms`,
      tags: { flow: flow.flow },
    } as unknown as Scenario;
  }
  return { scenarios, discardResponseBodies: false, noConnectionReuse: false };
}

export function flowOf(load: Load, executor: string): Flow {
  const found = load.flows.find((one) => one.executor === executor);
  if (!found)
    throw new Error(
      `executor ${executor}: expected one of ${load.flows.map((one) => one.executor).join(', ')}`,
    );
  return found;
}
