/**
 * Which objectives cannot get the samples that they need, from the plan alone: reported before anything is
 * started, with the length that would be enough, and not after the run as NO-DATA.
 */
import type { OwnSchedule } from '../../core/foreign-script.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import type { Objective } from '../../core/objective.ts';
import type { Plan } from '../../core/plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { heldUntil, type Ticks, ticksOf, ticksOfRates } from '../../measure/schedule.ts';
import { neededSamples } from '../../measure/statistics.ts';
import { type PhaseLength, phaseLength } from './phase-length.ts';

const NO_NUMBER = 'no number of samples is enough';

export type SampledPlan = Pick<
  Plan,
  'load' | 'shape' | 'warmupMs' | 'baselineMs' | 'faults' | 'repeat' | 'recovery' | 'objectives' | 'longestMs'
>;

export interface Shortage {
  readonly objective: Objective;
  /** One sentence, with the length that would be enough. */
  readonly text: string;
  /** Even the longest possible phase of the plan has too few. */
  readonly isCertain: boolean;
}

/** Objectives first, then the conditions of a search, which apply to each of its steps. */
export function shortages(plan: SampledPlan): readonly Shortage[] {
  const { shape, objectives } = plan;
  const search = shape?.search;
  // All steps have the same length, and the first has the lowest rate.
  const [first] = search?.phases ?? [];
  const asked = search && first !== undefined ? search.conditions : [];
  return [
    ...objectives.flatMap((one) => shortage(plan, one, one.name)),
    ...asked.flatMap((one) => {
      const scope = { kind: 'phase', phase: first ?? '' } as const;
      return shortage(plan, { ...one, scope }, `${one.name} in ${first}`);
    }),
  ];
}

function shortage(plan: SampledPlan, objective: Objective, name: string): readonly Shortage[] {
  const { scope, flow } = objective;
  const needed = neededSamples(objective);
  const load = plan.load.flatMap((one) => one.flows).find((one) => one.flow === flow);
  if (needed === 0 || scope.kind !== 'phase' || load === undefined) return [];
  if (load.foreign?.own) return ownShortage(objective, name, load.foreign.own, needed);
  const length = phaseLength(plan, scope.phase);
  if (length === undefined) return [];
  const held = Math.max(plan.longestMs, (length.toMs ?? 0) + 1);
  const ticks = ticksOf(heldUntil(load.schedule, held as typeof plan.longestMs));
  const tooShort = shorterThanWindow(length, scope.overMs);
  if (tooShort !== null)
    return [{ objective, text: `${name} ${tooShort.text}`, isCertain: tooShort.isCertain }];
  const { least, most } = samplesIn(length, load, ticks, scope.overMs);
  if (least >= needed) return [];
  const isCertain = most < needed;
  const found = isCertain ? `at most ${count(most)}` : `about ${count(least)}`;
  const will = isCertain ? 'can never be judged' : 'may end as NO-DATA';
  const text = `${name} ${will}: ${found} samples, ${count(needed)} needed; ${remedy(length, scope, needed, least)}`;
  return [{ objective, text, isCertain }];
}

/** By the script's own schedule. How many iterations a closed one will make in a time is not known. */
function ownShortage(
  objective: Objective,
  name: string,
  { arrivals, lengthMs, iterations }: OwnSchedule,
  needed: number,
): readonly Shortage[] {
  const most =
    arrivals === undefined
      ? iterations
      : ticksOfRates(arrivals, arrivals.durationsMs).dueBefore(lengthMs * 1e6);
  if (most === undefined || most >= needed) return [];
  const cure = Number.isFinite(needed) ? 'a longer schedule of the script would be enough' : NO_NUMBER;
  const found = `at most ${count(most)} samples, ${count(needed)} needed; ${cure}`;
  return [{ objective, text: `${name} can never be judged: ${found}`, isCertain: true }];
}

/** Without one whole window nothing can be judged, at any rate. */
function shorterThanWindow(length: PhaseLength, overMs: number | undefined) {
  const { leastSeconds, mostSeconds, key } = length;
  const seconds = (overMs ?? 0) / 1000;
  if (leastSeconds >= seconds) return null;
  const isCertain = mostSeconds < seconds;
  const will = isCertain ? 'can never be judged' : 'may end as NO-DATA';
  const cure =
    key === null
      ? 'a shorter window would be enough'
      : `${key}: ${lengthFor(length, seconds)}s would be enough`;
  return { isCertain, text: `${will}: its phase may be shorter than one window of ${seconds} s; ${cure}` };
}

/**
 * Seconds that are lost at the edges of a phase, or that settling adds, as whole seconds in the campaign's
 * form.
 */
const lengthFor = ({ lengthMs, leastSeconds }: PhaseLength, seconds: number): number =>
  Math.max(1, Math.ceil(seconds + lengthMs / 1000 - leastSeconds));

interface Samples {
  readonly least: number;
  readonly most: number;
}

/**
 * Where the times of a phase are known, counts its own ticks; later phases have the rates from there to the
 * schedule's end.
 */
function samplesIn(length: PhaseLength, flow: FlowLoad, ticks: Ticks, overMs: number | undefined): Samples {
  const { leastSeconds, mostSeconds, fromMs, toMs, rounds } = length;
  const { startRate, stages } = flow.schedule;
  const lasting = stages.at(-1)?.to ?? startRate;
  const dueIn = (from: number, to: number): number => ticks.dueBefore(to * 1e6) - ticks.dueBefore(from * 1e6);
  const seconds = toMs === undefined ? 0 : (toMs - fromMs) / 1000;
  const rate = toMs === undefined ? lasting : dueIn(fromMs, toMs) / Math.max(1, seconds);
  if (overMs !== undefined) {
    const highest = Math.max(rate, startRate, ...stages.map((stage) => stage.to));
    const counted = (per: number, whole: number): number =>
      whole * 1000 < overMs ? 0 : (per * overMs) / 1000;
    return { least: Math.floor(counted(rate, leastSeconds)), most: Math.ceil(counted(highest, mostSeconds)) };
  }
  const highest = Math.max(lasting, startRate, ...stages.map((stage) => stage.to));
  // A tick at either edge may be inside.
  const most =
    toMs === undefined ? highest * mostSeconds : dueIn(fromMs, toMs) + lasting * (mostSeconds - seconds) + 2;
  return { least: Math.floor(rate * leastSeconds * rounds), most: Math.ceil(most) * rounds };
}

function remedy(
  length: PhaseLength,
  { overMs }: Extract<Objective['scope'], { kind: 'phase' }>,
  needed: number,
  least: number,
): string {
  const { key, leastSeconds, rounds } = length;
  if (!Number.isFinite(needed)) return NO_NUMBER;
  const perSecond = least / Math.max(1, overMs === undefined ? leastSeconds * rounds : overMs / 1000);
  if (perSecond <= 0) return 'a higher rate would be enough';
  const seconds = Math.ceil(needed / perSecond);
  if (overMs !== undefined) {
    return seconds <= 300
      ? `over ${seconds}s would be enough`
      : 'a higher rate would be enough, or a lower percentile';
  }
  if (key === null) return 'a higher rate would be enough, or another phase';
  return `${key}: ${lengthFor(length, seconds / rounds)}s would be enough`;
}

const count = (samples: number): string => samples.toLocaleString('en-US');

/** Phases are judged in whole seconds: one is lost at each end. */
const EDGES_MS = 2000;

/** Some arrivals fail, and percentiles count only good answers. */
const SPARE = 1.1;

/**
 * How long a baseline must be for its objectives to have their samples.
 * @returns 0 when no objective of the baseline needs samples, or when its flow has no constant rate.
 */
export function baselineNeeded(objectives: readonly Objective[], flows: readonly FlowLoad[]): Ms {
  const lengths = objectives.map((objective) => {
    const schedule = flows.find((one) => one.flow === objective.flow)?.schedule;
    const samples = samplesNeeded(objective);
    if (schedule === undefined || schedule.stages.length > 0 || samples === 0) return 0;
    return (samples / schedule.startRate) * 1000 * SPARE + EDGES_MS;
  });
  return ms(Math.ceil(Math.max(0, ...lengths) / 1000) * 1000);
}

function samplesNeeded({ scope, indicator, limit }: Objective): number {
  if (scope.kind !== 'phase' || scope.phase !== 'baseline' || scope.overMs !== undefined) return 0;
  const needed = neededSamples({ indicator, limit });
  return Number.isFinite(needed) ? needed : 0;
}
