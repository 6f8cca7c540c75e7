/**
 * The lease keeper's logic: it listens to the harness and, when the harness is silent for too long or gone
 * without a goodbye, undoes what the journal has open. It runs in a process and a session of its own
 * (src/run/keeper/main.ts).
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import { type Ms, ms } from '../../core/units.ts';
import { readStreamLines } from '../../system/bounded-lines.ts';
import { fateOf } from '../../system/holder.ts';
import type { Fault } from '../fault.ts';
import { appender, NOT_RENEWED, readJournal } from './journal.ts';
import { type OpenPlatform, type ReplayOutcome, replayJournal } from './replay.ts';

/** The whole protocol, one word a line: `renew` every heartbeat, `bye` at a clean end. */
export const RENEW = 'renew';
export const BYE = 'bye';

export interface KeeperRequest {
  readonly journal: string;
  /** Silence for longer than this ends the lease. */
  readonly ttlMs: Ms;
  readonly clock: Clock;
  /** `keeper pid 123`. */
  readonly holder: string;
  readonly openPlatform: OpenPlatform;
  readonly removalTimeoutMs: Ms;
  readonly faults?: readonly Fault[];
}

export interface KeeperEnd extends ReplayOutcome {
  readonly why: 'bye' | 'the harness is gone' | typeof NOT_RENEWED;
}

/** Resolves when there is nothing left to keep. @throws when the journal cannot be read. */
export async function runKeeper(input: Readable, request: KeeperRequest): Promise<KeeperEnd> {
  const why = await untilEnd(input, request);
  if (why === 'bye') return { why, undone: [], residue: [] };
  // Marked before the open entries are read: a harness that comes back sees it before it begins anything
  // (journal.ts).
  appender(
    request.journal,
    request.clock,
  )({
    kind: 'expired',
    holder: request.holder,
    why,
    at: request.clock.now(),
  });
  return { why, ...(await replayUntilClean(request, why !== NOT_RENEWED)) };
}

const OWNER_POLL_MS = ms(100);

/**
 * After the lease of a harness that only hung: waits until it is dead and undoes what it may have done since.
 * A process of its own, because the end of the keeper is what tells a harness that comes back. @throws when
 * the journal cannot be read.
 */
export async function outlive(request: Omit<KeeperRequest, 'ttlMs'>): Promise<ReplayOutcome> {
  const { owner } = readJournal(request.journal).header;
  while (fateOf(owner, request.journal) !== 'dead') await request.clock.sleep(OWNER_POLL_MS);
  return await replayJournal(request.journal, { ...request, ownerIsDead: true });
}

async function untilEnd(input: Readable, request: KeeperRequest): Promise<KeeperEnd['why']> {
  const { clock, ttlMs } = request;
  const stop = new AbortController();
  let renewedAt = clock.now();
  let heard: KeeperEnd['why'] | undefined;
  const onLine = (line: string): void => {
    if (line === RENEW) renewedAt = clock.now();
    if (line === BYE) end('bye');
  };
  // A harness that says what no harness says is not renewing: the lease then ends by itself.
  readStreamLines(input, onLine, () => undefined);
  const end = (why: KeeperEnd['why']): void => {
    heard ??= why;
    stop.abort();
  };
  // Whichever comes: a pipe ends, a destroyed stream only closes, a broken one fails.
  input.on('end', () => end('the harness is gone'));
  input.on('close', () => end('the harness is gone'));
  input.on('error', () => end('the harness is gone'));
  while (heard === undefined) {
    const left = renewedAt + ttlMs - clock.now();
    if (left > 0) await clock.sleep(ms(left), stop.signal).catch(() => undefined);
    else {
      // After a stop of this process too (a frozen machine), renewals may lie unread in the pipe: read them
      // first.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      if (heard === undefined && clock.now() >= renewedAt + ttlMs) end(NOT_RENEWED);
    }
  }
  return heard;
}

/**
 * An entry may be appended while the first pass runs, by a harness that was stopped between its two looks.
 */
async function replayUntilClean(request: KeeperRequest, ownerIsDead: boolean): Promise<ReplayOutcome> {
  const options = { ...request, ownerIsDead };
  const first = await replayJournal(request.journal, options);
  if (first.residue.length > 0 || readJournal(request.journal).open.length === 0) return first;
  const second = await replayJournal(request.journal, options);
  return { undone: [...first.undone, ...second.undone], residue: second.residue };
}
