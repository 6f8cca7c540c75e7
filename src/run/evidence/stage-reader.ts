/** The paths of a run, from `stages.ndjson`. */
import type { StageRow } from '../../core/paths.ts';
import type { Plan } from '../../core/plan.ts';
import { stageRowShape } from '../../core/shapes/paths-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { PathRecords } from '../../measure/paths/path-records.ts';
import { eachRecord, type ReadRecords } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

export interface StoredPaths extends ReadRecords {
  /** Empty: the run follows none, or it ended before its load. */
  readonly paths: readonly PathRecords[];
}

export function readPaths(runDir: string, plan: Plan | undefined, wasLoaded: boolean): StoredPaths {
  if (plan?.paths === undefined || !wasLoaded) return { paths: [], flaws: [], cut: [] };
  const paths = plan.paths.map((one, index) => new PathRecords(one, index));
  const read = eachRecord(runDir, RUN_FILES.stages, (value) => {
    const problem = shapeProblem(stageRowShape, value);
    if (problem !== null) return problem.text;
    for (const one of paths) {
      const why = one.row(value as StageRow);
      if (why !== null) return why;
    }
    return null;
  });
  return { paths, ...read };
}
