/**
 * Undoes what dead runs left on a target, from the journals that the target itself keeps: needs no file of
 * the machine that ran them. Only for the holder of the target's lock, because a living run has its journal
 * there too.
 */

import type { ClusterJournal, RunJournal } from '../../core/acts/cluster-journal.ts';
import type { Platform } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import { seededRng } from '../../core/rng.ts';
import { type Ms, ms } from '../../core/units.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';
import { type Replayed, type ReplayOutcome, undoEntry } from './replay.ts';

export interface ClusterRecoveryRequest {
  readonly platform: Platform;
  readonly clock: Clock;
  /** How long one removal may take to be proven; default 30 s. */
  readonly removalTimeoutMs?: Ms;
  readonly faults?: readonly Fault[];
  /** Receives every 10 s what the removal still waits for. */
  readonly tell?: (text: string) => void;
  /** Ends the waiting: every undo is still tried once. */
  readonly signal?: AbortSignal;
}

export interface ClusterRecovery extends ReplayOutcome {
  /** The journals that were deleted. */
  readonly finished: readonly { readonly run: string; readonly where: string }[];
}

const REMOVAL_TIMEOUT_MS = ms(30_000);

/**
 * Idempotent. @throws refused for journals of another target, before anything is undone; or any error that
 * prevents reading them.
 */
export async function recoverClusterJournal(request: ClusterRecoveryRequest): Promise<ClusterRecovery> {
  const { platform, clock } = request;
  const { clusterJournal } = platform;
  const undone: Replayed[] = [];
  const residue: Replayed[] = [];
  const finished: { run: string; where: string }[] = [];
  if (clusterJournal === undefined) return { undone, residue, finished };
  const found = await clusterJournal.list();
  refuseOthers(found, platform.handle.identity);
  // Any seed will do: an undo draws nothing.
  const world: World = { platform, clock, rng: seededRng(0) };
  for (const journal of found) {
    const outcome = await recoverRun(journal, clusterJournal, world, request);
    undone.push(...outcome.undone);
    residue.push(...outcome.residue);
    if (outcome.residue.length > 0) continue;
    await clusterJournal.finish(journal.run);
    finished.push({ run: journal.run, where: journal.where });
  }
  return { undone, residue, finished };
}

async function recoverRun(
  journal: RunJournal,
  clusterJournal: ClusterJournal,
  world: World,
  { removalTimeoutMs = REMOVAL_TIMEOUT_MS, faults, signal, tell }: ClusterRecoveryRequest,
): Promise<ReplayOutcome> {
  const { run, where, damage } = journal;
  if (damage !== undefined) {
    const evidence = `${where} cannot be read (${damage}): what this run left open is unknown. Check the target, then delete it`;
    return { undone: [], residue: [{ run, fault: 'journal', evidence }] };
  }
  const options = {
    removalTimeoutMs,
    ...(faults && { faults }),
    ...(signal && { signal }),
    ...(tell && { tell }),
  };
  const undone: Replayed[] = [];
  const residue: Replayed[] = [];
  for (const entry of [...journal.open].reverse()) {
    const { gone, evidence } = await undoEntry(entry, world, options);
    (gone ? undone : residue).push({ run, fault: entry.name, evidence });
    if (gone) await clusterJournal.close(run, entry.id, evidence);
  }
  return { undone, residue };
}

/** A copied or restored object names pods that this target never had. */
function refuseOthers(found: readonly RunJournal[], identity: string): void {
  const others = found.filter((journal) => journal.damage === undefined && journal.identity !== identity);
  if (others.length === 0) return;
  throw new GauntletError(
    'refused',
    others.map(({ run, where, identity: theirs }) => ({
      subject: `journal of run ${run} (${where})`,
      expected: `a run on ${identity}`,
      got: `one on ${theirs}`,
      next: `Use a context that leads to that cluster (gauntlet doctor --target shows which one this is); if the journal belongs to another cluster, check the target and delete it.`,
    })),
  );
}
