/**
 * The runs of the containers of one service's pods: a pod keeps its uid when the kubelet restarts a
 * container, but the container gets a new id. Fed by the watches of pod-lives.ts; the kubelet's timestamps
 * are truncated to the second.
 */
import type { InstanceLife, LifeMark } from '../../core/acts/instance-acts.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';
import type { ContainerRecord } from './container-record.ts';
import type { PodRecord } from './pod-record.ts';

interface Run {
  readonly pod: PodRecord;
  readonly container: string;
  readonly id: string;
  readonly marks: Map<LifeMark['name'], LifeMark>;
}

interface Turn {
  readonly isReady: boolean;
  readonly at: EpochMs;
  readonly boundMs: Ms;
}

const SECOND_MS = 1000;
const boundOf = (at: EpochMs, since: EpochMs): Ms => ms(Math.max(0, at - since));

/** The true instant is in the second after the timestamp, and not after the event reached us. */
function stamped(name: LifeMark['name'], seenAt: EpochMs, stamp: EpochMs): LifeMark {
  const at = epochMs(Math.min(seenAt, stamp + SECOND_MS));
  return { name, at, boundMs: boundOf(at, stamp) };
}

export class ContainerRuns {
  readonly #runs = new Map<string, Run>();
  /** By uid: when a Service began or stopped sending traffic to the pod. */
  readonly #turns = new Map<string, Turn[]>();

  /** @param since the changes in this version of the pod happened after this. */
  seen(pod: PodRecord, at: EpochMs, since: EpochMs): void {
    for (const container of pod.inside.containers) {
      for (const run of this.#runs.values()) {
        const isOther =
          run.pod.uid === pod.uid && run.container === container.name && run.id !== container.id;
        if (isOther) this.#ended(run, container, at, since);
      }
      if (container.id !== null) this.#running(pod, container, container.id, at, since);
    }
  }

  gone(uid: string, at: EpochMs, since: EpochMs): void {
    for (const run of this.#runs.values()) {
      if (run.pod.uid === uid) this.#mark(run, { name: 'gone', at, boundMs: boundOf(at, since) });
    }
  }

  /** Whether traffic is sent to this pod, according to an EndpointSlice. */
  endpoint(uid: string, isReady: boolean, at: EpochMs, boundMs: Ms): void {
    const turns = this.#turns.get(uid) ?? [];
    if (turns.at(-1)?.isReady !== isReady) turns.push({ isReady, at, boundMs });
    this.#turns.set(uid, turns);
  }

  lives(service: string, container: string): readonly InstanceLife[] {
    return [...this.#runs.values()]
      .filter((run) => run.container === container)
      .map((run) => this.#lifeOf(run, service))
      .sort((a, b) => a.startedAt - b.startedAt);
  }

  #running(pod: PodRecord, container: ContainerRecord, id: string, at: EpochMs, since: EpochMs): void {
    const key = `${pod.uid} ${id}`;
    const run = this.#runs.get(key) ?? { pod, container: container.name, id, marks: new Map() };
    this.#runs.set(key, run);
    this.#mark(run, stamped('started', at, container.startedAt ?? since));
    // A pod is ready when all of its containers are; one ready container is not enough.
    if (!container.ready || !pod.isReady) return;
    const { ready } = pod.stamps;
    // The condition may have changed before this run, which was then ready as soon as it was reported.
    const notBefore = Math.max(ready ?? since, container.startedAt ?? since);
    this.#mark(run, { name: 'ready', at, boundMs: boundOf(at, epochMs(notBefore)) });
  }

  #ended(run: Run, { lastEnd }: ContainerRecord, at: EpochMs, since: EpochMs): void {
    const stamp = lastEnd?.id === run.id ? lastEnd.at : null;
    this.#mark(
      run,
      stamp === null ? { name: 'gone', at, boundMs: boundOf(at, since) } : stamped('gone', at, stamp),
    );
  }

  #mark(run: Run, mark: LifeMark): void {
    if (!run.marks.has(mark.name)) run.marks.set(mark.name, mark);
  }

  #lifeOf({ pod, container, id, marks }: Run, service: string): InstanceLife {
    const started = marks.get('started');
    const from = started === undefined ? 0 : started.at - started.boundMs;
    // A restart that ended before the kubelet reported it never left the endpoints: then there is no such
    // mark.
    const turn = this.#turns.get(pod.uid)?.find((one) => one.isReady && one.at >= from);
    const endpoint: LifeMark[] = turn ? [{ name: 'endpoint ready', at: turn.at, boundMs: turn.boundMs }] : [];
    return {
      service,
      instance: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      run: { container, id },
      startedAt: started?.at ?? epochMs(0),
      readyAt: marks.get('ready')?.at ?? null,
      endedAt: marks.get('gone')?.at ?? null,
      marks: [...marks.values(), ...endpoint],
    };
  }
}
