/**
 * The workloads of a sandbox: the seats of each service. A restart goes through them one by one, as a
 * Deployment does by default: where a seat is free, a successor is ready there before the old one leaves the
 * ready set and is asked to end; otherwise it follows on the same seat. The supervisor goes on with it by
 * itself, as a controller does.
 */
import type { Workload, WorkloadState } from '../../../../src/core/acts/workload-acts.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import { ms } from '../../../../src/core/units.ts';
import type { Instance, InstanceSpec } from './instance.ts';

/** From the ready set to the signal, so that the proxy has sent its last request there. */
const LEAVE_MS = ms(300);
/** As the default grace period of a pod, shortened like all intervals here. */
const GRACE_MS = 3000;
const POLL_MS = ms(50);

export interface SeatsDeps {
  readonly clock: Clock;
  readonly stopped: AbortSignal;
  /** Tells this sandbox from an earlier one of its name. */
  readonly identity: string;
  instances(): readonly Instance[];
  /** Seats that have an address and are empty, in their order. */
  spares(service: string): readonly InstanceSpec[];
  start(specs: readonly InstanceSpec[]): readonly Instance[];
  kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): unknown;
}

interface Roll {
  readonly mark: string;
  updated: number;
  isOver: boolean;
}

export class Seats {
  readonly #deps: SeatsDeps;
  readonly #rolls = new Map<string, Roll>();
  /** Old ones whose successor has started on another seat. */
  readonly #outgoing = new Set<Instance>();

  constructor(deps: SeatsDeps) {
    this.#deps = deps;
  }

  list(service: string): readonly WorkloadState[] {
    return this.#seatsOf(service).length === 0 ? [] : [this.#stateOf(service)];
  }

  read(workload: Workload): WorkloadState | null {
    return this.#isOurs(workload) ? this.#stateOf(workload.service) : null;
  }

  /** The restart goes on after the answer. */
  roll(workload: Workload, mark: string): 'sent' | 'gone' {
    if (!this.#isOurs(workload)) return 'gone';
    const roll: Roll = { mark, updated: 0, isOver: false };
    this.#rolls.set(workload.service, roll);
    void this.#goThrough(workload.service, roll);
    return 'sent';
  }

  scale(workload: Workload, from: number, to: number): 'set' | 'changed' | 'gone' {
    const { service } = workload;
    if (!this.#isOurs(workload)) return 'gone';
    const seats = this.#seatsOf(service);
    if (seats.length !== from) return 'changed';
    const spares = this.#deps.spares(service).slice(0, Math.max(0, to - from));
    if (from + spares.length < to)
      throw new Error(`${service} has ${from + spares.length} seats in this sandbox, and no more`);
    this.#deps.start(spares);
    for (const seat of seats.slice(to)) void this.#takeAway(seat);
    return 'set';
  }

  #isOurs({ kind, uid, service }: Workload): boolean {
    return kind === 'seats' && uid === this.#uidOf(service) && this.#seatsOf(service).length > 0;
  }

  #uidOf(service: string): string {
    return `${this.#deps.identity} ${service}`;
  }

  #seatsOf(service: string): readonly Instance[] {
    return this.#deps
      .instances()
      .filter((one) => one.spec.service === service && !one.isClosed && !this.#outgoing.has(one));
  }

  #stateOf(service: string): WorkloadState {
    const roll = this.#rolls.get(service);
    const seats = this.#seatsOf(service);
    return {
      ...{ service, kind: 'seats', name: service, namespace: null, uid: this.#uidOf(service) },
      replicas: seats.length,
      mark: roll?.mark ?? null,
      updated: roll?.updated ?? 0,
      isSettled: (roll?.isOver ?? true) && this.#outgoing.size === 0 && seats.every((one) => one.ready),
      mostMissing: this.#deps.spares(service).length > 0 ? 0 : 1,
      ...{ noRestart: null, setBy: null },
    };
  }

  async #goThrough(service: string, roll: Roll): Promise<void> {
    const isCurrent = (): boolean => this.#rolls.get(service) === roll;
    for (const seat of this.#seatsOf(service)) {
      const [free] = this.#deps.spares(service);
      if (free === undefined) await this.#follow(seat);
      else await this.#replace(seat, free);
      if (!isCurrent() || this.#deps.stopped.aborted) return;
      roll.updated += 1;
    }
    roll.isOver = true;
  }

  /** Its successor begins on the same seat, once it has ended. */
  async #follow(seat: Instance): Promise<void> {
    const old = seat.victim;
    const isOld = (): boolean => old !== undefined && seat.victim?.pid === old.pid;
    if (isOld()) await this.#end(seat, isOld);
    await this.#until(() => seat.isClosed || (!isOld() && seat.ready));
  }

  async #replace(seat: Instance, free: InstanceSpec): Promise<void> {
    this.#outgoing.add(seat);
    const [next] = this.#deps.start([free]);
    await this.#until(() => next === undefined || next.isClosed || next.ready);
    if (!this.#deps.stopped.aborted) await this.#takeAway(seat);
    this.#outgoing.delete(seat);
  }

  /** No further life begins on this seat. */
  async #takeAway(seat: Instance): Promise<void> {
    const old = seat.victim;
    seat.close();
    await this.#end(seat, () => old !== undefined && seat.victim?.pid === old.pid);
  }

  async #end(seat: Instance, isThere: () => boolean): Promise<void> {
    const { clock, stopped, kill } = this.#deps;
    const pid = seat.victim?.pid;
    if (pid === undefined) return;
    seat.leave();
    await clock.sleep(LEAVE_MS, stopped).catch(() => undefined);
    if (!isThere()) return;
    kill(pid, 'SIGTERM');
    const until = clock.now() + GRACE_MS;
    await this.#until(() => !isThere() || clock.now() >= until);
    if (isThere() && !stopped.aborted) kill(pid, 'SIGKILL');
  }

  async #until(holds: () => boolean): Promise<void> {
    const { clock, stopped } = this.#deps;
    while (!holds() && !stopped.aborted) await clock.sleep(POLL_MS, stopped).catch(() => undefined);
  }
}
