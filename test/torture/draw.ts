/**
 * The events of one round, drawn only from the seed and the round's number, so that any round can be repeated
 * alone. Every registered fault is drawn once before any is drawn twice.
 */
import type { Fault } from '../../src/chaos/fault.ts';
import { FAULTS } from '../../src/chaos/faults/registry.ts';
import { type Rng, seededRng } from '../../src/core/rng.ts';
import { type Ms, ms } from '../../src/core/units.ts';
import { SPECIALISTS } from '../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { exampleHere } from './example.ts';

/** The events of the harness, and the journal line between the plan and the act. */
export const EDGES = [
  'fault-planned',
  'journal-opened',
  'fault-applied',
  'fault-injected',
  'fault-undoing',
  'fault-removed',
] as const;
export type Edge = (typeof EDGES)[number];

/** When the harness dies: a delay after the start of its process, or after an event. */
export interface Moment {
  readonly after: 'start' | Edge;
  readonly delayMs: Ms;
}

export interface Draw {
  readonly index: number;
  readonly fault: Fault;
  /** As in `gauntlet inject`. */
  readonly parameters: readonly string[];
  readonly holdFor: string | null;
  readonly moment: Moment;
  /** Null: the keeper lives and undoes. Otherwise which of the two dies first; `gauntlet recover` undoes. */
  readonly keeper: null | 'before' | 'after';
  /** `SIGSTOP`: the harness hangs and its pipe stays open, so that the keeper can rely only on the lease. */
  readonly signal: 'SIGKILL' | 'SIGSTOP';
}

const HOLD = { text: '2s', ms: 2000 } as const;
/**
 * Start of the process 0.5 s, probes for 1 s or more, proof, removal and exit: measured 2 to 3 s in addition
 * to the hold.
 */
const BESIDE_HOLD_MS = 2800;
/**
 * The interval between two events is a few ms long: an instant that is uniform over the run would almost
 * never be in it.
 */
const EDGE_EVERY = 3;
const EDGE_SPREAD_MS = 40;
const KEEPER_EVERY = 5;
/**
 * Not in rounds that kill the keeper: a hanging harness is alive, and `recover` does not touch its faults.
 */
const HANG_EVERY = 7;

const USUAL_SERVICES = SPECIALISTS.map((one) => `specialist-${one}`);

/** A fault, and how its parameters are drawn. */
export interface Choice {
  readonly fault: Fault;
  write(rng: Rng): { readonly parameters: readonly string[]; readonly isHeld: boolean };
}

/** @param index from 0. @param services those that a fault with a `service` may hit. */
export const drawRound = (
  seed: number,
  index: number,
  faults: readonly Fault[] = FAULTS,
  services: readonly string[] = USUAL_SERVICES,
): Draw =>
  drawChoice(
    seed,
    index,
    faults.map((fault) => ({ fault, write: (rng) => parametersOf(fault, services, rng) })),
  );

export function drawChoice(seed: number, index: number, choices: readonly Choice[]): Draw {
  const { fault, write } = turn(seed, index, choices);
  const rng = seededRng(seed * 1_000_003 + index);
  const { parameters, isHeld } = write(rng);
  const moment = momentOf(index, isHeld, rng);
  const keeper = index % KEEPER_EVERY === KEEPER_EVERY - 1 ? (rng.below(2) === 0 ? 'before' : 'after') : null;
  const signal = keeper === null && index % HANG_EVERY === HANG_EVERY - 1 ? 'SIGSTOP' : 'SIGKILL';
  return { index, fault, parameters, holdFor: isHeld ? HOLD.text : null, moment, keeper, signal };
}

function momentOf(index: number, isHeld: boolean, rng: Rng): Moment {
  if (index % EDGE_EVERY === EDGE_EVERY - 1) {
    const edge = EDGES[rng.below(EDGES.length)] ?? 'fault-applied';
    return { after: edge, delayMs: ms(Math.round(rng.next() * EDGE_SPREAD_MS)) };
  }
  const courseMs = BESIDE_HOLD_MS + (isHeld ? HOLD.ms : 0);
  return { after: 'start', delayMs: ms(Math.round(rng.next() * courseMs)) };
}

/** A new order for each pass. */
function turn<One>(seed: number, index: number, faults: readonly One[]): One {
  const rng = seededRng(seed * 1_000_003 - 1 - Math.floor(index / faults.length));
  const order = [...faults];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = rng.below(at + 1);
    const [a, b] = [order[at], order[other]];
    if (a !== undefined && b !== undefined) [order[at], order[other]] = [b, a];
  }
  const chosen = order[index % faults.length];
  if (chosen === undefined) throw new Error('no fault to draw');
  return chosen;
}

/**
 * The fault's own example with a different service each time, so that no restart back-off grows from round
 * to round.
 */
function parametersOf(
  fault: Fault,
  services: readonly string[],
  rng: Rng,
): { readonly parameters: readonly string[]; readonly isHeld: boolean } {
  const block = exampleHere(fault);
  const service = services[rng.below(services.length)];
  const written = Object.entries(block)
    .filter(([key]) => key !== 'for')
    .map(([key, value]) => `${key}=${key === 'service' ? service : value}`);
  return { parameters: written, isHeld: 'for' in block };
}

/** The command as a user types it, without the target. */
export const describeDraw = ({ fault, parameters, holdFor }: Draw): string =>
  [fault.name, ...parameters, ...(holdFor === null ? [] : [`for=${holdFor}`])].join(' ');
