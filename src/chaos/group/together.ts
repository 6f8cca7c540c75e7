/**
 * Several faults that are in place at the same time: none acts before all are ready and the guards agree to
 * their sum, none is undone before all are proven, and when one is not in place or is cut short the others
 * are undone at once.
 */
import { GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import type { FaultPlan } from '../fault.ts';
import { checkGroupGuards } from '../guards/group-policy.ts';
import { type FaultOutcome, type FaultRequest, lastsMs } from '../injector/fault-request.ts';
import { GroupGivenUp, givenUp, type Unfit } from '../injector/group-end.ts';
import { runFault } from '../injector/injector.ts';
import type { Peers } from '../injector/peers.ts';

export interface TogetherOutcome {
  /** In the order of the requests; without those that produced no record. */
  readonly outcomes: readonly FaultOutcome[];
  /**
   * Null, or the error to throw after the outcomes are reported: by then everything is undone, or its undo
   * was tried.
   */
  readonly failure: unknown;
}

/** Never rejects: the outcome of one member must be reported even when another fails. */
export async function runTogether(requests: readonly FaultRequest[]): Promise<TogetherOutcome> {
  const group = new Group(requests);
  const runs = requests.map((request, index) => group.run(request, index));
  const settled = await Promise.allSettled(runs);
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  return {
    outcomes: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    failure: failures.length === 0 ? null : oneOf(failures),
  };
}

class Group {
  readonly #undo = new AbortController();
  readonly #arrived: Gathering<null>;
  readonly #planned: Gathering<FaultPlan>;
  readonly #proven: Gathering<EpochMs>;
  /** All are held for the same time: that of the longest. */
  readonly #lastsMs: Ms;
  #guards: Promise<void> | undefined;
  #spoiled: string | null = null;

  constructor(requests: readonly FaultRequest[]) {
    this.#arrived = new Gathering(requests.length);
    this.#planned = new Gathering(requests.length);
    this.#proven = new Gathering(requests.length);
    this.#lastsMs = ms(Math.max(...requests.map((one) => lastsMs(one.planned, one.removalTimeoutMs))));
  }

  async run(request: FaultRequest, index: number): Promise<FaultOutcome> {
    const { name } = request.planned;
    const signal = AbortSignal.any([request.signal, this.#undo.signal]);
    try {
      const outcome = await runFault({ ...request, signal, peers: this.#peers(request, index) });
      if (outcome.cutShort !== null) this.#spoil(name, `cut short (${outcome.cutShort})`);
      else if (outcome.status === 'not-injected')
        this.#spoil(name, `not injected (${outcome.injection?.evidence ?? 'no evidence'})`);
      return outcome;
    } catch (error) {
      this.#spoil(name, messageOf(error));
      throw error;
    }
  }

  #peers(request: FaultRequest, index: number): Peers {
    const { name } = request.planned;
    return {
      arrive: async () => ((await this.#arrived.join(index, null)) === null ? this.#givenUp() : null),
      agree: async (plan) => {
        const plans = await this.#planned.join(index, plan);
        if (plans === null) return this.#givenUp();
        // Asked once for all: every member gets the same answer.
        this.#guards ??= checkGroupGuards(plans, request.policy, request.world, this.#lastsMs);
        await this.#guards;
        return this.#givenUp();
      },
      proven: async (at, ended) => {
        const all = await Promise.race([this.#proven.join(index, at), over(ended)]);
        return all === null ? null : epochMs(Math.max(...all));
      },
      giveUp: (why) => this.#spoil(name, why),
    };
  }

  #givenUp(): Unfit | null {
    return this.#spoiled === null ? null : { why: givenUp(this.#spoiled), endedBy: 'group' };
  }

  /** The first reason is the cause; the others follow from the undo of the group. */
  #spoil(name: string, why: string): void {
    if (this.#spoiled !== null) return;
    this.#spoiled = `${name}: ${why}`;
    for (const one of [this.#arrived, this.#planned, this.#proven]) one.giveUp();
    this.#undo.abort(new GroupGivenUp(this.#spoiled));
  }
}

const over = (ended: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (ended.aborted) resolve(null);
    ended.addEventListener('abort', () => resolve(null), { once: true });
  });

/** Refusals of several members become one refusal with every reason. */
function oneOf(failures: readonly unknown[]): unknown {
  const [first, ...others] = failures;
  if (others.length === 0) return first;
  const told = failures.flatMap((one) => (one instanceof GauntletError ? [one] : []));
  if (told.length < failures.length) {
    return new AggregateError(failures, [...new Set(failures.map(messageOf))].join('; '));
  }
  const kind = told.find((one) => one.kind !== 'interrupted')?.kind ?? 'interrupted';
  const known = new Map<string, Problem>();
  for (const problem of told.flatMap((one) => one.problems)) known.set(JSON.stringify(problem), problem);
  return new GauntletError(kind, [...known.values()]);
}

type Met<Said> = readonly Said[] | null;

/** A barrier: a fixed number of parties wait for each other, and each contributes a value. */
class Gathering<Said> {
  readonly #said: (readonly [Said] | undefined)[];
  readonly #met: Promise<Met<Said>>;
  // The promise's executor runs at once and replaces it.
  #resolve: (met: Met<Said>) => void = () => undefined;

  constructor(size: number) {
    this.#said = Array.from({ length: size }, () => undefined);
    this.#met = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves when all have joined, with their values in order; null when it was cancelled before. */
  join(index: number, said: Said): Promise<Met<Said>> {
    this.#said[index] = [said];
    const all = this.#said.flatMap((one) => (one === undefined ? [] : one));
    if (all.length === this.#said.length) this.#resolve(all);
    return this.#met;
  }

  /** Waiting parties continue with null; without effect once all have joined. */
  giveUp(): void {
    this.#resolve(null);
  }
}
