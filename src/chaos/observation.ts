/**
 * Observations: probe samples by connection, and the platform's own answers, each with the instant of the
 * question. Faults judge from these alone. Contains the rules that all of them share: onset, sampling bound,
 * text for people.
 */

import type { LimitedContainer } from '../core/acts/cpu-limit-acts.ts';
import type { HttpFaultState } from '../core/acts/http-acts.ts';
import type { InstanceState } from '../core/acts/instance-acts.ts';
import type { KafkaPartition } from '../core/acts/kafka-acts.ts';
import type { WriteAnswer } from '../core/acts/kafka-topic-acts.ts';
import type { LinkState } from '../core/acts/link-acts.ts';
import type { MemoryStressState } from '../core/acts/memory-acts.ts';
import type { PodStressState } from '../core/acts/pod-stress-acts.ts';
import type { CpuUse, StressState } from '../core/acts/stress-acts.ts';
import type { WorkloadState } from '../core/acts/workload-acts.ts';
import { messageOf } from '../core/errors.ts';
import { own } from '../core/own.ts';
import { isStalled, type ProbeFeed, type ProbeSample } from '../core/samples.ts';
import { type EpochMs, epochMs, formatMs, type Ms, ms } from '../core/units.ts';
import type { World } from './world.ts';

export type SnapshotPart =
  | 'instances'
  | 'links'
  | `${typeof PARTITIONS_OF}${string}`
  | `${typeof WRITES_TO}${string}`
  | 'requests'
  | 'memory'
  | 'pod-stress'
  | `${typeof CPU_OF}${string}`
  | `${typeof LIMITS_OF}${string}`
  | `${typeof WORKLOADS_OF}${string}`;

/** Precedes the name of the Kafka that is asked. */
export const PARTITIONS_OF = 'partitions of ';

/** Precedes a Kafka and one of its topics: `writes to kafka orders.new`. */
export const WRITES_TO = 'writes to ';

/**
 * Precedes the name of the one service whose CPU times are requested: reading those of all services would
 * load the supervisor itself.
 */
export const CPU_OF = 'cpu of ';
/** Precedes the name of the one service whose CPU limits are requested. */
export const LIMITS_OF = 'cpu limits of ';
/** Precedes the name of the one service whose workloads are requested. */
export const WORKLOADS_OF = 'workloads of ';

const nameAfter = (prefix: string, what: readonly SnapshotPart[]): string | undefined =>
  what.find((one) => one.startsWith(prefix))?.slice(prefix.length);

/** A service and what it has: no name has a space. */
function placeAfter(prefix: string, what: readonly SnapshotPart[]): readonly [string, string | undefined] {
  const [service = '', thing] = (nameAfter(prefix, what) ?? '').split(' ');
  return [service, thing];
}

/** One answer of the platform. `at` is before the question: the answer was true then or later. */
export interface Snapshot {
  readonly at: EpochMs;
  readonly instances?: readonly InstanceState[];
  readonly links?: readonly LinkState[];
  readonly workloads?: readonly WorkloadState[];
  readonly partitions?: readonly KafkaPartition[];
  /** What the leaders of one topic say to a batch that they never write. */
  readonly writes?: readonly WriteAnswer[];
  /** Faults on requests with their counts. */
  readonly requests?: readonly HttpFaultState[];
  /** CPU times of one service's instances. */
  readonly cpu?: readonly CpuUse[];
  readonly stresses?: readonly StressState[];
  readonly podStresses?: readonly PodStressState[];
  /** CPU limits of one service's containers, with the kernel's counts. */
  readonly cpuLimits?: readonly LimitedContainer[];
  /** Cgroups of memory stresses with the kernel's counts. */
  readonly memory?: readonly MemoryStressState[];
  /** A question without an answer: the message. */
  readonly failed?: string;
}

/** Samples of the watched probes in order of sending; each sample contains the probe's name. */
export interface ProbeView {
  readonly held: readonly ProbeSample[];
  readonly fresh: readonly ProbeSample[];
}

export async function takeSnapshot(world: World, what: readonly SnapshotPart[]): Promise<Snapshot> {
  const at = world.clock.now();
  try {
    const { instances, links, workloads, kafka, kafkaByService, http, stress, podStress, cpuLimit, memory } =
      world.platform;
    const kafkaName = nameAfter(PARTITIONS_OF, what);
    const [writesTo, topic] = placeAfter(WRITES_TO, what);
    const kafkaNamed = (name: string) => own(kafkaByService ?? {}, name) ?? kafka;
    const cpuOf = nameAfter(CPU_OF, what);
    const limitsOf = nameAfter(LIMITS_OF, what);
    const workloadsOf = nameAfter(WORKLOADS_OF, what);
    const [
      seenInstances,
      seenLinks,
      seenPartitions,
      seenWrites,
      seenRequests,
      seenCpu,
      seenStresses,
      seenMemory,
      seenPodStresses,
      seenLimits,
      seenWorkloads,
    ] = await Promise.all([
      what.includes('instances') ? instances?.list() : undefined,
      what.includes('links') ? links?.list() : undefined,
      kafkaName === undefined ? undefined : kafkaNamed(kafkaName)?.partitions(),
      topic === undefined ? undefined : kafkaNamed(writesTo)?.topics?.writes(topic),
      what.includes('requests') ? http?.list() : undefined,
      cpuOf === undefined ? undefined : stress?.cpu(cpuOf),
      cpuOf === undefined ? undefined : stress?.list(),
      what.includes('memory') ? memory?.list() : undefined,
      what.includes('pod-stress') ? podStress?.list() : undefined,
      limitsOf === undefined ? undefined : cpuLimit?.list(limitsOf),
      workloadsOf === undefined ? undefined : workloads?.list(workloadsOf),
    ]);
    return {
      at,
      ...(seenInstances && { instances: seenInstances }),
      ...(seenLinks && { links: seenLinks }),
      ...(seenPartitions && { partitions: seenPartitions }),
      ...(seenWrites && { writes: seenWrites }),
      ...(seenRequests && { requests: seenRequests }),
      ...(seenCpu && { cpu: seenCpu }),
      ...(seenStresses && { stresses: seenStresses }),
      ...(seenMemory && { memory: seenMemory }),
      ...(seenPodStresses && { podStresses: seenPodStresses }),
      ...(seenLimits && { cpuLimits: seenLimits }),
      ...(seenWorkloads && { workloads: seenWorkloads }),
    };
  } catch (error) {
    return { at, failed: messageOf(error) };
  }
}

/**
 * Without samples that our own event loop may have delayed: they would prove a fault that does not exist, or
 * hide its end.
 */
export function view(feed: ProbeFeed, probes: readonly string[], from: EpochMs): ProbeView {
  const of = (connection: 'held' | 'fresh'): ProbeSample[] =>
    probes
      .flatMap((probe) => feed.since(probe, connection, from))
      .filter((sample) => !isDoubtful(sample))
      .sort((a, b) => a.at - b.at);
  return { held: of('held'), fresh: of('fresh') };
}

/**
 * For more than this share of its time our process could not have read an answer. A refusal or a reset comes
 * from the server.
 */
const MOST_OWN_STALL = 0.25;

const isDoubtful = ({ ok, outcome, tookMs, ownStallMs = 0 }: ProbeSample): boolean =>
  (ok || isStalled({ outcome })) && ownStallMs > tookMs * MOST_OWN_STALL;

/** Samples sent before an instant. */
export const before = (seen: ProbeView, at: EpochMs): ProbeView => ({
  held: seen.held.filter((sample) => sample.at < at),
  fresh: seen.fresh.filter((sample) => sample.at < at),
});

/** Probe samples before and since the act. */
export interface Seen {
  readonly appliedAt: EpochMs;
  readonly baseline: ProbeView;
  readonly since: ProbeView;
}

/** The onset of an effect on one connection, with its bound. */
export interface Onset {
  readonly at: EpochMs;
  /** The last instant at which it was certainly absent. */
  readonly notBefore: EpochMs;
  readonly sample: ProbeSample;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/**
 * The onset that a sample shows. A request that was in flight when the effect began shows it too, so the
 * effect was present by the time a normal answer would have come: sent + the usual round trip, not sent +
 * deadline.
 */
export function onsetOf(sample: ProbeSample, connection: 'held' | 'fresh', seen: Seen): Onset {
  const usual = median(seen.baseline[connection].map((one) => one.tookMs));
  const at = sample.at + Math.min(sample.tookMs, Number.isNaN(usual) ? sample.tookMs : usual);
  const lastGood = seen.since[connection].filter((one) => one.ok && one.at < sample.at).at(-1);
  return {
    at: epochMs(Math.max(at, seen.appliedAt)),
    notBefore: epochMs(Math.max(seen.appliedAt, lastGood?.at ?? seen.appliedAt)),
    sample,
  };
}

/** When the effect was present on all connections: the last onset, and the bound that the sampling allows. */
export function together(onsets: readonly Onset[]): { readonly at: EpochMs; readonly boundMs: Ms } {
  const at = epochMs(Math.max(...onsets.map((one) => one.at)));
  return { at, boundMs: ms(Math.max(0, at - Math.max(...onsets.map((one) => one.notBefore)))) };
}

/** The first hit of every probe on each connection; undefined while one is missing. */
export function onBoth(
  probes: readonly string[],
  seen: Seen,
  isHit: (one: ProbeSample) => boolean,
): { readonly at: EpochMs; readonly boundMs: Ms } | undefined {
  const onsets = probes.flatMap((probe) =>
    (['held', 'fresh'] as const).map((connection) => {
      const own = { ...seen, baseline: of(probe, seen.baseline), since: of(probe, seen.since) };
      const first = own.since[connection].find(isHit);
      return first && onsetOf(first, connection, own);
    }),
  );
  const found = onsets.filter((one) => one !== undefined);
  return found.length < onsets.length ? undefined : together(found);
}

const of = (probe: string, view: ProbeView): ProbeView => ({
  held: view.held.filter((one) => one.probe === probe),
  fresh: view.fresh.filter((one) => one.probe === probe),
});

/** `reset after 3.20 ms`; `no sample` when there is none. */
export function sayLast(samples: readonly ProbeSample[]): string {
  const last = samples.at(-1);
  return last === undefined ? 'no sample' : say(last);
}

export const say = (sample: ProbeSample): string => `${sample.outcome} after ${formatMs(sample.tookMs)}`;
