/**
 * The lives of one service's pods, from two watches: pods for all marks up to ready, EndpointSlices for the
 * instant from which traffic is sent to them. Timestamps are ours, at arrival. Lists that were read meanwhile
 * bound how late a timestamp may be: an event that a list did not show yet happened after that list was
 * requested.
 */

import type { InstanceLife, LifeMark } from '../../core/acts/instance-acts.ts';
import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import type { PodVictim } from '../../core/topology.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client/client.ts';
import { type Listed, podsPath } from '../client/list.ts';
import { type Change, type Gap, isAtLeast, Watch } from '../client/watch.ts';
import { ContainerRuns } from './container-runs.ts';
import { type EndpointSliceJson, podsIn, slicesPath } from './endpoint-slices.ts';
import { listPods } from './pod-list.ts';
import { isOver, type PodJson, type PodRecord, podRecord } from './pod-record.ts';

const boundOf = (at: EpochMs, since: EpochMs): Ms => ms(Math.max(0, at - since));

interface Life {
  pod: PodRecord;
  readonly marks: Map<LifeMark['name'], LifeMark>;
}

const SECOND_MS = 1000;
/** They cover some seconds while a fault is proven and removed, several per second. */
const LISTS_KEPT = 100;
/** How long events may lag behind a list before the watch counts as broken. */
const LAG_MS = 2000;
/**
 * The time limit for its reconnection; events that are still missing after it have no timestamp, and no
 * timeline is built from them.
 */
const RECONNECT_MS = 10_000;
const POLL_MS = ms(20);

export class PodLives {
  readonly #client: KubeApi;
  readonly #service: string;
  readonly #where: PodSelector;
  readonly #lives = new Map<string, Life>();
  readonly #gaps: Gap[] = [];
  readonly #runs = new ContainerRuns();
  /** Pods that were in an EndpointSlice before their own first event: two watches have no common order. */
  readonly #early = new Map<string, LifeMark>();
  /** The newest lists, oldest first. */
  readonly #lists: { readonly version: string; readonly sentAt: EpochMs }[] = [];
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
        reset: (list, at, isFirst) => this.#resetPods(list, at, isFirst),
        change: (kind, item, at) => this.#changePod(kind, podRecord(item), at),
        gap: (gap) => this.#gaps.push(gap),
      },
    );
    this.#slices = new Watch<EndpointSliceJson>(
      client,
      { path: slicesPath(namespace), what: `list endpointslices in ${namespace}` },
      {
        reset: ({ items }, at, isFirst) => {
          for (const one of items) this.#changeSlice(one, at, isFirst);
        },
        change: (kind, item, at) => kind !== 'DELETED' && this.#changeSlice(item, at, false),
        gap: (gap) => this.#gaps.push(gap),
      },
    );
  }

  /** Idempotent. Resolves when both collections are known: every later event is seen. */
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

  /** The periods without observation. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** The API server's answer to the deletion of this pod: more precise than the event that follows. */
  accepted(uid: string, sentAt: EpochMs, answeredAt: EpochMs): void {
    const life = this.#lives.get(uid);
    if (!life) return;
    const mark: LifeMark = { name: 'deletion accepted', at: answeredAt, boundMs: ms(answeredAt - sentAt) };
    const seen = life.marks.get('deletion accepted');
    if (seen === undefined || seen.at > answeredAt) life.marks.set('deletion accepted', mark);
  }

  /** As `read`, for one container: a life for each of its runs. */
  async readRuns(container: string): Promise<readonly InstanceLife[]> {
    await this.read();
    return this.#runs.lives(this.#service, container);
  }

  /**
   * The current state: waits until the watch has everything that a fresh list shows, and reconnects it when
   * that does not arrive.
   */
  async read(): Promise<readonly InstanceLife[]> {
    await this.start();
    const askedAt = monotonicClock.now();
    const list = await listPods(this.#client, this.#where);
    const { items, resourceVersion } = list;
    this.listed(list);
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
    // Not in the list: the pod was created after the list, or its deletion has not arrived yet.
    const isStale = [...this.#lives.values()].some(
      ({ pod, marks }) =>
        !marks.has('gone') && !listed.has(pod.uid) && isAtLeast(listVersion, pod.resourceVersion),
    );
    return isKnown && !isStale;
  }

  /**
   * A list of these pods was read by any caller: a change that it does not show yet happened after its
   * request.
   */
  listed({ resourceVersion, sentAt }: Pick<Listed<unknown>, 'resourceVersion' | 'sentAt'>): void {
    this.#lists.push({ version: resourceVersion, sentAt });
    if (this.#lists.length > LISTS_KEPT) this.#lists.shift();
  }

  #resetPods(list: Listed<PodJson>, at: EpochMs, isFirst: boolean): void {
    const pods = list.items.map(podRecord);
    const present = new Set(pods.map((one) => one.uid));
    for (const life of this.#lives.values()) {
      if (!present.has(life.pod.uid)) this.#mark(life, 'gone', at, list.resourceVersion);
    }
    for (const pod of pods) this.#seen(pod, at, isFirst);
    this.listed(list);
  }

  #changePod(kind: Change, pod: PodRecord, at: EpochMs): void {
    const life = this.#seen(pod, at, false);
    if (kind === 'DELETED' || isOver(pod)) this.#mark(life, 'gone', at, pod.resourceVersion);
  }

  /** @param isOld it existed before our watch: for earlier events only the server's timestamps are known. */
  #seen(pod: PodRecord, at: EpochMs, isOld: boolean): Life {
    const life: Life = this.#lives.get(pod.uid) ?? { pod, marks: new Map() };
    life.pod = pod;
    this.#lives.set(pod.uid, life);
    this.#runs.seen(pod, at, this.#notBefore(pod.resourceVersion));
    const { created, scheduled, started, ready } = pod.stamps;
    const steps: readonly (readonly [LifeMark['name'], boolean, EpochMs | null])[] = [
      ['created', true, created],
      ['scheduled', scheduled !== null, scheduled],
      ['started', started !== null, started],
      ['ready', pod.isReady, ready],
      ['deletion accepted', pod.isDeleting, null],
    ];
    for (const [name, isTrue, stamp] of steps) {
      if (!isTrue || life.marks.has(name)) continue;
      // A container starts on the node, and its kubelet reports that up to 1.5 s later.
      if ((isOld || name === 'started') && stamp !== null) this.#markStamp(life, name, at, stamp);
      else this.#mark(life, name, at, pod.resourceVersion);
    }
    const early = this.#early.get(pod.uid);
    if (early) life.marks.set(early.name, early);
    this.#early.delete(pod.uid);
    return life;
  }

  #changeSlice(slice: EndpointSliceJson, at: EpochMs, isOld: boolean): void {
    for (const { uid, isReady } of podsIn(slice)) {
      const life = this.#lives.get(uid);
      const since = isOld
        ? (life?.pod.stamps.created ?? at)
        : this.#notBefore(slice.metadata?.resourceVersion ?? '');
      const mark: LifeMark = { name: 'endpoint ready', at, boundMs: boundOf(at, since) };
      this.#runs.endpoint(uid, isReady, at, mark.boundMs);
      if (!isReady) continue;
      if (!life) this.#early.set(uid, mark);
      else if (!life.marks.has('endpoint ready')) life.marks.set('endpoint ready', mark);
    }
  }

  #mark(life: Life, name: LifeMark['name'], at: EpochMs, version: string): void {
    if (life.marks.has(name)) return;
    if (name === 'gone') this.#runs.gone(life.pod.uid, at, this.#notBefore(version));
    life.marks.set(name, { name, at, boundMs: boundOf(at, this.#notBefore(version)) });
  }

  /**
   * Timestamps are truncated to the second: the true instant is in the following second. No mark precedes a
   * mark that must come first.
   */
  #markStamp(life: Life, name: LifeMark['name'], seenAt: EpochMs, stamp: EpochMs): void {
    const scheduledAt = name === 'started' ? (life.marks.get('scheduled')?.at ?? 0) : 0;
    const at = epochMs(Math.max(Math.min(seenAt, stamp + SECOND_MS), Math.min(seenAt, scheduledAt)));
    life.marks.set(name, { name, at, boundMs: boundOf(at, stamp) });
  }

  /** The change to this version happened after the newest list that is older. */
  #notBefore(version: string): EpochMs {
    const older = this.#lists.findLast((list) => !isAtLeast(list.version, version));
    return older?.sentAt ?? this.#lists[0]?.sentAt ?? epochMs(0);
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
