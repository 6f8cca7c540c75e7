/**
 * `gauntlet push`: what a run or a history found, to where people look. It judges nothing: the exit code says
 * whether it was pushed, never what the verdict is.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type PushFlags, receiversWithFlags } from '../../config/push-flags.ts';
import { GauntletError, usageError } from '../../core/errors.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import type { MetricsInput } from '../../report/metrics/samples.ts';
import { metricsOfRun } from '../../run/history/metrics-of-run.ts';
import { openHistory } from '../../run/history/open-history.ts';
import { MARKER } from '../../run/history/paths.ts';
import { inputsOfHistory } from '../../run/nightly/inputs-of-history.ts';
import { readNamedCampaign } from '../../run/prepare.ts';
import { type Published, push, readyReceivers } from '../../run/publish/publish-night.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';
import { untilSignal } from '../terminal/signals.ts';

export interface PushOptions extends PushFlags {
  readonly campaign?: string;
  readonly always?: boolean;
  readonly json?: boolean;
}

/** @returns 0: pushed, or nothing to do; 69: a receiver is not reachable or refuses. @throws usage. */
export async function pushCommand(where: string, options: PushOptions): Promise<number> {
  const cli = cliContext();
  const campaign =
    options.campaign === undefined
      ? undefined
      : await readNamedCampaign({
          ...{ campaign: options.campaign, target: undefined, places: cli.places, env: cli.env },
          progress: (text) => cli.note(text),
        });
  const receivers = receiversWithFlags(campaign?.publish ?? {}, options);
  // A missing secret is told before a branch is fetched.
  readyReceivers({ receivers, env: cli.env });
  const interruption = untilSignal();
  const { signal } = interruption;
  const told: Published[] = [];
  try {
    for (const input of await inputsOf(where, campaign?.name ?? null, { cli, signal }))
      told.push(
        ...(await push({
          ...{ receivers, input, env: cli.env, places: cli.places, always: options.always === true },
          ...{ clock: monotonicClock, signal },
        })),
      );
  } catch (error) {
    const name = interruption.caught();
    if (name === null) throw error;
    const problem = { subject: 'push', expected: 'to end by itself', text: `interrupted by ${name}` };
    throw new GauntletError('interrupted', [{ ...problem, next: 'Push again to complete it.' }]);
  }
  for (const { status, text } of told) {
    if (options.json === true) break;
    if (status === 'failed') cli.note(`failed: ${text}`);
    else cli.out(`${status === 'pushed' ? 'pushed' : 'nothing to do'}: ${text}`);
  }
  if (options.json === true) cli.json(told);
  return told.some((one) => one.status === 'failed') ? ERROR_EXIT.unavailable : 0;
}

interface Reading {
  readonly cli: CliContext;
  readonly signal: AbortSignal;
}

/** @param campaign of a history: only its nights; null: all. */
async function inputsOf(
  where: string,
  campaign: string | null,
  { cli, signal }: Reading,
): Promise<readonly MetricsInput[]> {
  const isHistory = where.startsWith('git:') || existsSync(join(where, MARKER));
  if (!isHistory) {
    const isRun = ['plan.json', 'events.ndjson'].some((name) => existsSync(join(where, name)));
    if (isRun) return [metricsOfRun(resolve(where))];
    const got = existsSync(where) ? 'neither' : 'nothing at that place';
    throw usageError({
      subject: where,
      expected: 'a run folder, or a history (a folder or git:BRANCH)',
      got,
    });
  }
  const { places, env, note: progress } = cli;
  const history = await openHistory(where, { places, env, signal, progress });
  try {
    return inputsOfHistory(history, campaign);
  } finally {
    await history.close();
  }
}
