/** What the folder of a night says, whatever became of its run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { ReportInput } from '../../report/input.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { type NightFields, nightFields } from '../history/night-of-run.ts';
import { assembleRun } from '../verdict/assemble.ts';
import { reportInputOf, writeReports } from '../verdict/write-reports.ts';

export interface JudgedFolder {
  readonly fields: NightFields;
  /** Of its reports. Null: it has no folder. */
  readonly input: ReportInput | null;
}

/**
 * Judges the folder from disk, and writes the reports that it lacks. What was known before the run names the
 * night: a folder whose plan was damaged does not begin a new segment.
 * @param gap the night as it stays if there is no folder of it.
 */
export function judgeFolder(runDir: string, gap: NightFields, tell: (text: string) => void): JudgedFolder {
  if (!existsSync(join(runDir, RUN_FILES.plan))) return { fields: gap, input: null };
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
  return {
    fields: {
      ...found,
      ...{ run, campaign, campaignHash, target, environment, seed, subject, report },
      startedAt: found.startedAt || gap.startedAt,
      endedAt: found.endedAt || gap.endedAt,
    },
    input: reportInputOf(assembled),
  };
}
