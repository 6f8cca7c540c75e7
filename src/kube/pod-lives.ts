/**
 * The lives of one service's pods, from two watches: pods for everything up to ready, EndpointSlices for the moment at which
 * traffic is sent to them. Stamps are ours, at arrival; each carries by how much it may be late.
 */
import type { InstanceLife, LifeMark, PodSelector } from '../core/platform.ts';
import type { PodVictim } from '../core/topology.ts';
import { type EpochMs, epochMs, ms } from '../core/units.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { KubeApi } from './client.ts';
import { type EndpointSliceJson, readyPods, slicesPath } from './endpoint-slices.ts';
import { listPods, podsPath } from './pod-list.ts';
import { isOver, type PodJson, type PodRecord, podRecord } from './pod-record.ts';
import { isAtLeast } from './resource-version.ts';
import { type Change, type Gap, Watch } from './watch.ts';

interface Life {
  pod: PodRecord;
  readonly marks: Map<LifeMark['name'], LifeMark>;
}

const SECOND_MS = 1000;
/** Before we looked: at any time since the pod was made. */
const UNKNOWN = epochMs(0);
/** How long events may lag behind a list before the watch is called broken. */
const LAG_MS = 2000;
/** How long it may then take to come back; what is still not seen after that has no stamp, and no timeline is made of it. */
const RECONNECT_MS = 10_000;
const POLL_MS = ms(20);

export class PodLives {
  readonly #client: KubeApi;
  readonly #service: string;
  readonly #where: PodSelector;
  readonly #lives = new Map<string, Life>();
  readonly #gaps: Gap[] = [];
  /** Pods that were in an EndpointSlice before their own first event: two watches have no common order. */
  readonly #early = new Map<string, readonly [EpochMs, EpochMs | null]>();
  readonly #pods: Watch<PodJson>;
  readonly #slices: Watch<EndpointSliceJson>;
  #started: Promise<void> | null = null;

  constructor(client: KubeApi, service: string, where: PodSelector) {
    this.#client = client;
    this.#service = service;
    this.#where = where;
    const { namespace, selector } = where;
    this.#pods = new Watch<PodJson>(
      client,
      { path: podsPath(namespace), what: `list pods in ${namespace}`, selector },
      {
        reset: (items, at, since) => this.#resetPods(items.map(podRecord), at, since),
        change: (kind, item, at, since) => this.#changePod(kind, podRecord(item), at, since),
        gap: (gap) => this.#gaps.push(gap),
      },
    );
    this.#slices = new Watch<EndpointSliceJson>(
      client,
      { path: slicesPath(namespace), what: `list endpointslices in ${namespace}` },
      {
        reset: (items, at, since) => {
          for (const one of items) this.#changeSlice(one, at, since ?? UNKNOWN);
        },
        change: (kind, item, at, since) => kind !== 'DELETED' && this.#changeSlice(item, at, since),
        gap: (gap) => this.#gaps.push(gap),
      },
    );
  }

  /** Idempotent. Resolves when both collections are known: what happens from now on is seen. */
  async start(): Promise<void> {
    this.#started ??= Promise.all([this.#pods.start(), this.#slices.start()]).then(() => undefined);
    try {
      await this.#started;
    } catch (error) {
      this.#started = null;
      throw error;
    }
  }

  stop(): void {
    this.#pods.stop();
    this.#slices.stop();
  }

  /** The times in which nothing could be seen. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** The API server has answered to the deletion of this pod: sharper than the event that follows. */
  accepted(uid: string, sentAt: EpochMs, answeredAt: EpochMs): void {
    const life = this.#lives.get(uid);
    if (!life) return;
    const mark: LifeMark = { name: 'deletion accepted', at: answeredAt, boundMs: ms(answeredAt - sentAt) };
    const seen = life.marks.get('deletion accepted');
    if (seen === undefined || seen.at > answeredAt) life.marks.set('deletion accepted', mark);
  }

  /** As of now: waits until the watch has all that a fresh list shows, and connects it anew when it does not come. */
  async read(): Promise<readonly InstanceLife[]> {
    await this.start();
    const askedAt = monotonicClock.now();
    const { items, resourceVersion } = await listPods(this.#client, this.#where);
    const until = monotonicClock.now() + LAG_MS;
    let isBroken = false;
    while (!this.#hasAll(items, resourceVersion)) {
      if (!isBroken && monotonicClock.now() > until) {
        isBroken = true;
        this.#pods.interrupt('the watch fell behind a fresh list');
      }
      if (monotonicClock.now() > until + RECONNECT_MS) break;
      await monotonicClock.sleep(POLL_MS);
    }
    if (!isBroken) this.#pods.proven(askedAt);
    return [...this.#lives.values()]
      .map((life) => this.#lifeOf(life))
      .sort((a, b) => a.startedAt - b.startedAt);
  }

  #hasAll(items: readonly PodRecord[], listVersion: string): boolean {
    const listed = new Set(items.map((one) => one.uid));
    const isKnown = items.every((one) => {
      const life = this.#lives.get(one.uid);
      return life !== undefined && isAtLeast(life.pod.resourceVersion, one.resourceVersion);
    });
    // Not in the list: a pod that was made after it was read, or one whose end has not come through yet.
    const isStale = [...this.#lives.values()].some(
      ({ pod, marks }) =>
        !marks.has('gone') && !listed.has(pod.uid) && isAtLeast(listVersion, pod.resourceVersion),
    );
    return isKnown && !isStale;
  }

  #resetPods(items: readonly PodRecord[], at: EpochMs, since: EpochMs | null): void {
    const present = new Set(items.map((one) => one.uid));
    for (const life of this.#lives.values()) {
      if (!present.has(life.pod.uid)) this.#mark(life, 'gone', at, since);
    }
    for (const pod of items) this.#seen(pod, at, since, since === null);
  }

  #changePod(kind: Change, pod: PodRecord, at: EpochMs, since: EpochMs | null): void {
    const life = this.#seen(pod, at, since, false);
    if (kind === 'DELETED' || isOver(pod)) this.#mark(life, 'gone', at, since);
  }

  /** @param isOld it was there before we looked: of what it has behind it only the server's stamps are known. */
  #seen(pod: PodRecord, at: EpochMs, since: EpochMs | null, isOld: boolean): Life {
    const life: Life = this.#lives.get(pod.uid) ?? { pod, marks: new Map() };
    life.pod = pod;
    this.#lives.set(pod.uid, life);
    const steps: readonly (readonly [LifeMark['name'], boolean, EpochMs | null])[] = [
      ['created', true, pod.stamps.created],
      ['scheduled', pod.stamps.scheduled !== null, pod.stamps.scheduled],
      ['started', pod.stamps.started !== null, pod.stamps.started],
      ['ready', pod.isReady, pod.stamps.ready],
      ['deletion accepted', pod.isDeleting, null],
    ];
    for (const [name, isTrue, stamp] of steps) {
      if (!isTrue || life.marks.has(name)) continue;
      // What we saw live happened just now, but a start happens on the node, and its kubelet tells of it up to 1.5 s later.
      const isLive = !isOld && since === null && name !== 'started';
      if (isLive || stamp === null || stamp > at) this.#mark(life, name, at, isOld ? UNKNOWN : since);
      // Stamps are cut to the second: the truth lies in the second after.
      else this.#mark(life, name, epochMs(Math.min(at, stamp + SECOND_MS)), stamp);
    }
    const early = this.#early.get(pod.uid);
    if (early) this.#mark(life, 'endpoint ready', ...early);
    this.#early.delete(pod.uid);
    return life;
  }

  #changeSlice(slice: EndpointSliceJson, at: EpochMs, since: EpochMs | null): void {
    for (const uid of readyPods(slice)) {
      const life = this.#lives.get(uid);
      if (life) this.#mark(life, 'endpoint ready', at, since);
      else this.#early.set(uid, [at, since]);
    }
  }

  #mark(life: Life, name: LifeMark['name'], at: EpochMs, since: EpochMs | null): void {
    if (life.marks.has(name)) return;
    const from = since === UNKNOWN ? life.pod.stamps.created : since;
    const late = from === null ? this.#client.roundTripMs : Math.max(0, at - from);
    life.marks.set(name, { name, at, boundMs: ms(late) });
  }

  #lifeOf({ pod, marks }: Life): InstanceLife {
    const at = (name: LifeMark['name']): EpochMs | null => marks.get(name)?.at ?? null;
    const victim: PodVictim = {
      service: this.#service,
      instance: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
    };
    return {
      ...victim,
      startedAt: at('created') ?? monotonicClock.now(),
      readyAt: at('ready'),
      endedAt: at('gone'),
      marks: [...marks.values()],
    };
  }
}
