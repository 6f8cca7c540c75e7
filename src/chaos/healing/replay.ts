/**
 * Replays the open undos of one journal, newest first, and proves each removal. Any process may do it, any
 * number of times.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Platform, PlatformHandle } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { seededRng } from '../../core/rng.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { type Ms, ms } from '../../core/units.ts';
import { fateOf, sayHolder } from '../../system/holder.ts';
import type { Fault, UndoRecord } from '../fault.ts';
import { FAULTS } from '../faults/registry.ts';
import type { World } from '../world.ts';
import { appender, type OpenedLine, readJournal } from './journal.ts';
import { tellWaiting } from './tell-waiting.ts';

export type OpenPlatform = (handle: PlatformHandle) => Promise<Platform>;

export interface Replayed {
  readonly run: string;
  /** The row of the run, such as `kill-pod#2`. */
  readonly fault: string;
  readonly evidence: string;
}

export interface ReplayOutcome {
  readonly undone: readonly Replayed[];
  readonly residue: readonly Replayed[];
}

export interface ReplayOptions {
  readonly openPlatform: OpenPlatform;
  readonly clock: Clock;
  /** The replaying process, for the journal: `keeper pid 123`, `recover`. */
  readonly holder: string;
  /** How long a removal may take to be proven. */
  readonly removalTimeoutMs: Ms;
  readonly faults?: readonly Fault[];
  /** Receives every 10 s what the removal still waits for. */
  readonly tell?: (text: string) => void;
  /** The owner of the journal is dead: then also unsettled entries, not only open ones. */
  readonly ownerIsDead?: boolean;
}

const POLL_MS = ms(100);

/** @throws when the journal cannot be read; results of single entries are in the outcome. */
export async function replayJournal(path: string, options: ReplayOptions): Promise<ReplayOutcome> {
  const content = readJournal(path);
  const { header } = content;
  const open = options.ownerIsDead === true ? content.unsettled : content.open;
  const undone: Replayed[] = [];
  const residue: Replayed[] = [];
  // On Kubernetes the dead run may still hold its lock, and may have written entries there for acts that it
  // never began.
  if (open.length === 0 && header.platform.kubernetes?.holder === undefined) return { undone, residue };
  const append = appender(path, options.clock);
  const close = (entry: OpenedLine, evidence: string): void => {
    const at = options.clock.now();
    append({ kind: 'closed', id: entry.id, outcome: 'undone', holder: options.holder, evidence, at });
    undone.push({ run: header.run, fault: entry.name, evidence });
  };
  if (header.schema === undefined) {
    options.tell?.(
      `the journal of run ${header.run} is of an earlier version: its undo is tried as far as it can be read`,
    );
  }
  const opened = await openWorld(header.platform, options);
  for (const entry of [...open].reverse()) {
    if (opened.kind === 'gone') close(entry, opened.evidence);
    else if (opened.kind === 'unreachable') {
      residue.push({ run: header.run, fault: entry.name, evidence: opened.evidence });
    } else {
      const result = await undoEntry(entry, opened.world, options);
      if (result.gone) close(entry, result.evidence);
      else residue.push({ run: header.run, fault: entry.name, evidence: result.evidence });
    }
  }
  if (opened.kind === 'open') {
    const { platform } = opened.world;
    // Journal and lock are on a target that cannot be reached now: the next run on it removes both.
    if (residue.length === 0) {
      if (options.ownerIsDead === true)
        await platform.clusterJournal?.finish(header.run).catch(() => undefined);
      await platform.release?.().catch(() => undefined);
    }
    platform.close?.();
  }
  return { undone, residue };
}

type Opened =
  | { readonly kind: 'open'; readonly world: World }
  | { readonly kind: 'gone'; readonly evidence: string }
  | { readonly kind: 'unreachable'; readonly evidence: string };

async function openWorld(handle: PlatformHandle, options: ReplayOptions): Promise<Opened> {
  const gone = platformGone(handle);
  if (gone !== undefined) return { kind: 'gone', evidence: gone };
  try {
    const platform = await options.openPlatform(handle);
    // Any seed will do: an undo draws nothing.
    return { kind: 'open', world: { platform, clock: options.clock, rng: seededRng(0) } };
  } catch (error) {
    // It may have been stopped between the two checks.
    const goneNow = platformGone(handle);
    if (goneNow !== undefined) return { kind: 'gone', evidence: goneNow };
    return { kind: 'unreachable', evidence: `the target cannot be reached: ${messageOf(error)}` };
  }
}

/**
 * A sandbox with a dead supervisor has lost its proxies and instances too: nothing is left to undo.
 * Undefined: it exists, or it is a platform whose absence cannot be distinguished from being unreachable.
 */
function platformGone(handle: PlatformHandle): string | undefined {
  if (handle.platform !== 'sandbox' || handle.stateFile === undefined) return undefined;
  if (!existsSync(handle.stateFile)) return `${handle.identity} is torn down (${handle.stateFile} is gone)`;
  try {
    const { supervisor } = JSON.parse(readFileSync(handle.stateFile, 'utf8')) as { supervisor?: unknown };
    if (fateOf(supervisor, handle.stateFile) !== 'dead') return undefined;
    return `${handle.identity} is gone: its supervisor (${sayHolder(supervisor)}) is dead, its proxies end with it`;
  } catch {
    return undefined;
  }
}

/** Tries until the removal is proven or the time is over; once when the signal is aborted. Never throws. */
export async function undoEntry(
  entry: Pick<OpenedLine, 'fault' | 'undo'>,
  world: World,
  options: Pick<ReplayOptions, 'faults' | 'removalTimeoutMs' | 'tell'> & { readonly signal?: AbortSignal },
): Promise<{ readonly gone: boolean; readonly evidence: string }> {
  if (entry.undo === null) return { gone: true, evidence: 'nothing was changed' };
  const fault = (options.faults ?? FAULTS).find((one) => one.name === entry.fault);
  if (!fault) return { gone: false, evidence: `this version of Gauntlet has no fault ${entry.fault}` };
  const undo = readUndo(fault, entry.undo);
  if (typeof undo === 'string') return { gone: false, evidence: undo };
  const until = world.clock.now() + options.removalTimeoutMs;
  const waiting = tellWaiting(world.clock, `${entry.fault} to be undone`, options.tell);
  for (;;) {
    const result = await attempt(fault, undo, world);
    // Stopped while we tried: the sandbox of a killed harness ends at the same moment as its lease.
    const torn = result.gone ? undefined : platformGone(world.platform.handle);
    if (torn !== undefined) return { gone: true, evidence: torn };
    const isOver = result.isFinal === true || world.clock.now() >= until || options.signal?.aborted === true;
    if (result.gone || isOver) return result;
    waiting(result.evidence);
    await world.clock.sleep(POLL_MS);
  }
}

/**
 * The only entry point of undo data from any journal: the record in the form that its fault accepts, or why
 * no undo is possible.
 */
function readUndo(fault: Fault, undo: UndoRecord): UndoRecord | string {
  const { name, undoShape } = fault;
  if (undo.fault !== name)
    return `its undo belongs to ${undo.fault} and its entry to ${name}: Gauntlet did not write it`;
  const parsed = undoShape.safeParse(undo.data);
  if (parsed.success) return { fault: name, data: parsed.data };
  const what = shapeProblem(undoShape, undo.data)?.text ?? 'not undo data';
  return `this version cannot read the undo data of ${name} (${what}): use the version that wrote it, or check the target`;
}

async function attempt(
  fault: Fault,
  undo: UndoRecord,
  world: World,
): Promise<{ readonly gone: boolean; readonly evidence: string; readonly isFinal?: boolean }> {
  try {
    await fault.undo(undo, world);
    const { gone, evidence } = await fault.removed(undo, world);
    return { gone, evidence };
  } catch (error) {
    // What a user has to mend, such as a secret that is not set, does not mend itself.
    const isFinal = error instanceof GauntletError && error.kind === 'usage';
    return { gone: false, evidence: `undo failed: ${messageOf(error)}`, isFinal };
  }
}
