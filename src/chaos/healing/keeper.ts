/**
 * The lease keeper's logic: it listens to the harness. When the harness is silent for too long, or ends
 * without `bye`, it undoes the journal's open entries. It runs in its own process and session
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

/** The whole protocol, one word a line: `renew` every heartbeat, `bye` at a regular end. */
export const RENEW = 'renew';
export const BYE = 'bye';

export interface KeeperRequest {
  readonly journal: string;
  /** Silence longer than this ends the lease. */
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
  // Marked before the open entries are read: a harness that resumes sees the mark before it begins an act
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
 * After the lease of a harness that only hung: waits until it is dead and undoes its acts since then. A
 * separate process, because a resumed harness detects the expiry by the end of the keeper. @throws when the
 * journal cannot be read.
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
  // A harness that sends unknown words is not renewing: the lease then expires.
  readStreamLines(input, onLine, () => undefined);
  const end = (why: KeeperEnd['why']): void => {
    heard ??= why;
    stop.abort();
  };
  // Whichever occurs: a pipe ends, a destroyed stream only closes, a broken one fails.
  input.on('end', () => end('the harness is gone'));
  input.on('close', () => end('the harness is gone'));
  input.on('error', () => end('the harness is gone'));
  while (heard === undefined) {
    const left = renewedAt + ttlMs - clock.now();
    if (left > 0) await clock.sleep(ms(left), stop.signal).catch(() => undefined);
    else {
      // If this process was stopped too (a frozen machine), renewals may be unread in the pipe: read them
      // first.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      if (heard === undefined && clock.now() >= renewedAt + ttlMs) end(NOT_RENEWED);
    }
  }
  return heard;
}

/** An entry may be appended during the first pass, by a harness that was stopped between its two checks. */
async function replayUntilClean(request: KeeperRequest, ownerIsDead: boolean): Promise<ReplayOutcome> {
  const options = { ...request, ownerIsDead };
  const first = await replayJournal(request.journal, options);
  if (first.residue.length > 0 || readJournal(request.journal).open.length === 0) return first;
  const second = await replayJournal(request.journal, options);
  return { undone: [...first.undone, ...second.undone], residue: second.residue };
}
