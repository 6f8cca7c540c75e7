/** What the folder of a night says, whatever became of its run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { plain } from '../../core/plain.ts';
import { nightShape } from '../../core/shapes/night-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import type { ReportInput } from '../../report/input.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { type NightFields, nightFields } from '../history/night-of-run.ts';
import { assembleRun } from '../verdict/assemble.ts';
import { reportInputOf, writeReports } from '../verdict/write-reports.ts';

export interface JudgedFolder {
  readonly fields: NightFields;
  /** Of its reports. Null: it has no folder, or one that cannot be judged. */
  readonly input: ReportInput | null;
}

const fieldsShape = nightShape.omit({ id: true });

/**
 * Judges the folder from disk, and writes the reports that it lacks. Never throws: a folder that cannot be
 * judged is a gap too, and would else keep every later night from its history.
 * @param gap the night as it stays if there is no folder of it.
 */
export function judgeFolder(runDir: string, gap: NightFields, tell: (text: string) => void): JudgedFolder {
  if (!existsSync(join(runDir, RUN_FILES.plan))) return { fields: gap, input: null };
  try {
    const judged = readFolder(runDir, gap, tell);
    const problem = shapeProblem(fieldsShape, judged.fields);
    if (problem === null) return judged;
    throw new Error(problem.text);
  } catch (error) {
    const text = `its folder cannot be judged: ${plain(messageOf(error))}`;
    const reasons = [...gap.reasons, { status: 'INVALID' as const, text }];
    return { fields: { ...gap, status: 'INVALID', runStatus: 'INVALID', reasons }, input: null };
  }
}

/** What was known before the run names the night: a damaged plan does not begin a new segment. */
function readFolder(runDir: string, gap: NightFields, tell: (text: string) => void): JudgedFolder {
  if (!existsSync(join(runDir, RUN_FILES.result))) {
    try {
      writeReports(runDir);
    } catch (error) {
      tell(`no reports in ${runDir}: ${messageOf(error)}`);
    }
  }
  const assembled = assembleRun(runDir);
  const found = nightFields(assembled);
  const { run, campaign, campaignHash, target, environment, seed, subject, report } = gap;
  const fields = {
    ...found,
    ...{ run, campaign, campaignHash, target, environment, seed, subject, report },
    startedAt: found.startedAt || gap.startedAt,
    endedAt: found.endedAt || gap.endedAt,
  };
  return { fields, input: reportInputOf(assembled) };
}
