/** What every report says about paths: a row for the path and each of its stages, by phase. */
import { type PathCounts, type PathResult, type StageCounts, stageFlow } from '../core/paths.ts';
import { formatMs } from '../core/units.ts';
import { formatCount, NONE } from './format.ts';

export const PATHS_TITLE = 'Paths';
export const PATHS_LEAD =
  'Each request followed over the topics that it crosses. Times run from when it was due, and at a later stage ' +
  'from its record before. Lost: others that were behind it came on. Stuck: nothing behind it came on. ' +
  'Reordered: it was overtaken within a partition.';

export const PATH_TITLES = [
  ...(['Flow', 'Phase', 'P50', 'P95', 'P99', 'Expected', 'Came', 'Lost', 'Stuck', 'Waiting'] as const),
  ...(['Duplicated', 'Reordered'] as const),
];

export interface PathLine {
  readonly flow: string;
  /** `all`: the whole run. */
  readonly phase: string;
  /** As in PATH_TITLES, from the third on. */
  readonly cells: readonly string[];
  /** Something is lost, stuck or duplicated. */
  readonly isBad: boolean;
  readonly isOpen: boolean;
}

/** Phases without a request are left out. */
export function pathLines(paths: Readonly<Record<string, PathResult>>): readonly PathLine[] {
  return Object.entries(paths).flatMap(([name, { stages, phases, run }]) => {
    const all = [...Object.entries(phases), ['all', run] as const];
    const rows = (flow: string, of: (counts: PathCounts) => StageCounts | undefined): PathLine[] =>
      all.flatMap(([phase, counts]) => {
        const found = of(counts);
        return found === undefined || found.expected === 0 ? [] : [lineOf(flow, phase, found)];
      });
    return [
      ...rows(name, (counts) => counts.whole),
      ...stages.flatMap((stage, index) => rows(stageFlow(name, stage), (counts) => counts.stages[index])),
    ];
  });
}

function lineOf(flow: string, phase: string, counts: StageCounts): PathLine {
  const { ms, expected, arrived, lost, stuck, waiting, duplicated, reordered } = counts;
  const times = [ms.p50, ms.p95, ms.p99].map((one) => (one === null ? NONE : formatMs(one)));
  return {
    ...{ flow, phase },
    cells: [...times, ...[expected, arrived, lost, stuck, waiting, duplicated, reordered].map(formatCount)],
    isBad: lost > 0 || stuck > 0 || duplicated > 0,
    isOpen: waiting > 0 || reordered > 0,
  };
}

const SHOWN = 3;
const firstOf = (ids: readonly string[]): string => ids.slice(0, SHOWN).join(', ');

/** Sentences below the table. Ids are foreign text: escape them. */
export const pathNotes = (paths: Readonly<Record<string, PathResult>>): readonly string[] =>
  Object.entries(paths).flatMap(([name, { run, withinMs, lostIds, stuckIds, backwards, open, stages }]) => {
    const { arrived, ended, waiting } = run.whole;
    const early = ended - arrived;
    return [
      ...open.map((why) => `${name}: not everything was read: ${why}`),
      ...(waiting > 0 ? [`${name}: ${formatCount(waiting)} were on their way when the logs were read`] : []),
      ...(early > 0 ? [`${name}: ${formatCount(early)} ended before ${stages.at(-1)}`] : []),
      ...(lostIds.length > 0 ? [`${name}: lost, first: ${firstOf(lostIds)}`] : []),
      ...(stuckIds.length > 0
        ? [`${name}: stuck for more than ${withinMs / 1000} s, first: ${firstOf(stuckIds)}`]
        : []),
      ...(backwards > 0
        ? [
            `${name}: ${formatCount(backwards)} times were below zero and count as 0: producers' clocks differ`,
          ]
        : []),
    ];
  });
