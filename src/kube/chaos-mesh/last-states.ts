/**
 * Our objects of one impairment, watched until they are gone. The last event of an object contains its last
 * state, and only that shows whether everything was recovered or another client removed its finalizer.
 */
import type { KubeApi } from '../client/client.ts';
import { Watch } from '../client/watch.ts';
import { type Plural, pathOf } from './chaos-api.ts';
import { type ChaosObjectJson, IMPAIRMENT_LABEL, sayObject } from './network-chaos.ts';
import { notRecovered } from './standing.ts';

interface Seen {
  readonly object: ChaosObjectJson;
  /** `unseen`: it was deleted while the watch was interrupted, so its last state is unknown. */
  readonly end: 'none' | 'seen' | 'unseen';
}

export class LastStates {
  readonly #seen = new Map<string, Seen>();
  readonly #watches: readonly Watch<ChaosObjectJson>[];
  #started: Promise<void> | undefined;

  constructor(client: KubeApi, namespaces: readonly string[], id: string, plural: Plural = 'networkchaos') {
    this.#watches = namespaces.map(
      (namespace) =>
        new Watch<ChaosObjectJson>(
          client,
          {
            path: pathOf(namespace, plural),
            what: `watch ${plural} in ${namespace}`,
            selector: `${IMPAIRMENT_LABEL}=${id}`,
          },
          {
            reset: ({ items }) => this.#reset(namespace, items),
            change: (kind, object) => this.#note(object, kind === 'DELETED' ? 'seen' : 'none'),
            // The list that ends a gap finds objects that were deleted during it.
            gap: () => undefined,
          },
        ),
    );
  }

  /** @throws the first list's error; the next call tries again. */
  async start(): Promise<void> {
    this.#started ??= Promise.all(this.#watches.map((watch) => watch.start())).then(() => undefined);
    try {
      await this.#started;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  /** Some known objects are not known to be gone. */
  get isWaiting(): boolean {
    return [...this.#seen.values()].some((one) => one.end === 'none');
  }

  /** Objects that were deleted without recovery, as text; null when there were none, as far as observed. */
  unrecovered(): string | null {
    const left = [...this.#seen.values()].flatMap(({ object, end }) => {
      const why = end === 'seen' ? notRecovered(object) : null;
      return why === null ? [] : [`${sayObject(object)} is gone, and ${why}`];
    });
    return left.length === 0 ? null : left.join('; ');
  }

  #note(object: ChaosObjectJson, end: Seen['end']): void {
    const { uid } = object.metadata ?? {};
    if (uid !== undefined) this.#seen.set(uid, { object, end });
  }

  #reset(namespace: string, items: readonly ChaosObjectJson[]): void {
    const here = new Set(items.map((one) => one.metadata?.uid));
    for (const [uid, { object, end }] of this.#seen) {
      if (end === 'none' && object.metadata?.namespace === namespace && !here.has(uid)) {
        this.#seen.set(uid, { object, end: 'unseen' });
      }
    }
    for (const item of items) this.#note(item, 'none');
  }
}
