/**
 * Our objects of one kind, with the steps that every Chaos Mesh fault needs: in place by each of their
 * records, deleted until none exists, and recovered by the last state of each.
 */
import type { Clock } from '../../core/clock.ts';
import type { EpochMs } from '../../core/units.ts';
import type { KubeApi } from '../client/client.ts';
import { createObject, deleteObject, ourObjects, type Plural, touchObject } from './chaos-api.ts';
import { LastStates } from './last-states.ts';
import { type ChaosObjectJson, sayObject } from './network-chaos.ts';
import { notInjected, notRecovered, wayOut } from './standing.ts';
import { HEAL_MS, INJECT_MS, until } from './until.ts';

/** An object is deleted within 2 s where its controller works. */
const TOUCH_MS = 3000;

export class OurObjects {
  readonly #client: KubeApi;
  readonly #namespaces: readonly string[];
  readonly #plural: Plural;
  readonly #clock: Clock;
  readonly #states = new Map<string, LastStates>();
  /** By uid: when it was first observed being deleted, or last annotated. */
  readonly #touched = new Map<string, EpochMs>();

  /** @param namespaces the target's unprotected namespaces, which may contain our objects. */
  constructor(client: KubeApi, namespaces: readonly string[], plural: Plural, clock: Clock) {
    this.#client = client;
    this.#namespaces = namespaces;
    this.#plural = plural;
    this.#clock = clock;
  }

  create(namespace: string, body: object): Promise<void> {
    return createObject(this.#client, namespace, body, this.#plural);
  }

  /** The objects of one impairment, or of all. */
  list(id?: string): Promise<readonly ChaosObjectJson[]> {
    return ourObjects(this.#client, this.#namespaces, id, this.#plural);
  }

  /** Null: this many exist, and every record of each is injected. Otherwise why not. */
  async notInPlace(id: string, wanted: number): Promise<string | null> {
    const objects = await this.list(id);
    if (objects.length < wanted) return `${objects.length} of ${wanted} objects of ${id} are there`;
    const reasons = objects.flatMap((one) => {
      const reason = notInjected(one);
      return reason === null ? [] : [`${sayObject(one)}: ${reason}`];
    });
    return reasons.length === 0 ? null : reasons.join('; ');
  }

  /** As `notInPlace`, after the time that Chaos Mesh needs. */
  async stillNotInPlace(id: string, wanted: number): Promise<string | null> {
    const reason = await until(this.#clock, INJECT_MS, () => this.notInPlace(id, wanted));
    return reason === null ? null : `after ${INJECT_MS / 1000} s ${reason}`;
  }

  /** Starts watching how each of them ends. @throws the first list's error. */
  async follow(id: string): Promise<LastStates> {
    const found = this.#states.get(id) ?? new LastStates(this.#client, this.#namespaces, id, this.#plural);
    this.#states.set(id, found);
    await found.start();
    return found;
  }

  /** Deletes them until none exists. @throws Error with the remaining ones. */
  takeAway(id: string): Promise<void> {
    return this.#gone(id, (objects) => {
      const there = objects.map((one) => `${sayObject(one)} is there${wayOut(one)}`).join('; ');
      return objects.length === 0 ? null : `${there}: Chaos Mesh has not released it`;
    });
  }

  /**
   * As `takeAway`, and each must have been recovered in its last state. @param look what a person can do when
   * it was not.
   */
  async recover(id: string, look: string): Promise<void> {
    const state = await this.follow(id);
    await this.#gone(id, (objects) => {
      if (objects.length === 0) return state.isWaiting ? 'its last event has not come' : null;
      return objects
        .map(
          (one) => `${sayObject(one)} is there: ${notRecovered(one) ?? 'its finalizer stays'}${wayOut(one)}`,
        )
        .join('; ');
    });
    const lost = state.unrecovered();
    if (lost !== null) throw new Error(`${lost}. ${look}`);
  }

  stop(): void {
    for (const one of this.#states.values()) one.stop();
  }

  /** @param left why it is not over with the remaining objects, null = it is. */
  async #gone(id: string, left: (objects: readonly ChaosObjectJson[]) => string | null): Promise<void> {
    const reason = await until(this.#clock, HEAL_MS, async () => {
      const objects = await this.list(id);
      for (const one of objects) {
        if (one.metadata?.deletionTimestamp === undefined)
          await deleteObject(this.#client, one, this.#plural);
        else await this.#touch(one);
      }
      return left(objects);
    });
    if (reason !== null) throw new Error(reason);
  }
  /** A controller that restarts does not by itself continue with requests from its absence. */
  async #touch(object: ChaosObjectJson): Promise<void> {
    const { uid = '' } = object.metadata ?? {};
    const now = this.#clock.now();
    const last = this.#touched.get(uid);
    if (last !== undefined && now - last < TOUCH_MS) return;
    this.#touched.set(uid, now);
    // The first pass only records the time: most objects disappear within it by themselves.
    if (last === undefined) return;
    // A missing permission, or a webhook that is not up yet, must not stop the next passes.
    await touchObject(this.#client, object, new Date(this.#clock.wall()).toISOString(), this.#plural).catch(
      () => undefined,
    );
  }
}
