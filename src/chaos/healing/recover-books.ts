/**
 * Undoes what dead runs left on a target, from the books that the target itself keeps: no file of the machine that ran them is
 * needed. Only for who has the lock of the target, because a run that lives has its books there too.
 */

import type { Book, JournalBooks } from '../../core/acts/journal-books.ts';
import type { Platform } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import { seededRng } from '../../core/rng.ts';
import { type Ms, ms } from '../../core/units.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';
import { type Replayed, type ReplayOutcome, undoEntry } from './replay.ts';

export interface BooksRequest {
  readonly platform: Platform;
  readonly clock: Clock;
  /** How long one removal may take to be proven; default 30 s. */
  readonly removalTimeoutMs?: Ms;
  readonly faults?: readonly Fault[];
  /** Told every 10 s what is still waited for. */
  readonly tell?: (text: string) => void;
  /** Ends the waiting: every undo is still tried once. */
  readonly signal?: AbortSignal;
}

export interface BooksOutcome extends ReplayOutcome {
  /** The books that are gone now. */
  readonly finished: readonly { readonly run: string; readonly where: string }[];
}

const REMOVAL_TIMEOUT_MS = ms(30_000);

/** Idempotent. @throws refused for books of another target, before anything is undone; whatever keeps them from being read. */
export async function recoverBooks(request: BooksRequest): Promise<BooksOutcome> {
  const { platform, clock } = request;
  const { books } = platform;
  const undone: Replayed[] = [];
  const residue: Replayed[] = [];
  const finished: { run: string; where: string }[] = [];
  if (books === undefined) return { undone, residue, finished };
  const found = await books.list();
  refuseOthers(found, platform.handle.identity);
  // The seed is free: an undo draws nothing.
  const world: World = { platform, clock, rng: seededRng(0) };
  for (const book of found) {
    const outcome = await recoverBook(book, books, world, request);
    undone.push(...outcome.undone);
    residue.push(...outcome.residue);
    if (outcome.residue.length > 0) continue;
    await books.finish(book.run);
    finished.push({ run: book.run, where: book.where });
  }
  return { undone, residue, finished };
}

async function recoverBook(
  book: Book,
  books: JournalBooks,
  world: World,
  { removalTimeoutMs = REMOVAL_TIMEOUT_MS, faults, signal, tell }: BooksRequest,
): Promise<ReplayOutcome> {
  const { run, where, damage } = book;
  if (damage !== undefined) {
    const evidence = `${where} cannot be read (${damage}): what this run left open is not known. Look at the target, then delete it`;
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
  for (const entry of [...book.open].reverse()) {
    const { gone, evidence } = await undoEntry(entry, world, options);
    (gone ? undone : residue).push({ run, fault: entry.name, evidence });
    if (gone) await books.close(run, entry.id, evidence);
  }
  return { undone, residue };
}

/** A copied or restored object names pods that this target never had. */
function refuseOthers(found: readonly Book[], identity: string): void {
  const others = found.filter((book) => book.damage === undefined && book.identity !== identity);
  if (others.length === 0) return;
  throw new GauntletError(
    'refused',
    others.map(({ run, where, identity: theirs }) => ({
      subject: `journal of run ${run} (${where})`,
      expected: `a run on ${identity}`,
      got: `one on ${theirs}`,
      next: `Use a context that leads to that cluster (gauntlet doctor --target shows which one this is); if it is another one's, look at the target and delete it.`,
    })),
  );
}
