/**
 * `gauntlet push`: what a run or a history found, to where people look. It judges nothing: the exit code says
 * whether it was pushed, never what the verdict is.
 */
import { type PushFlags, receiversWithFlags } from '../../config/push-flags.ts';
import { GauntletError } from '../../core/errors.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { readCampaign } from '../../run/files/read-campaign.ts';
import { findNamed } from '../../run/open/names.ts';
import { type Published, push } from '../../run/publish/publish-night.ts';
import { runToPublish } from '../../run/publish/read-published.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { cliContext } from '../terminal/context.ts';
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
    options.campaign === undefined ? undefined : readCampaign(findNamed('campaign', options.campaign));
  const receivers = receiversWithFlags(campaign?.publish ?? {}, options);
  const input = runToPublish(where);
  const interruption = untilSignal();
  const { signal } = interruption;
  let told: readonly Published[];
  try {
    told = await push({
      ...{ receivers, input, env: cli.env, places: cli.places, always: options.always === true },
      ...{ clock: monotonicClock, signal },
    });
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
