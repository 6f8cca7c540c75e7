/** What else has to be so: the target is free, nothing is left on it, this machine has all it needs. */
import { targetLockPath } from '../../chaos/guards/target-lock.ts';
import { openHere } from '../../chaos/healing/recover.ts';
import type { TargetFile } from '../../config/read-target.ts';
import { GauntletError } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import type { Fact } from '../../core/runbook.ts';
import type { PartName } from '../../core/tools.ts';
import { lockHolder } from '../../system/lock.ts';
import type { Places } from '../../system/places.ts';
import { inspectParts } from '../../system/toolchain/parts.ts';
import { type Check, checkClusterJournal } from '../open/check-cluster-journal.ts';
import type { OpenTarget } from '../open/opened.ts';
import { tryToken } from '../open/run-token.ts';
import { requireCapacity } from '../plan/check-limits.ts';
import { factBy, isNotSo, isSo } from './fact.ts';

export interface Place {
  readonly target: TargetFile;
  readonly places: Places;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @param checks of its parts, rights and names. */
export function answerFact(checks: readonly Check[]): Fact {
  const wrong = checks.filter((one) => !one.ok);
  if (wrong.length > 0) return isNotSo('Target answers', wrong.map(sayCheck).join('; '));
  return isSo('Target answers', checks.map(sayCheck).join('; ') || 'it has no part with an address');
}

const sayCheck = ({ subject, detail }: Check): string => `${subject} ${detail}`;

/** @param opened null: it is not up, so that only this machine can be asked. */
export async function freeFact(
  identity: string,
  { places }: Place,
  opened: OpenTarget | null,
): Promise<Fact> {
  return await factBy('No other run', async () => {
    const here = lockHolder(targetLockPath(places, identity));
    const there = (await opened?.holders?.()) ?? [];
    const busy = [...(here === undefined ? [] : [here.words]), ...there];
    if (busy.length > 0) throw refusal(identity, 'no other active run on it', busy.join('; '));
    return `no run has locked ${identity}, on this machine${opened?.holders ? ' or in the cluster' : ''}`;
  });
}

export async function cleanFact(
  identity: string,
  { target, places }: Place,
  opened: OpenTarget | null,
): Promise<Fact> {
  return await factBy('Nothing left in place', async () => {
    const journal = opened?.platform.clusterJournal;
    const cluster = journal === undefined ? [] : await checkClusterJournal(journal, target.name);
    const left = [...openHere(places, identity), ...cluster.filter((one) => !one.ok).map(sayCheck)];
    if (left.length > 0) throw refusal(identity, 'nothing in place from earlier runs', left.join('; '), UNDO);
    return `no journal of ${identity} is open, on this machine${journal ? ' or in the cluster' : ''}`;
  });
}

const UNDO = 'Undo it with: gauntlet recover.';

const refusal = (subject: string, expected: string, got: string, next?: string): GauntletError =>
  new GauntletError('refused', [{ subject, expected, got, ...(next !== undefined && { next }) }]);

/** @param parts programs that a run needs. */
export async function machineFacts(
  plan: Plan,
  { target, places, env }: Place,
  parts: readonly PartName[],
): Promise<readonly Fact[]> {
  return await Promise.all([
    factBy('Programs', async () => {
      const progress = (): void => undefined;
      const found = await inspectParts(parts, { places, env, progress });
      const missing = found.filter((one) => one.found === null).map((one) => one.name);
      if (missing.length > 0)
        throw refusal('programs', 'all of them', `no ${missing.join(', ')}`, 'See gauntlet doctor --fix.');
      return found.map((one) => `${one.name} ${one.found?.version}`).join(', ');
    }),
    factBy('This machine', () => {
      requireCapacity(plan.load);
      return 'open files, ports and memory are enough for the load in its worst stall';
    }),
    ...(target.auth === undefined ? [] : [factBy('Token', async () => await tryToken(target, env))]),
  ]);
}
