/** The ledger of records of a run, from `answers.ndjson` of the load and from what was read of Kafka. */
import type { Flaw } from '../../core/flaw.ts';
import type { Plan } from '../../core/plan.ts';
import type { AnswerIncrement, RecordRow } from '../../core/records.ts';
import { answerShape, recordRowShape } from '../../core/shapes/records-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import type { StoredLoad } from '../../load/read-run-data.ts';
import { RecordMatcher } from '../../measure/records/match-records.ts';
import { eachRecord, type ReadRecords } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

export interface StoredRecords extends ReadRecords {
  /** Undefined: the run follows none, or it ended before its load. */
  readonly matcher: RecordMatcher | undefined;
}

const NOTHING: StoredRecords = { matcher: undefined, flaws: [], cut: [] };

export function readRecordLedger(
  runDir: string,
  plan: Plan | undefined,
  stored: StoredLoad,
  wasLoaded: boolean,
): StoredRecords {
  if (plan?.records === undefined || !wasLoaded) return NOTHING;
  const flows = plan.load.flatMap((one) => one.flows.filter((flow) => flow.records !== undefined));
  const matcher = new RecordMatcher({ run: plan.id, seed: plan.seed }, flows);
  const answers = eachRecord(
    runDir,
    RUN_FILES.answers,
    (value) => shapeProblem(answerShape, value)?.text ?? matcher.answers(value as AnswerIncrement),
  );
  const rows = eachRecord(
    runDir,
    RUN_FILES.records,
    (value) => shapeProblem(recordRowShape, value)?.text ?? matcher.row(value as RecordRow),
  );
  const names = flows.map((one) => one.flow);
  return {
    matcher,
    flaws: [...answers.flaws, ...rows.flaws, ...miscounted(matcher, names, stored)],
    cut: [...answers.cut, ...rows.cut],
  };
}

/** Every request that was sent has its end in both files of the load. */
function miscounted(matcher: RecordMatcher, flows: readonly string[], { data, end }: StoredLoad): Flaw[] {
  if (end === undefined) return [];
  return flows.flatMap((flow) => {
    const [sent, started] = [matcher.sent(flow), data.ledger(flow, undefined, []).started];
    if (sent === started) return [];
    const text = `has ${sent} requests of ${flow}, ${RUN_FILES.counts} ${started}`;
    return [{ file: RUN_FILES.answers, text, against: RUN_FILES.counts }];
  });
}
