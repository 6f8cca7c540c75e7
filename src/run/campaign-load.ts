/** The `load:` part of a campaign: which scenario, at which arrival rate, split over which flows. */
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { ArrivalSchedule, Stage } from '../core/load-plan.ts';
import {
  type Ms,
  ms,
  type Parsed,
  type PerSecond,
  parseDuration,
  parseRate,
  perSecond,
} from '../core/units.ts';
import { LEAST_RATE } from '../measure/carried-rate.ts';
import { parseText, type YamlNode, type YamlProblems } from '../system/yaml-reader.ts';
import { SCENARIOS, type ScenarioEntry } from './scenario-catalogue.ts';
import { timesRate } from './shaped-schedule.ts';

export interface CampaignLoad {
  readonly scenario: ScenarioEntry;
  readonly flows: readonly string[];
  /** Each flow's own schedule: the scenario's, times the flow's share. */
  readonly schedules: ReadonlyMap<string, ArrivalSchedule>;
  readonly worstStallMs: Ms;
  /** How many k6 processes share the load. */
  readonly generators: number;
  /** How many redirects a request follows. */
  readonly redirects: number;
  /** The rate is a ceiling: how much of it the target carries is found before the run (rate-search.ts). */
  readonly auto: boolean;
}

const KEYS = ['scenario', 'rate', 'stages', 'weights', 'timeout', 'generators', 'redirects'];
/** More would be another machine's work: each process has its own compiler, garbage collector and copy of the script. */
const MOST_GENERATORS = 16;

export function readLoad(root: YamlNode, problems: YamlProblems): readonly CampaignLoad[] {
  const node = root.entries.get('load');
  if (node?.kind !== 'list' || node.items.length === 0) {
    problems.add(node?.place ?? root.place, {
      subject: 'load',
      expected: 'a list with at least one scenario',
    });
    return [];
  }
  const seen = new Set<string>();
  return node.items.flatMap((item) => {
    const load = readOne(item, problems);
    if (load === undefined) return [];
    if (seen.has(load.scenario.name)) {
      problems.add(item.place, {
        subject: 'scenario',
        expected: 'each scenario once',
        got: load.scenario.name,
      });
    }
    seen.add(load.scenario.name);
    return [load];
  });
}

function readOne(item: YamlNode, problems: YamlProblems): CampaignLoad | undefined {
  problems.onlyKeys(item, 'load key', KEYS);
  const name = problems.read(item, 'scenario', parseText);
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (name !== undefined && !scenario) {
    const names = SCENARIOS.map((one) => one.name);
    const place = item.entries.get('scenario')?.place ?? item.place;
    const problem = { subject: 'scenario', expected: `one of ${names.join(', ')}`, got: show(name) };
    problems.add(place, { ...problem, ...didYouMean(name, names) });
  }
  const schedule = readSchedule(item, problems);
  const worst = problems.read(item, 'timeout', parseDuration, scenario?.worstStallMs ?? ms(5000));
  const generators = problems.read(item, 'generators', parseGenerators, 1) ?? 1;
  const redirects = readRedirects(item, scenario, problems);
  if (!scenario || !schedule) return undefined;
  const shares = readWeights(item.entries.get('weights'), scenario, problems);
  const auto = isAuto(item.entries.get('rate'));
  const flows = scenario.flows.filter((flow) => (shares.get(flow) ?? 0) > 0);
  const schedules = new Map(flows.map((flow) => [flow, timesRate(schedule, shares.get(flow) ?? 0)]));
  return {
    scenario,
    flows,
    schedules,
    worstStallMs: worst ?? scenario.worstStallMs,
    generators,
    redirects,
    auto,
  };
}

function readSchedule(item: YamlNode, problems: YamlProblems): ArrivalSchedule | undefined {
  const stages = item.entries.get('stages');
  if (stages && item.entries.has('rate')) {
    problems.add(item.place, { subject: 'load', expected: 'either rate or stages', got: 'both' });
    return undefined;
  }
  if (!stages) {
    const rate = problems.read(item, 'rate', parseRateOrCeiling);
    return rate === undefined ? undefined : { startRate: rate, stages: [] };
  }
  let current: PerSecond | undefined;
  const read: Stage[] = [];
  for (const stage of stages.items) {
    problems.onlyKeys(stage, 'stage key', ['to', 'in', 'hold']);
    if (stage.entries.has('hold')) {
      const hold = problems.read(stage, 'hold', parseDuration);
      if (hold !== undefined) read.push({ to: current ?? perSecond(0), durationMs: hold });
      continue;
    }
    const to = problems.read(stage, 'to', parseRate);
    const durationMs = problems.read(stage, 'in', parseDuration);
    if (to !== undefined && durationMs !== undefined) read.push({ to, durationMs });
    current = to ?? current;
  }
  if (read.length === 0) {
    const expected = 'a list such as [{to: 100/s, in: 1m}, {hold: 5m}]';
    problems.add(stages.place, { subject: 'stages', expected });
    return undefined;
  }
  return { startRate: perSecond(0), stages: read };
}

const AUTO = /^auto\b\s*(?:up to\b)?\s*/;
const isAuto = (node: YamlNode | undefined): boolean =>
  node?.kind === 'scalar' && AUTO.test(String(node.value));

/** `40/s`, or `auto up to 100/s`, which is a ceiling. */
function parseRateOrCeiling(value: unknown): Parsed<PerSecond> {
  const isCeiling = typeof value === 'string' && AUTO.test(value);
  const parsed = parseRate(isCeiling ? value.replace(AUTO, '') : value);
  if (!isCeiling || (parsed.ok && parsed.value >= LEAST_RATE)) return parsed;
  return {
    ok: false,
    expected: `a ceiling of at least ${LEAST_RATE}/s behind auto, such as auto up to 100/s`,
  };
}

const parseGenerators = (value: unknown): Parsed<number> =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_GENERATORS
    ? { ok: true, value }
    : { ok: false, expected: `a whole number of k6 processes from 1 to ${MOST_GENERATORS}` };

/** Browsers give up after 20. */
const MOST_REDIRECTS = 20;

const parseRedirects = (value: unknown): Parsed<number> =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_REDIRECTS
    ? { ok: true, value }
    : { ok: false, expected: `a whole number of redirects to follow, from 0 to ${MOST_REDIRECTS}` };

/** None unless asked for: a redirect that is followed in silence is time that nobody sees. */
function readRedirects(item: YamlNode, scenario: ScenarioEntry | undefined, problems: YamlProblems): number {
  const count = problems.read(item, 'redirects', parseRedirects, 0) ?? 0;
  const place = item.entries.get('redirects')?.place;
  if (count > 0 && place && scenario?.http === false) {
    problems.add(place, {
      subject: 'redirects',
      expected: 'a scenario over HTTP with it',
      got: scenario.name,
    });
  }
  return count;
}

const parseWeight = (value: unknown): Parsed<number> =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? { ok: true, value }
    : { ok: false, expected: 'a number that is 0 or greater' };

/** Shares of the rate by flow; they sum to 1. Weights are given by the last word of the flow (`business: 3`). */
function readWeights(
  node: YamlNode | undefined,
  scenario: ScenarioEntry,
  problems: YamlProblems,
): ReadonlyMap<string, number> {
  const words = new Map(scenario.flows.map((flow) => [flow.slice(flow.lastIndexOf('.') + 1), flow]));
  if (!node) return new Map(scenario.flows.map((flow) => [flow, 1 / scenario.flows.length]));
  problems.onlyKeys(node, 'weight', [...words.keys()]);
  const weights = new Map<string, number>();
  for (const [word, flow] of words) weights.set(flow, problems.read(node, word, parseWeight, 0) ?? 0);
  const sum = [...weights.values()].reduce((total, one) => total + one, 0);
  if (sum <= 0) problems.add(node.place, { subject: 'weights', expected: 'at least one weight above 0' });
  return new Map([...weights].map(([flow, weight]) => [flow, sum > 0 ? weight / sum : 0]));
}
