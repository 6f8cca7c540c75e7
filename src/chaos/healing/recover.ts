/**
 * Undoes what dead runs left behind: `gauntlet recover` on any target, a run on its own target only. Faults
 * that are still in place on another target are reported with both names; a run neither undoes them nor
 * refuses to start because of them.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { type Ms, ms } from '../../core/units.ts';
import { FREE_UNSEEN, fateOf, sayHolder } from '../../system/holder.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { Places } from '../../system/places.ts';
import type { Fault } from '../fault.ts';
import {
  type JournalIndexEntry,
  journalIndexFolder,
  readIndexEntry,
  readJournal,
  removeIndex,
} from './journal.ts';
import { type OpenPlatform, type Replayed, type ReplayOutcome, replayJournal } from './replay.ts';

export interface RecoverRequest {
  readonly places: Places;
  readonly openPlatform: OpenPlatform;
  readonly clock?: Clock;
  /** How long one removal may take to be proven; default 30 s, enough for a restart with back-off. */
  readonly removalTimeoutMs?: Ms;
  readonly faults?: readonly Fault[];
  /** Only journals of this target; default: all. */
  readonly identity?: string;
  /**
   * The user declares that owners which cannot be observed from here (another container or machine) are dead.
   */
  readonly forceHolder?: boolean;
  /** Receives every 10 s what the removal still waits for. */
  readonly tell?: (text: string) => void;
}

/** A journal that was left alone: whether its run is alive cannot be checked from here. */
export interface UnseenRun {
  readonly run: string;
  /** Undefined when its journal cannot be read from here either. */
  readonly target: string | undefined;
  /** The holder, its place and its start. */
  readonly holder: string;
}

/** @throws refused when a run whose life cannot be checked from here may be active on this target. */
export function refuseUnseen(unseen: readonly UnseenRun[], identity: string): void {
  const here = unseen.filter((one) => one.target === identity);
  if (here.length === 0) return;
  throw new GauntletError(
    'refused',
    here.map(({ run, holder }) => ({
      subject: `target ${identity}`,
      expected: 'no other active run on it',
      got: `run ${run} of ${holder}`,
      next: `Wait until it ends. ${FREE_UNSEEN}`,
    })),
  );
}

export interface Recovery extends ReplayOutcome {
  /** Absent when there is none. */
  readonly unseen?: readonly UnseenRun[];
}

const REMOVAL_TIMEOUT_MS = ms(30_000);

/**
 * Idempotent. Leaves journals of living runs alone; a journal with residue stays listed and is tried again.
 */
export async function recoverAll(request: RecoverRequest): Promise<Recovery> {
  const undone: Replayed[] = [];
  const residue: Replayed[] = [];
  const unseen: UnseenRun[] = [];
  for (const path of indexFiles(request.places)) {
    const outcome = await recoverOne(path, request);
    undone.push(...outcome.undone);
    residue.push(...outcome.residue);
    unseen.push(...(outcome.unseen ?? []));
  }
  return { undone, residue, ...(unseen.length > 0 && { unseen }) };
}

async function recoverOne(indexFile: string, request: RecoverRequest): Promise<Recovery> {
  const nothing: ReplayOutcome = { undone: [], residue: [] };
  let index: JournalIndexEntry;
  try {
    index = readIndexEntry(indexFile);
  } catch (error) {
    // Its own run removed it between listing and reading: that run ended regularly.
    if (!existsSync(indexFile)) return nothing;
    return residueOf('unknown', `${indexFile} cannot be read: ${messageOf(error)}`);
  }
  const fate = fateOf(index.owner, indexFile);
  if (fate === 'alive') return nothing;
  const isOther = (identity: string | undefined): boolean =>
    request.identity !== undefined && identity !== undefined && identity !== request.identity;
  if (isOther(index.identity)) return nothing;
  if (fate === 'unseen' && request.forceHolder !== true) {
    const target = leftBy(index).identity;
    if (isOther(target)) return nothing;
    return { ...nothing, unseen: [{ run: index.run, target, holder: sayHolder(index.owner) }] };
  }
  try {
    if (isOther(readJournal(index.journal).header.platform.identity)) return nothing;
  } catch (error) {
    const what = existsSync(index.journal) ? messageOf(error) : `${index.journal} was deleted`;
    return residueOf(
      index.run,
      `${what}: what this run left open is unknown. Check the target, then delete ${indexFile}`,
    );
  }
  const outcome = await replayJournal(index.journal, {
    openPlatform: request.openPlatform,
    clock: request.clock ?? monotonicClock,
    holder: 'recover',
    ownerIsDead: true,
    removalTimeoutMs: request.removalTimeoutMs ?? REMOVAL_TIMEOUT_MS,
    ...(request.faults && { faults: request.faults }),
    ...(request.tell && { tell: request.tell }),
  });
  if (outcome.residue.length === 0) removeIndex(request.places, index.run);
  return outcome;
}

const residueOf = (run: string, evidence: string): ReplayOutcome => ({
  undone: [],
  residue: [{ run, fault: 'journal', evidence }],
});

export interface OpenElsewhere {
  readonly run: string;
  /** The other target's identity. */
  readonly identity: string;
  /** Rows of the run that are not undone; null when its journal cannot be read. */
  readonly open: readonly string[] | null;
}

/** What dead runs left on targets other than this one. Reads only. */
export function openElsewhere(places: Places, identity: string): readonly OpenElsewhere[] {
  return indexFiles(places).flatMap((path): readonly OpenElsewhere[] => {
    try {
      const index = readIndexEntry(path);
      if (fateOf(index.owner, path) !== 'dead') return [];
      const left = leftBy(index);
      if (left.identity === undefined || left.identity === identity || left.open?.length === 0) return [];
      return [{ run: index.run, identity: left.identity, open: left.open }];
    } catch {
      // An unreadable one may belong to this target: recoverAll reports it.
      return [];
    }
  });
}

/**
 * What earlier runs left, or may have left, on one target of this machine: one sentence each. Reads only;
 * a living run is not one of them.
 */
export function openHere(places: Places, identity: string): readonly string[] {
  return indexFiles(places).flatMap((path): readonly string[] => {
    try {
      const index = readIndexEntry(path);
      const fate = fateOf(index.owner, path);
      const left = leftBy(index);
      if (fate === 'alive' || (left.identity !== undefined && left.identity !== identity)) return [];
      if (fate === 'unseen') return [`run ${index.run} of ${sayHolder(index.owner)} may still be active`];
      if (left.open === null) return [`the journal of run ${index.run} cannot be read`];
      return left.open.length === 0 ? [] : [`run ${index.run} left ${left.open.join(', ')} in place`];
    } catch (error) {
      return existsSync(path) ? [`${path} cannot be read: ${messageOf(error)}`] : [];
    }
  });
}

function leftBy(index: JournalIndexEntry): {
  readonly identity: string | undefined;
  readonly open: readonly string[] | null;
} {
  try {
    const { header, unsettled } = readJournal(index.journal);
    return { identity: header.platform.identity, open: unsettled.map((one) => one.name) };
  } catch {
    return { identity: index.identity, open: null };
  }
}

function indexFiles(places: Places): readonly string[] {
  const folder = journalIndexFolder(places);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}
