/**
 * Earlier runs of a baseline, from a folder of run folders: those with the load, target and length of the
 * candidate's. What cannot be compared is named with its reason, never left out in silence.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, usageError } from '../../core/errors.ts';
import type { HistoryPlan, HistoryRun } from '../../core/gate-history.ts';
import type { Plan } from '../../core/plan.ts';
import { planShape } from '../../core/shapes/plan-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { historyFlows } from '../../measure/gate/history-flow.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { assembleRun } from '../verdict/assemble.ts';
import { loadHashOf } from './load-hash.ts';

export interface HistoryAsked {
  readonly folder: string;
  /** At most so many, the latest. */
  readonly last: number;
  /** Id of the run with which the history ends, so that nobody follows a slow decline. Null: the latest. */
  readonly pin: string | null;
}

export type History = Pick<HistoryPlan, 'folder' | 'runs' | 'leftOut'>;
type LeftOut = HistoryPlan['leftOut'][number];

/**
 * @param candidate as it will be run.
 * @throws usage: no such folder, no such pin, nothing to compare with.
 */
export function readHistory({ folder, last, pin }: HistoryAsked, candidate: Plan): History {
  const found = plansIn(folder);
  const plans = found.plans.toSorted((a, b) => (a.plan.id < b.plan.id ? 1 : -1));
  const from = pin === null ? 0 : plans.findIndex(({ plan }) => plan.id === pin);
  if (from < 0)
    throw usageError({ subject: '--pin', expected: `the id of a run in ${folder}`, got: pin ?? '' });
  const leftOut: LeftOut[] = [
    ...found.leftOut,
    ...plans.slice(0, from).map(({ plan }) => ({ id: plan.id, why: `later than ${pin}` })),
  ];
  const runs: HistoryRun[] = [];
  let kafka: string | undefined;
  for (const { path, plan } of plans.slice(from)) {
    if (runs.length === last) break;
    const why = differenceOf(plan, candidate) ?? otherKafka(plan, kafka);
    const read = why === null ? readRun(path, plan) : { id: plan.id, why };
    if ('why' in read) leftOut.push(read);
    else {
      kafka ??= plan.versions['kafka'];
      runs.push(read);
    }
  }
  if (runs.length === 0) throw nothingIn(folder, leftOut);
  return { folder, runs, leftOut };
}

function nothingIn(folder: string, leftOut: readonly LeftOut[]): Error {
  const told = leftOut.slice(0, 5).map(({ id, why }) => `${id}: ${why}`);
  const more = leftOut.length > 5 ? [`and ${leftOut.length - 5} more`] : [];
  return usageError({
    subject: '--baseline-history',
    expected: `runs of this load on this target in ${folder}`,
    got: leftOut.length === 0 ? 'none' : `none that can be compared (${[...told, ...more].join('; ')})`,
    next: 'Run the baseline with gauntlet run --out FOLDER/NAME, at least ten times, at different hours.',
  });
}

interface Found {
  readonly path: string;
  readonly plan: Plan;
}

function plansIn(folder: string): { readonly plans: readonly Found[]; readonly leftOut: readonly LeftOut[] } {
  const wrong = (expected: string, got: string): Error =>
    usageError({ subject: '--baseline-history', expected, got });
  if (!existsSync(folder)) throw wrong('a folder of run folders', `${folder}, which is not there`);
  if (existsSync(join(folder, RUN_FILES.plan)))
    throw wrong('the folder above run folders', `${folder}, which is one run`);
  const plans: Found[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry);
    const plan = readPlan(join(path, RUN_FILES.plan));
    if (typeof plan === 'string') leftOut.push({ id: entry, why: plan });
    else plans.push({ path, plan });
  }
  return { plans, leftOut };
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((one) => one.isDirectory())
      .map((one) => one.name)
      .sort();
  } catch (error) {
    throw usageError({
      subject: '--baseline-history',
      expected: 'a folder of run folders',
      got: messageOf(error),
    });
  }
}

function readPlan(path: string): Plan | string {
  if (!existsSync(path)) return `it has no ${RUN_FILES.plan}`;
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const problem = shapeProblem(planShape, json);
    return problem === null ? (json as Plan) : `its plan is none: ${problem.text}`;
  } catch (error) {
    return `its plan cannot be read: ${messageOf(error)}`;
  }
}

/** Null: nothing that matters for the baseline phase. */
function differenceOf(plan: Plan, candidate: Plan): string | null {
  if (plan.gate !== undefined) return 'it is a gate';
  if (plan.history !== undefined) return 'it is the candidate of a gate';
  if (plan.target !== candidate.target) return `it is of target ${plan.target}`;
  if (loadOf(plan) !== loadOf(candidate)) return 'it has another load';
  if (plan.warmupMs !== candidate.warmupMs) return `its warm-up is ${plan.warmupMs / 1000} s`;
  return plan.baselineMs === candidate.baselineMs ? null : `its baseline is ${plan.baselineMs / 1000} s`;
}

/** Faults come after the baseline. */
const loadOf = ({ load }: Plan): string => loadHashOf({ load, faults: [] });

const otherKafka = ({ versions }: Plan, kafka: string | undefined): string | null =>
  kafka === undefined || versions['kafka'] === kafka
    ? null
    : `it has Kafka ${versions['kafka'] ?? 'of an unknown version'}, the latest run has ${kafka}`;

/** A phase may end so much earlier than planned by the rounding of timers. */
const SHORT_MS = 500;

function readRun(path: string, plan: Plan): HistoryRun | LeftOut {
  const { id } = plan;
  try {
    const { result } = assembleRun(path);
    const { status, reasons } = result.verdict;
    if (status === 'INVALID')
      return { id, why: `it is INVALID: ${reasons.find((one) => one.status === status)?.text ?? ''}` };
    const phase = result.phases.find((one) => one.name === 'baseline');
    if (phase === undefined || phase.to - phase.from + SHORT_MS < plan.baselineMs)
      return { id, why: 'its baseline was cut short' };
    return { id, startedAt: result.run.startedAt, flows: historyFlows(result.flows) };
  } catch (error) {
    return { id, why: `it cannot be judged: ${messageOf(error)}` };
  }
}
