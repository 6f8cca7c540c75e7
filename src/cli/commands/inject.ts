/**
 * `gauntlet inject`: one fault by hand. Exit 0 when it was proven injected and removed, 1 when it ended
 * early, 3 when it was not proven injected, 5 when it was not proven removed.
 */
import type { RunEventBody } from '../../core/events.ts';
import type { PodStretch } from '../../core/result.ts';
import { epochMs, formatMs } from '../../core/units.ts';
import { ERROR_EXIT, VERDICT_EXIT } from '../../core/verdict.ts';
import { eventText } from '../../report/event-text.ts';
import { injectFault, planInjection, plannedFault } from '../../run/inject.ts';
import { needsConsent } from '../../run/open/consent.ts';
import { describeFault, victimsNow } from '../../run/open/dry-run.ts';
import { keepAccess } from '../../run/open/keep-access.ts';
import { namedTarget } from '../../run/open/names.ts';
import { openToken } from '../../run/open/run-token.ts';
import { confirm } from '../terminal/confirm.ts';
import { cliContext } from '../terminal/context.ts';
import { untilSignal } from '../terminal/signals.ts';

export interface InjectOptions {
  readonly target: string;
  readonly for?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** As in the timeline of a run; there the recorder stamps the events. */
function sentenceOf(event: RunEventBody): string {
  const now = epochMs(Date.now());
  return eventText({ ...event, at: now, wall: now });
}

/** One line per segment, and their sum. */
function podLines(phases: readonly PodStretch[]): readonly string[] {
  const whole = phases.reduce((sum, one) => sum + one.ms, 0);
  const bound = ({ boundMs }: PodStretch): string =>
    boundMs === undefined ? '' : `  (at most ${formatMs(boundMs)} earlier)`;
  return [
    `  pod: ${formatMs(whole)} in all`,
    ...phases.map((one) => `    ${formatMs(one.ms).padStart(8)}  ${one.name}${bound(one)}`),
  ];
}

export async function injectCommand(
  fault: string,
  parameters: readonly string[],
  options: InjectOptions,
): Promise<number> {
  const cli = cliContext();
  const given = { fault, parameters, holdFor: options.for };
  const planned = plannedFault(given);
  const target = namedTarget(options.target);
  keepAccess(target, cli.env);
  if (options.dryRun === true) {
    const now = await planInjection(planned, target, cli.places);
    cli.out([...describeFault(planned), ...victimsNow(now)].join('\n'));
    return 0;
  }
  const interruption = untilSignal(cli.note);
  // Probes may send it.
  const token = await openToken(target, cli.env, interruption.signal);
  const record = await injectFault({
    ...given,
    target,
    places: cli.places,
    signal: interruption.signal,
    report: (event) => cli.note(options.json === true ? JSON.stringify(event) : sentenceOf(event)),
    confirm: ({ name }) => {
      const acts = `inject ${name} into ${target.name}`;
      const question = needsConsent(target) ? { acts, target: target.name } : null;
      return confirm(cli, question, options.yes === true, interruption.signal);
    },
  }).finally(() => token.close());
  if (options.json === true) cli.json(record);
  else {
    cli.out(`${record.name} on ${record.victim}: ${record.status}`);
    if (record.injection)
      cli.out(
        `  in:  held ${record.injection.held}, fresh ${record.injection.fresh}; ${record.injection.evidence}`,
      );
    if (record.cutShort) cli.out(`  cut short: ${record.cutShort}`);
    if (record.removal)
      cli.out(
        `  out: held ${record.removal.held}, fresh ${record.removal.fresh}; ${record.removal.evidence}`,
      );
    if (record.pod) cli.out(podLines(record.pod.phases).join('\n'));
    for (const timer of record.timers) cli.out(`  timer: ${timer}`);
  }
  if (record.status === 'residue') return VERDICT_EXIT.RESIDUE;
  if (interruption.caught() !== null) return ERROR_EXIT.interrupted;
  if (record.status !== 'injected') return VERDICT_EXIT['NO-DATA'];
  // As in a run, where it is an abort.
  return record.cutShort ? VERDICT_EXIT.FAIL : 0;
}
