/**
 * How often the same candidate was gated before: a gate that is run again until it is green passes a worse
 * candidate in the end, so that each attempt is judged at a level divided by their number (Bonferroni). One
 * file an attempt, in `gates/<hash of the question>/<run id>.json` of the state directory: it appears whole
 * or not at all, before any load, and two gates never write the same one.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { GateAttempt, GateResult } from '../../core/gate.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { makeFolder } from '../../system/make-folder.ts';
import type { Places } from '../../system/places.ts';
import { readText } from '../../system/read-text.ts';

/** What makes two gates attempts at the same answer. */
export interface GateQuestion {
  readonly campaign: string;
  /** Identities of the targets. */
  readonly baseline: string;
  readonly candidate: string;
  /** Of the candidate, as whoever gates it calls it; null: not told. */
  readonly version: string | null;
}

const attemptShape = z.object({
  schema: z.literal('gauntlet.attempt/1'),
  run: z.string(),
  campaign: z.string(),
  baseline: z.string(),
  candidate: z.string(),
  version: z.string().nullable(),
  /** Null: it has not ended, or was killed, and then it counts: nobody knows what was seen of it. */
  status: z.string().nullable(),
  counts: z.boolean(),
});
type AttemptFile = z.infer<typeof attemptShape>;

/** @param alpha as it was asked for. @throws unavailable when an earlier attempt cannot be read. */
export function nextAttempt(places: Places, question: GateQuestion, alpha: number): GateAttempt {
  const folder = folderOf(places, question);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const earlier = names
    .sort()
    .map((name) => readAttempt(join(folder, name)))
    .filter((one) => one.counts)
    .map(({ run, status }) => ({ run, status }));
  return { number: earlier.length + 1, alpha, version: question.version, earlier };
}

function readAttempt(path: string): AttemptFile {
  let got: string;
  try {
    const value: unknown = JSON.parse(readText(path));
    const problem = shapeProblem(attemptShape, value);
    if (problem === null) return value as AttemptFile;
    got = problem.text;
  } catch (error) {
    got = error instanceof SyntaxError ? 'no JSON' : messageOf(error);
  }
  const next =
    'The level is divided by the number of attempts: mend the file, or delete it with its attempt.';
  const expected = 'an earlier attempt at this gate';
  throw new GauntletError('unavailable', [{ subject: path, expected, got, next }]);
}

function folderOf(places: Places, { campaign, baseline, candidate, version }: GateQuestion): string {
  const text = JSON.stringify([campaign, baseline, candidate, version]);
  return join(places.state, 'gates', createHash('sha256').update(text).digest('hex').slice(0, 16));
}

/** Before any load, with both targets locked. */
export const attemptBegun = (places: Places, run: string, question: GateQuestion): void =>
  write(places, question, { run, status: null, counts: true });

export interface AttemptEnd {
  /** Undefined: what was measured is not known. */
  readonly result: (Pick<GateResult, 'status'> & { readonly pairs: { readonly kept: number } }) | undefined;
  /** By a person, who may have seen where it was going. */
  readonly wasStopped: boolean;
  /** In pairs; a gate that ends before it has no answer, and does not count. */
  readonly firstLook: number;
}

export function attemptEnded(places: Places, run: string, question: GateQuestion, end: AttemptEnd): void {
  const { result, wasStopped, firstLook } = end;
  if (result === undefined) return;
  const { kept } = result.pairs;
  const counts = kept >= firstLook || (wasStopped && kept > 0);
  write(places, question, { run, status: result.status, counts });
}

function write(
  places: Places,
  question: GateQuestion,
  attempt: Pick<AttemptFile, 'run' | 'status' | 'counts'>,
): void {
  const folder = folderOf(places, question);
  makeFolder(folder);
  const file: AttemptFile = { schema: 'gauntlet.attempt/1', ...question, ...attempt };
  writeWhole(join(folder, `${attempt.run}.json`), `${JSON.stringify(file, null, 2)}\n`);
}
