/** The message of a night, for webhooks. */
import { createHash } from 'node:crypto';
import { MESSAGE_SCHEMA, type Message, type MessageChange } from '../../core/message.ts';
import type { Night } from '../../core/night.ts';
import type { Trend } from '../../core/trend.ts';
import { answerOf } from '../../report/answer.ts';
import { withNightId } from '../history/night-id.ts';
import { nightFields } from '../history/night-of-run.ts';
import { assembleRun } from '../verdict/assemble.ts';
import { reportInputOf } from '../verdict/write-reports.ts';

const MOST_REASONS = 20;

/** @param trend null: the night is known alone. */
export function messageOf(night: Night, trend: Trend | null, changes: readonly MessageChange[]): Message {
  const { campaign, target, run, startedAt, endedAt, status, reasons, report } = night;
  const previous = trend?.nights.at(-2)?.status ?? null;
  return {
    schema: MESSAGE_SCHEMA,
    id: idOf(night, changes),
    ...{ campaign, environment: target, run, startedAt, endedAt, verdict: status, previous, changes },
    headline: trend?.headline ?? `${status}: ${campaign} on ${target}, run ${run}.`,
    reasons: reasons.slice(0, MOST_REASONS),
    moreReasons: Math.max(0, reasons.length - MOST_REASONS),
    report,
  };
}

const idOf = (night: Night, changes: readonly MessageChange[]): string =>
  createHash('sha256')
    .update(JSON.stringify([night.id, changes.map(({ kind, text }) => [kind, text])]))
    .digest('hex')
    .slice(0, 32);

/**
 * A run that is shown though nothing changed: the headline is its answer. @throws usage: not the folder of a
 * run.
 */
export function messageOfRun(runDir: string): { readonly message: Message; readonly exitCode: number } {
  const assembled = assembleRun(runDir);
  const input = reportInputOf(assembled);
  const message = messageOf(withNightId(nightFields(assembled)), null, []);
  return { message: { ...message, headline: answerOf(input) }, exitCode: input.result.verdict.exitCode };
}
