/**
 * An objective on a path, or on one of its stages, which are flows of their own: `order-flow lost = 0`,
 * `order-flow/orders.done p99 < 2s in baseline`. What is missing is lost or stuck only when everything was
 * read; a service that is slow leaves it open.
 */
import type { Objective } from '../core/objective.ts';
import { type PathResult, type StageCounts, stageFlow } from '../core/paths.ts';
import { decided, type Finding, noData } from './finding.ts';

const COUNTED = ['lost', 'stuck', 'duplicated', 'reordered'] as const;

export const isCounted = ({ indicator: { kind } }: Pick<Objective, 'indicator'>): boolean =>
  COUNTED.some((one) => one === kind);

export type Paths = Readonly<Record<string, PathResult>>;

/**
 * Of a path or a stage, with the counts of some phases; null: over the run. Undefined: it is none of a path.
 */
export function pathAt(
  paths: Paths | undefined,
  flow: string,
): { readonly path: PathResult; readonly stage: number | null } | undefined {
  for (const [name, path] of Object.entries(paths ?? {})) {
    if (flow === name) return { path, stage: null };
    const stage = path.stages.findIndex((one) => stageFlow(name, one) === flow);
    if (stage >= 0) return { path, stage };
  }
  return undefined;
}

/** @param names of the phase, with its rounds; null: the whole run. */
export function judgePath(
  objective: Objective,
  { path, stage }: NonNullable<ReturnType<typeof pathAt>>,
  names: readonly string[] | null,
): Finding {
  const all = names === null ? [path.run] : names.flatMap((name) => path.phases[name] ?? []);
  const counts = all.flatMap((one) => (stage === null ? one.whole : (one.stages[stage] ?? [])));
  const sum = (key: keyof Omit<StageCounts, 'ms'>): number =>
    counts.reduce((total, one) => total + one[key], 0);
  const [expected, waiting] = [sum('expected'), sum('waiting')];
  const kind = COUNTED.find((one) => one === objective.indicator.kind);
  if (kind === undefined) return noData(`${objective.indicator.kind} cannot be judged of a path`);
  if (expected === 0) return noData('no request came there');
  const found = decided(objective, sum(kind), null, expected);
  const isMissing = kind === 'lost' || kind === 'stuck';
  const [why] = path.open;
  // What was read can only be more: a miss by what is there stays one.
  if (why !== undefined && (isMissing || found.status !== 'FAIL'))
    return { ...found, status: 'INCONCLUSIVE', note: `not everything was read: ${why}` };
  // A request that was given up stays so, however slow the others are.
  if (isMissing && waiting > 0 && found.status !== 'FAIL')
    return {
      ...found,
      status: 'INCONCLUSIVE',
      note: `${waiting} requests were still on their way when the logs were read`,
    };
  const [first] = kind === 'lost' ? path.lostIds : kind === 'stuck' ? path.stuckIds : [];
  return first !== undefined && sum(kind) > 0 ? { ...found, note: `the first is ${first}` } : found;
}
