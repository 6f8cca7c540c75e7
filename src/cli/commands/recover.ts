/**
 * `gauntlet recover`: replays the open undos of every dead run of this machine, and with --target on
 * Kubernetes those of every machine; exit 5 when a fault could not be undone.
 */
import { recoverAll } from '../../chaos/healing/recover.ts';
import type { ReplayOutcome } from '../../chaos/healing/replay.ts';
import { ERROR_EXIT, VERDICT_EXIT } from '../../core/verdict.ts';
import { identityOf } from '../../run/open/open-target.ts';
import { freeUnseen } from '../../run/recover/free-holders.ts';
import { recoverCluster } from '../../run/recover/recover-cluster.ts';
import { FREE_UNSEEN } from '../../system/holder.ts';
import { openPlatform } from '../../targets/open-platform.ts';
import { cliContext } from '../terminal/context.ts';
import { untilSignal } from '../terminal/signals.ts';

export interface RecoverOptions {
  readonly target?: string;
  readonly forceHolder?: boolean;
  readonly json?: boolean;
}

export async function recoverCommand(options: RecoverOptions): Promise<number> {
  const cli = cliContext();
  const { target } = options;
  const identity = target === undefined ? {} : { identity: await identityOf(target, cli.places) };
  const say = ({ undone, residue }: ReplayOutcome): void => {
    if (options.json === true) return;
    for (const one of undone) cli.out(`undone   ${one.fault} of run ${one.run}: ${one.evidence}`);
    for (const one of residue) cli.out(`RESIDUE  ${one.fault} of run ${one.run}: ${one.evidence}`);
  };
  const freed = options.forceHolder === true ? freeUnseen(cli.places, identity.identity) : [];
  for (const line of freed) if (options.json !== true) cli.out(line);
  const forceHolder = options.forceHolder === true;
  const here = await recoverAll({
    places: cli.places,
    openPlatform,
    forceHolder,
    tell: cli.note,
    ...identity,
  });
  // Printed before the cluster is asked, which may refuse.
  say(here);
  const interruption = untilSignal(cli.note);
  const there =
    target === undefined ? null : await recoverCluster(target, cli.places, interruption.signal, cli.note);
  const undone = [...here.undone, ...(there?.undone ?? [])];
  const residue = [...here.residue, ...(there?.residue ?? [])];
  const finished = there?.finished ?? [];
  const unseen = here.unseen ?? [];
  const outcome = {
    undone,
    residue,
    ...(unseen.length > 0 && { unseen }),
    ...(forceHolder && { freed }),
    ...(there !== null && { finished }),
  };
  if (options.json === true) cli.json(outcome);
  else if (undone.length + residue.length + finished.length + unseen.length + freed.length === 0)
    cli.out('Nothing to undo.');
  else {
    if (there !== null) say(there);
    for (const one of finished) cli.out(`deleted  ${one.where}: nothing of run ${one.run} is open any more`);
    for (const one of unseen)
      cli.out(
        `left alone  run ${one.run} on ${one.target ?? 'an unknown target'}: ${one.holder}. ${FREE_UNSEEN}`,
      );
  }
  if (residue.length > 0) return VERDICT_EXIT.RESIDUE;
  if (unseen.length > 0 && interruption.caught() === null) return ERROR_EXIT.refused;
  return interruption.caught() === null ? 0 : ERROR_EXIT.interrupted;
}
