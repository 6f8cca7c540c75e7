/** The load of a campaign: which scenario, at which arrival rate, split over which flows. */
import { didYouMean } from '../core/did-you-mean.ts';
import type { Place } from '../core/errors.ts';
import type { ScriptReading } from '../core/foreign-script.ts';
import { type ArrivalSchedule, type Stage, timesRate } from '../core/load-plan.ts';
import type { ScenarioEntry, ScenarioReading } from '../core/scenario.ts';
import { type Ms, type PerSecond, perSecond, RATE_EXPECTED } from '../core/units.ts';
import type { CampaignShape } from './campaign.ts';
import { type ScriptItem, scriptEntry, secretsOf } from './campaign-script.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import type { Path } from './user-file.ts';

export interface CampaignLoad {
  readonly scenario: ScenarioEntry;
  readonly flows: readonly string[];
  /** The campaign names the flows, so that each of them must exist. */
  readonly weighted: boolean;
  /** Each flow's own schedule: the scenario's, times the flow's share. */
  readonly schedules: ReadonlyMap<string, ArrivalSchedule>;
  readonly worstStallMs: Ms;
  /** How many k6 processes share the load. */
  readonly generators: number;
  /** How many redirects a request follows. */
  readonly redirects: number;
  /** The rate is a ceiling: the sustainable part of it is found before the run (rate-search.ts). */
  readonly auto: boolean;
  /** The place of its rate in the file, for problems that only the plan reveals. */
  readonly ratePlace: Place;
  readonly generatorsPlace: Place;
  /** Of a foreign script. */
  readonly foreign?: ForeignItem;
}

/** What a campaign says about a foreign script. */
export interface ForeignItem {
  /** The campaign gives the schedule, in place of the script's own executors. */
  readonly isGiven: boolean;
  readonly steps?: string;
  /** From names in its environment to variables of the caller. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly place: Place;
}

/** What the scenarios of a campaign say about themselves, by name or path as it writes them. */
export type ScenarioReadings = ReadonlyMap<string, ScenarioReading>;

/** What k6 said about the foreign scripts of a campaign, by their place in the list of its load. */
export type ScriptReadings = ReadonlyMap<number, ScriptReading>;

type Item = NonNullable<NonNullable<Partly<CampaignShape>['load']>[number]>;
type ScenarioItem = Exclude<Item, ScriptItem>;

/**
 * Checks dependencies between keys, and resolves names.
 * @returns the items whose scenario is known.
 */
export function loadOf(
  items: Partly<CampaignShape>['load'],
  scenarios: ScenarioReadings,
  scripts: ScriptReadings,
  problems: Problems,
): readonly CampaignLoad[] {
  const seen = new Set<string>();
  return (items ?? []).flatMap((item, index) => {
    if (item === undefined) return [];
    const path = ['load', index];
    const one = isScript(item, path, problems)
      ? scriptLoad(item, scripts.get(index), path, problems)
      : scenarioLoad(item, scenarios, path, problems);
    if (one === undefined) return [];
    const { name } = one.scenario;
    if (seen.has(name)) {
      const kind = one.foreign ? 'script' : 'scenario';
      problems.add(path, `each ${kind} once`, { subject: `load.${kind}`, got: name });
    }
    seen.add(name);
    return [one];
  });
}

const isScript = (_item: Item, path: Path, { file }: Problems): _item is ScriptItem =>
  file.valueAt([...path, 'script']) !== undefined;

function scenarioLoad(
  item: ScenarioItem,
  scenarios: ScenarioReadings,
  path: Path,
  problems: Problems,
): CampaignLoad | undefined {
  const schedule = scheduleOf(item, item.rate?.rate, path, problems);
  const reading = item.scenario === undefined ? undefined : scenarios.get(item.scenario);
  // Its name is wrong, which the schema has reported.
  if (reading === undefined) return undefined;
  if (reading.ok) return resolved(item, reading.entry, schedule ?? NO_SCHEDULE, path, problems);
  if ('problems' in reading) return problems.include(reading.problems);
  const { expected, got, next } = reading;
  return problems.add([...path, 'scenario'], expected, { got, ...(next !== undefined && { next }) });
}

function scriptLoad(
  item: ScriptItem,
  reading: ScriptReading | undefined,
  path: Path,
  problems: Problems,
): CampaignLoad | undefined {
  const { file } = problems;
  const has = (key: string): boolean => file.valueAt([...path, key]) !== undefined;
  const isGiven = has('rate') || has('stages');
  const schedule = isGiven ? scheduleOf(item, item.rate, path, problems) : undefined;
  const scenario = scriptEntry(item, reading, isGiven, path, problems);
  if (scenario === undefined) return undefined;
  const place = file.placeOf([...path, 'script']);
  const steps = item.steps === undefined ? {} : { steps: item.steps };
  return {
    scenario,
    flows: scenario.flows,
    weighted: true,
    schedules: new Map(scenario.flows.map((flow) => [flow, schedule ?? NO_SCHEDULE])),
    worstStallMs: scenario.worstStallMs,
    ...{ generators: 1, redirects: 0, auto: false },
    ratePlace: has('rate') ? file.placeOf([...path, 'rate']) : place,
    generatorsPlace: place,
    foreign: { isGiven, ...steps, secrets: secretsOf(item.env ?? {}), place },
  };
}

/**
 * Replaces a scenario that could not be read: its problem is already reported, and the names of its flows are
 * still known.
 */
const NO_SCHEDULE: ArrivalSchedule = { startRate: perSecond(1), stages: [] };

function resolved(
  item: ScenarioItem,
  scenario: ScenarioEntry,
  schedule: ArrivalSchedule,
  path: Path,
  problems: Problems,
): CampaignLoad {
  const { file } = problems;
  const at = (...keys: readonly string[]): Place =>
    file.placeOf([...path, ...keys.filter((key) => file.valueAt([...path, key]) !== undefined).slice(0, 1)]);
  const redirects = item.redirects ?? 0;
  if (redirects > 0 && !scenario.http) {
    problems.add([...path, 'redirects'], 'a scenario over HTTP with it', { got: scenario.name });
  }
  const shares = sharesOf(item.weights, scenario, [...path, 'weights'], problems);
  const flows = scenario.flows.filter((flow) => (shares.get(flow) ?? 0) > 0);
  return {
    scenario,
    flows,
    weighted: item.weights !== undefined,
    schedules: new Map(flows.map((flow) => [flow, timesRate(schedule, shares.get(flow) ?? 0)])),
    worstStallMs: item.timeout ?? scenario.worstStallMs,
    generators: item.generators ?? 1,
    redirects,
    auto: item.rate?.auto ?? false,
    ratePlace: at('weights', 'rate', 'stages'),
    generatorsPlace: at('generators'),
  };
}

function scheduleOf(
  { stages }: Pick<Item, 'stages'>,
  rate: PerSecond | undefined,
  path: Path,
  problems: Problems,
): ArrivalSchedule | undefined {
  const has = (key: string): boolean => problems.file.valueAt([...path, key]) !== undefined;
  if (has('rate') && has('stages')) return problems.add(path, 'either rate or stages', { got: 'both' });
  if (has('stages')) return stagesOf(stages, [...path, 'stages'], problems);
  if (!has('rate')) return problems.add([...path, 'rate'], RATE_EXPECTED);
  return rate && { startRate: rate, stages: [] };
}

function stagesOf(written: Item['stages'], path: Path, problems: Problems): ArrivalSchedule | undefined {
  let current: PerSecond | undefined;
  const stages: Stage[] = [];
  for (const one of written ?? []) {
    if (one === undefined) continue;
    if ('hold' in one) {
      if (one.hold !== undefined) stages.push({ to: current ?? perSecond(0), durationMs: one.hold });
    } else if ('to' in one) {
      if (one.to !== undefined && one.in !== undefined) stages.push({ to: one.to, durationMs: one.in });
      current = one.to ?? current;
    }
  }
  if (stages.length > 0 && stages.every((stage) => stage.to === 0)) {
    return problems.add(path, 'at least one stage with a rate (to: 100/s)', { got: null });
  }
  return { startRate: perSecond(0), stages };
}

/** Shares of the rate by flow; they sum to 1. A weight names the last word of its flow (`business: 3`). */
function sharesOf(
  weights: ScenarioItem['weights'],
  { flows }: ScenarioEntry,
  path: Path,
  problems: Problems,
): ReadonlyMap<string, number> {
  if (weights === undefined) return new Map(flows.map((flow) => [flow, 1 / flows.length]));
  const words = new Map(flows.map((flow) => [flow.slice(flow.lastIndexOf('.') + 1), flow]));
  const known = [...words.keys()];
  for (const word of Object.keys(weights)) {
    if (words.has(word)) continue;
    problems.add([...path, word], `one of ${known.join(', ')}`, { keys: known, ...didYouMean(word, known) });
  }
  const sum = known.reduce((total, word) => total + (weights[word] ?? 0), 0);
  if (sum <= 0) problems.add(path, 'at least one weight above 0', { got: null });
  return new Map([...words].map(([word, flow]) => [flow, sum > 0 ? (weights[word] ?? 0) / sum : 0]));
}
