/** `gauntlet history quarantine`: what does not decide for a time: entered, listed, lifted. */
import { type Problem, usageError } from '../../../core/errors.ts';
import type { HistoryOf } from '../../../core/history.ts';
import type { QuarantineUnit } from '../../../core/quarantine.ts';
import { enterQuarantine } from '../../../measure/quarantine/enter.ts';
import { liftQuarantine } from '../../../measure/quarantine/lift.ts';
import { quarantineStates } from '../../../measure/quarantine/quarantine-state.ts';
import { dayOf, unitText } from '../../../measure/quarantine/quarantine-words.ts';
import { quarantineText } from '../../../report/quarantine-text.ts';
import type { HistoryStore } from '../../../run/history/history-store.ts';
import { type CliContext, cliContext } from '../../terminal/context.ts';
import { type NightsOptions, nightGroups } from './nights-of.ts';
import { withHistory } from './with-history.ts';

export interface QuarantineOptions extends NightsOptions {
  readonly fault?: string;
  readonly sli?: string;
  readonly owner?: string;
  readonly reason?: string;
  readonly until?: string;
  readonly list?: boolean;
  readonly lift?: boolean;
  readonly json?: boolean;
}

/** @throws usage: options that do not fit; refused: the nights do not allow it. */
export async function historyQuarantineCommand(where: string, options: QuarantineOptions): Promise<number> {
  const cli = cliContext();
  checkTogether(options);
  return await withHistory(cli, where, async (history) => {
    if (options.list === true) return list(cli, history, options);
    const unit = unitOf(history, options);
    const now = new Date();
    const [nights, entries] = [history.nights(), history.quarantine()];
    const { owner, reason, until } = options;
    const entry =
      options.lift === true
        ? liftQuarantine(unit, nights, entries, now)
        : enterQuarantine({ ...unit, owner, reason, until }, nights, entries, now);
    history.putQuarantine(entry);
    await history.publish();
    const place = `${unit.campaign} on ${unit.environment}`;
    const what = unitText(unit);
    if (options.json === true) cli.json(entry);
    else if (entry.lifted !== null) cli.out(`${place}: ${what} is lifted and decides again.`);
    else
      cli.out(
        `${place}: ${what} is in quarantine until ${dayOf(entry.until)} (owner ${entry.owner}), ` +
          `by the mixed outcomes of ${entry.evidence.length} nights.`,
      );
    return 0;
  });
}

function list(cli: CliContext, history: HistoryStore, { json, ...options }: QuarantineOptions): number {
  const of = { campaign: options.campaign, environment: options.environment };
  const isAsked = (one: HistoryOf): boolean =>
    (of.campaign ?? one.campaign) === one.campaign && (of.environment ?? one.environment) === one.environment;
  const states = quarantineStates(history.quarantine(), history.nights(), new Date()).filter(isAsked);
  if (json === true) cli.json(states);
  else cli.out(quarantineText(history.where, states));
  return 0;
}

/** Names its campaign and environment where the history has only one of them. */
function unitOf(history: HistoryStore, options: QuarantineOptions): QuarantineUnit {
  const groups = nightGroups(history, options);
  const [group] = groups;
  if (group === undefined)
    throw usageError({ subject: `history ${history.where}`, expected: 'nights', got: 'none' });
  if (groups.length > 1)
    throw usageError({
      subject: '--campaign and --environment',
      expected: `one of ${groups.map(({ of }) => `${of.campaign} on ${of.environment}`).join(', ')}`,
      got: 'options that fit several',
    });
  return { ...group.of, fault: options.fault ?? '', sli: options.sli ?? '' };
}

/** Before the history is opened, all at once. */
function checkTogether(options: QuarantineOptions): void {
  const { list: isList, lift: isLift, fault, sli, owner, reason, until } = options;
  const problems: Problem[] = [];
  const refuse = (subject: string, value: string | undefined, beside: string): void => {
    if (value !== undefined) problems.push({ subject, expected: `nothing beside ${beside}`, got: value });
  };
  if (isList === true && isLift === true)
    problems.push({ subject: '--lift', expected: 'either --list or --lift', got: 'both' });
  const entering = { '--owner': owner, '--reason': reason, '--until': until };
  const both = { '--fault': fault, '--sli': sli };
  const given: Readonly<Record<string, string | undefined>> =
    isList === true ? { ...both, ...entering } : isLift === true ? entering : {};
  const beside = isList === true ? '--list' : '--lift';
  for (const [name, value] of Object.entries(given)) refuse(name, value, beside);
  if (problems.length > 0) throw usageError(...problems);
}
