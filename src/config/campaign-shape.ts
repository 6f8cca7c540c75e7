/**
 * The shape of a campaign's load: named segments that scale all rates together, each a phase of the run. One
 * of them may be a staircase that searches for the highest rate at which its conditions hold.
 *   - { name: smoke, at: 10%, for: 15s }
 *   - { name: ramp, to: 150%, in: 20s }
 *   - { name: breakpoint, from: 100%, to: 250%, by: 25%, each: 12s, while: "web.orders p99 < 500ms" }
 */
import { show } from '../core/errors.ts';
import type { Objective } from '../core/objective.ts';
import type { CapacitySearch, LoadShape, ShapeStep } from '../core/shape.ts';
import { type CampaignShape, segmentKind } from './campaign.ts';
import { addTextProblems, linesAt } from './line-places.ts';
import { parseObjective } from './objective-line.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import type { Path } from './user-file.ts';

/** More steps than this are a typing error: `by: 1%` for `by: 10%`. */
const MOST_STEPS = 50;
/** Keys that a shape replaces, or cannot be combined with yet: recovery is watched at a constant rate. */
const NOT_WITH_SHAPE = ['warmup', 'baseline', 'faults', 'repeat', 'recovery'];
const INSTEAD = 'no such key together with shape: use a segment, or a separate campaign for faults';

type Segments = NonNullable<Partly<CampaignShape>['shape']>;

/** @param flows that the campaign loads. */
export function shapeOf(segments: Segments, flows: readonly string[], problems: Problems): LoadShape {
  const { file } = problems;
  const steps: ShapeStep[] = [];
  let search: CapacitySearch | null = null;
  segments.forEach((segment, index) => {
    const path = ['shape', index];
    const { name, at, to, from, by, each, ...rest } = (segment ?? {}) as Loose;
    if (name !== undefined && steps.some(({ phase }) => phase === name || phase.startsWith(`${name}:`))) {
      problems.add([...path, 'name'], 'each segment once');
    }
    const lengthMs = each ?? rest.for ?? rest.in;
    const kind = segmentKind(file.valueAt(path));
    if (kind === 'search') {
      const conditions = conditionsOf(path, name ?? '', flows, problems);
      if (search !== null) problems.add(path, 'at most one segment with `while`', { got: null });
      if (from === undefined || to === undefined || by === undefined || lengthMs === undefined) return;
      const levels = levelsOf({ from, to, by }, name ?? 'shape', path, problems);
      const phases = levels.map((one) => `${name ?? ''}:${Number((one * 100).toFixed(2))}%`);
      steps.push(...levels.map((one, at) => ({ phase: phases[at] ?? '', from: one, to: one, lengthMs })));
      const flow = conditions[0]?.flow;
      if (flow !== undefined && levels.length > 0) search = { segment: name ?? '', flow, conditions, phases };
    } else {
      const [begin, end] = kind === 'hold' ? [at, at] : [steps.at(-1)?.to ?? 0, to];
      if (begin === undefined || end === undefined || lengthMs === undefined) return;
      steps.push({ phase: name ?? '', from: begin, to: end, lengthMs });
    }
  });
  if (!segments.some((one) => (one as Loose | undefined)?.name === 'baseline')) {
    problems.add(['shape'], 'a segment named baseline, by which the generator is judged', { got: 'none' });
  }
  return { steps, search };
}

/** The keys of all kinds of segment. */
type Loose = Partly<{
  name: string;
  at: number;
  from: number;
  to: number;
  by: number;
  for: ShapeStep['lengthMs'];
  in: ShapeStep['lengthMs'];
  each: ShapeStep['lengthMs'];
}>;

/** Reports keys that a shape replaces. */
export function refuseWithShape(load: Partly<CampaignShape>['load'], problems: Problems): void {
  const { file } = problems;
  for (const key of NOT_WITH_SHAPE) {
    if (file.valueAt([key]) !== undefined) problems.add([key], INSTEAD, { got: null });
  }
  (load ?? []).forEach((_, index) => {
    const path = ['load', index, 'stages'];
    const expected = 'a constant rate together with shape, whose segments scale it';
    if (file.valueAt(path) !== undefined) problems.add(path, expected, { got: null });
  });
}

function levelsOf(
  { from, to, by }: { readonly from: number; readonly to: number; readonly by: number },
  subject: string,
  path: Path,
  problems: Problems,
): readonly number[] {
  const count = Math.floor((to - from) / by + 1e-9) + 1;
  if (count >= 2 && count <= MOST_STEPS)
    return Array.from({ length: count }, (_, index) => from + index * by);
  problems.add(path, `2 to ${MOST_STEPS} steps between from and to`, {
    subject,
    got: String(Math.max(0, count)),
  });
  return [];
}

/** Written like objectives, without a phase: they apply to each step. */
function conditionsOf(
  path: Path,
  segment: string,
  flows: readonly string[],
  problems: Problems,
): readonly Objective[] {
  const names = { flows, phases: [segment], faults: [], searches: [] };
  const read = linesAt(problems.file, [...path, 'while']).flatMap(({ line, at }): Objective[] => {
    const parsed = parseObjective(`${line} in ${segment}`, names);
    if (parsed.ok) return [{ ...parsed.value, name: line.trim(), source: null }];
    addTextProblems(parsed.problems, at, show(line), problems);
    return [];
  });
  if (new Set(read.map((one) => one.flow)).size > 1) {
    problems.add([...path, 'while'], 'conditions on one flow, whose capacity is searched', {
      got: null,
    });
  }
  return read;
}
