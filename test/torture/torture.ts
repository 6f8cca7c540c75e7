/** Rounds of torture on one running sandbox, one after another, with permanent traffic on its links. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../src/chaos/fault.ts';
import { FAULTS } from '../../src/chaos/faults/registry.ts';
import type { Platform } from '../../src/core/acts/platform.ts';
import { GauntletError } from '../../src/core/errors.ts';
import { seededRng } from '../../src/core/rng.ts';
import { endpointOf } from '../../src/core/topology.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import type { Places } from '../../src/system/places.ts';
import type { SandboxState } from '../../src/system/sandbox/state.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import { describeDraw, drawRound } from './draw.ts';
import { exampleHere } from './example.ts';
import { playRound, type Round, UNDO_BOUND_MS } from './round.ts';
import { difference, readTarget, redisServerOf, writeData } from './target-state.ts';

export interface TortureRequest {
  readonly seed: number;
  /** Numbers of the rounds, from 0. */
  readonly indices: readonly number[];
  readonly sandbox: SandboxState;
  readonly places: Places;
  print(line: string): void;
  /** Ends after the present round. */
  readonly signal?: AbortSignal;
  /** No further round starts after this time; absent: no limit. */
  readonly mostMs?: number;
}

const SETTLE_MS = 30_000;

/** The last line: a run in which no kill hit an active fault would prove nothing. */
export function summary(seed: number, rounds: readonly Round[], boundMs = UNDO_BOUND_MS): string {
  const clean = rounds.filter((one) => one.left.length === 0);
  const inPlace = rounds.filter((one) => one.found.length > 0).length;
  const slowest = Math.max(0, ...clean.map((one) => one.undoneMs));
  return (
    `seed ${seed}: ${clean.length} of ${rounds.length} left nothing; ${inPlace} kills hit an active fault, ` +
    `the slowest undo took ${slowest.toFixed(0)} ms of ${boundMs}`
  );
}

/**
 * The rounds that ran; a round that left something is the last one, because its target is no longer clean.
 */
export async function torture(request: TortureRequest): Promise<readonly Round[]> {
  const { sandbox, places, seed, print } = request;
  const began = performance.now();
  const { identity } = sandbox.topology;
  const platform = await openPlatform({ platform: 'sandbox', identity, stateFile: sandbox.stateFile });
  const redis = redisServerOf(sandbox);
  await writeData(redis);
  const before = await settled(() => readTarget(platform, redis));
  const faults = await possibleFaults(platform, print);
  const stop = new AbortController();
  const traffic = intentions(
    `${endpointOf(sandbox.topology, 'gateway', 'http')?.at[0]?.address}/intentions`,
    stop.signal,
  );
  const rounds: Round[] = [];
  const testBed = {
    ...{ places, target: ['--target', 'sandbox'], undoBoundMs: UNDO_BOUND_MS },
    look: async () => difference(before, await readTarget(platform, redis)),
  };
  try {
    for (const index of request.indices) {
      const isLate = performance.now() - began > (request.mostMs ?? Number.POSITIVE_INFINITY);
      if (isLate || request.signal?.aborted === true) break;
      const round = await playRound(drawRound(seed, index, faults), testBed);
      rounds.push(round);
      print(describeRound(round));
      if (round.left.length > 0) {
        print(`round ${index} again: npm run torture -- --seed ${seed} --round ${index}`);
        break;
      }
    }
  } finally {
    stop.abort();
    await traffic;
  }
  return rounds;
}

/** The faults that this machine allows; the output names the omitted ones with the reason. */
async function possibleFaults(platform: Platform, print: (line: string) => void): Promise<readonly Fault[]> {
  const world = { platform, clock: monotonicClock, rng: seededRng(0) };
  const possible: Fault[] = [];
  for (const fault of FAULTS) {
    const parsed = fault.parse(exampleHere(fault));
    if (!parsed.ok) throw new Error(`${fault.name}: its own example is wrong`);
    const why = await fault.plan(parsed.spec, world).then(() => null, refusalOf);
    if (why === null) possible.push(fault);
    else print(`omitted: ${fault.name}: ${why}`);
  }
  return possible;
}

function refusalOf(error: unknown): string {
  if (error instanceof GauntletError && error.kind === 'refused') return error.message;
  throw error;
}

/**
 * A complete state that is stable for one check: brokers that have just started still join their in-sync
 * sets.
 */
async function settled<T extends { readonly shrunken: readonly string[] } & Parameters<typeof difference>[0]>(
  read: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + SETTLE_MS;
  let last = await read();
  for (;;) {
    await sleep(200);
    const now = await read();
    const { undo, byItself } = difference(last, now);
    if (now.shrunken.length + undo.length + byItself.length === 0) return now;
    if (performance.now() > until)
      throw new Error(`the sandbox does not become stable: ${now.shrunken.join('; ')}`);
    last = now;
  }
}

/**
 * Ten requests a second, whatever their outcome: a fault on an unused link could not be proven, and would not
 * be held.
 */
async function intentions(url: string, stop: AbortSignal): Promise<void> {
  for (let index = 0; !stop.aborted; index += 1) {
    const body = JSON.stringify({ text: `novo negócio ${index}`, correlation_id: `torture-${index}` });
    const headers = { 'content-type': 'application/json' };
    fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(3000) }).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
    await sleep(100, undefined, { signal: stop }).catch(() => undefined);
  }
}

export function describeRound({ draw, killed, undoneMs, wholeMs, found, left }: Round): string {
  const { after, delayMs } = draw.moment;
  const who = draw.keeper === null ? draw.signal : `${draw.signal}, keeper ${draw.keeper} it`;
  const when = `killed (${who}) at ${killed.atMs.toFixed(0)} ms, ${after} + ${delayMs} ms, stage ${killed.stage}, ${found.length === 0 ? 'nothing' : 'the fault'} active`;
  const end =
    left.length === 0
      ? `nothing left: undone after ${undoneMs.toFixed(0)} ms, recovered after ${wholeMs.toFixed(0)} ms`
      : `LEFT ${left.join('; ')} [last output of the harness: ${killed.lastWords}]`;
  return `${String(draw.index).padStart(4)}  ${describeDraw(draw)}: ${when}; ${end}`;
}
