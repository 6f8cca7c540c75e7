/**
 * Our objects of one kind, as everything that Chaos Mesh does for us needs them: in place by each of their
 * records, taken away until none is there, and recovered by what each said last.
 */
import type { Clock } from '../../core/clock.ts';
import type { EpochMs } from '../../core/units.ts';
import type { KubeApi } from '../client/client.ts';
import { createObject, deleteObject, ourObjects, type Plural, touchObject } from './chaos-api.ts';
import { LastStates } from './last-states.ts';
import { type ChaosObjectJson, sayObject } from './network-chaos.ts';
import { notInjected, notRecovered, wayOut } from './standing.ts';
import { HEAL_MS, INJECT_MS, until } from './until.ts';

/** An object goes within 2 s where its controller works. */
const TOUCH_MS = 3000;

export class OurObjects {
  readonly #client: KubeApi;
  readonly #namespaces: readonly string[];
  readonly #plural: Plural;
  readonly #clock: Clock;
  readonly #states = new Map<string, LastStates>();
  /** By uid: when it was first seen to be on its way out, or last touched. */
  readonly #touched = new Map<string, EpochMs>();

  /** @param namespaces of the target that are not protected: where our objects can be. */
  constructor(client: KubeApi, namespaces: readonly string[], plural: Plural, clock: Clock) {
    this.#client = client;
    this.#namespaces = namespaces;
    this.#plural = plural;
    this.#clock = clock;
  }

  create(namespace: string, body: object): Promise<void> {
    return createObject(this.#client, namespace, body, this.#plural);
  }

  /** Of one impairment, or of all. */
  list(id?: string): Promise<readonly ChaosObjectJson[]> {
    return ourObjects(this.#client, this.#namespaces, id, this.#plural);
  }

  /** Null: so many are there, and every record of each is injected. Else why not. */
  async notInPlace(id: string, wanted: number): Promise<string | null> {
    const objects = await this.list(id);
    if (objects.length < wanted) return `${objects.length} of ${wanted} objects of ${id} are there`;
    const reasons = objects.flatMap((one) => {
      const reason = notInjected(one);
      return reason === null ? [] : [`${sayObject(one)}: ${reason}`];
    });
    return reasons.length === 0 ? null : reasons.join('; ');
  }

  /** As `notInPlace`, once Chaos Mesh has had its time. */
  async stillNotInPlace(id: string, wanted: number): Promise<string | null> {
    const reason = await until(this.#clock, INJECT_MS, () => this.notInPlace(id, wanted));
    return reason === null ? null : `after ${INJECT_MS / 1000} s ${reason}`;
  }

  /** Sees how each of them ends. @throws what the first list throws. */
  async follow(id: string): Promise<LastStates> {
    const found = this.#states.get(id) ?? new LastStates(this.#client, this.#namespaces, id, this.#plural);
    this.#states.set(id, found);
    await found.start();
    return found;
  }

  /** Deletes them until none is there. @throws Error with what is left. */
  takeAway(id: string): Promise<void> {
    return this.#gone(id, (objects) => {
      const there = objects.map((one) => `${sayObject(one)} is there${wayOut(one)}`).join('; ');
      return objects.length === 0 ? null : `${there}: Chaos Mesh has not let it go`;
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

  /** @param left why it is not over with those that are there, null = it is. */
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
  /** A controller that comes back does not go on by itself with what it was told while it was away. */
  async #touch(object: ChaosObjectJson): Promise<void> {
    const { uid = '' } = object.metadata ?? {};
    const now = this.#clock.now();
    const last = this.#touched.get(uid);
    if (last !== undefined && now - last < TOUCH_MS) return;
    this.#touched.set(uid, now);
    // The first look only notes it: most objects go within that time by themselves.
    if (last === undefined) return;
    // A right that is missing, or a webhook that is not up yet, must not keep us from looking on.
    await touchObject(this.#client, object, new Date(this.#clock.wall()).toISOString(), this.#plural).catch(
      () => undefined,
    );
  }
}
