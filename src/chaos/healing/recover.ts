/** Undoes whatever any dead run left behind, on any target: `gauntlet recover`, and the first step of every run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { type Ms, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { Places } from '../../system/places.ts';
import { isAlive } from '../../system/proc.ts';
import type { Fault } from '../fault.ts';
import { type JournalIndexEntry, journalIndexFolder, readJournal, removeIndex } from './journal.ts';
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
}

const REMOVAL_TIMEOUT_MS = ms(30_000);

/** Idempotent. Journals of living runs are left alone; a journal with residue stays listed and is tried again. */
export async function recoverAll(request: RecoverRequest): Promise<ReplayOutcome> {
  const undone: Replayed[] = [];
  const residue: Replayed[] = [];
  for (const path of indexFiles(request.places)) {
    const outcome = await recoverOne(path, request);
    undone.push(...outcome.undone);
    residue.push(...outcome.residue);
  }
  return { undone, residue };
}

async function recoverOne(indexFile: string, request: RecoverRequest): Promise<ReplayOutcome> {
  const nothing: ReplayOutcome = { undone: [], residue: [] };
  let index: JournalIndexEntry;
  try {
    index = JSON.parse(readFileSync(indexFile, 'utf8')) as JournalIndexEntry;
  } catch (error) {
    // Removed by its own run between listing and reading: that run ended cleanly.
    if (!existsSync(indexFile)) return nothing;
    return residueOf('unknown', `${indexFile} cannot be read: ${messageOf(error)}`);
  }
  if (isAlive(index.owner.pid, index.owner.startTicks)) return nothing;
  try {
    const { platform } = readJournal(index.journal).header;
    if (request.identity !== undefined && platform.identity !== request.identity) return nothing;
  } catch (error) {
    const what = existsSync(index.journal) ? messageOf(error) : `${index.journal} was deleted`;
    return residueOf(
      index.run,
      `${what}: what this run left open is not known. Look at the target, then delete ${indexFile}`,
    );
  }
  const outcome = await replayJournal(index.journal, {
    openPlatform: request.openPlatform,
    clock: request.clock ?? monotonicClock,
    holder: 'recover',
    ownerIsDead: true,
    removalTimeoutMs: request.removalTimeoutMs ?? REMOVAL_TIMEOUT_MS,
    ...(request.faults && { faults: request.faults }),
  });
  if (outcome.residue.length === 0) removeIndex(request.places, index.run);
  return outcome;
}

const residueOf = (run: string, evidence: string): ReplayOutcome => ({
  undone: [],
  residue: [{ run, fault: 'journal', evidence }],
});

function indexFiles(places: Places): readonly string[] {
  const folder = journalIndexFolder(places);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}
