/**
 * The number of ready pods of a service, from a watch of its pods: one that is asked to end is not ready any
 * more, as for the endpoints of its Service. The instants are ours, at the arrival of the event.
 */
import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import type { ReadyActs, ReadySink } from '../../core/acts/ready-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { usageError } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import { type EpochMs, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client/client.ts';
import { podsPath } from '../client/list.ts';
import { Watch } from '../client/watch.ts';
import { listPods } from './pod-list.ts';
import { isOver, type PodJson, type PodRecord, podRecord } from './pod-record.ts';

/** How long events may lag behind a list. */
const LAG_MS = 2000;
const POLL_MS = ms(20);

export const readyActs = (
  client: KubeApi,
  services: Readonly<Record<string, PodSelector>>,
  clock: Clock = monotonicClock,
): ReadyActs => ({
  async watch(service, sink) {
    const where = own(services, service);
    if (where === undefined)
      throw usageError({
        subject: 'service',
        expected: `one of ${Object.keys(services).join(', ')}`,
        got: JSON.stringify(service),
      });
    const ready = new ReadyPods(sink);
    const { namespace, selector } = where;
    const target = { path: podsPath(namespace), what: `list pods in ${namespace}`, selector };
    const watch = new Watch<PodJson>(
      client,
      target,
      {
        reset: ({ items }, at) => ready.reset(items.map(podRecord), at),
        change: (kind, item, at) => ready.change(podRecord(item), kind === 'DELETED', at),
        gap: ({ from, to, why }) => sink.unwatched(from, to, why),
      },
      clock,
    );
    await watch.start();
    return async () => {
      try {
        return await complete(client, where, ready, sink, clock);
      } finally {
        watch.stop();
      }
    };
  },
});

class ReadyPods {
  readonly #sink: ReadySink;
  readonly #ready = new Set<string>();
  #told: number | null = null;

  constructor(sink: ReadySink) {
    this.#sink = sink;
  }

  get uids(): ReadonlySet<string> {
    return this.#ready;
  }

  reset(pods: readonly PodRecord[], at: EpochMs): void {
    this.#ready.clear();
    for (const pod of pods) if (isReady(pod)) this.#ready.add(pod.uid);
    this.#tell(at);
  }

  change(pod: PodRecord, isGone: boolean, at: EpochMs): void {
    if (!isGone && isReady(pod)) this.#ready.add(pod.uid);
    else this.#ready.delete(pod.uid);
    this.#tell(at);
  }

  #tell(at: EpochMs): void {
    const { size } = this.#ready;
    if (size === this.#told) return;
    this.#told = size;
    this.#sink.ready(size, at);
  }
}

const isReady = (pod: PodRecord): boolean => pod.isReady && !isOver(pod);

/**
 * Waits until the watch agrees with a list that was read now: an event of before that list cannot be missing
 * then. A watch that stays behind is complete only up to the question.
 */
async function complete(
  client: KubeApi,
  where: PodSelector,
  ready: ReadyPods,
  sink: ReadySink,
  clock: Clock,
): Promise<EpochMs> {
  const { items, sentAt } = await listPods(client, where);
  const listed = items.filter(isReady).map((one) => one.uid);
  const agrees = (): boolean =>
    listed.length === ready.uids.size && listed.every((uid) => ready.uids.has(uid));
  const until = clock.now() + LAG_MS;
  while (!agrees() && clock.now() < until) await clock.sleep(POLL_MS);
  if (!agrees()) sink.unwatched(sentAt, clock.now(), 'the watch fell behind a fresh list');
  return sentAt;
}
