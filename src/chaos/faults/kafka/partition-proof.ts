/**
 * When a partition counts as proven. Towards clients: a held and a fresh connection both stall. Among brokers
 * no probe can observe it: links that carried bytes before must be idle, and Kafka itself drops the victim,
 * unless it is slower than a proof.
 */
import type { LinkDirection, LinkEffect } from '../../../core/acts/link-acts.ts';
import { isStalled, type ProbeSample } from '../../../core/samples.ts';
import { ms } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { onBoth, type Snapshot, sayLast } from '../../observation.ts';
import { brokerName } from '../instances/broker-choice.ts';
import { countEffect } from '../links/link-counts.ts';
import { type LinkAct, reversed } from '../links/link-impairment.ts';
import type { Finding } from '../links/link-tally.ts';
import { allGivenUp } from './given-up.ts';
import type { Sides } from './partition-shape.ts';

/**
 * Replicas fetch at least every replica.fetch.wait.max.ms (500 ms by default): active links carry bytes
 * within this time.
 */
const STILL_MS = 600;
/**
 * Kafka drops a broker after replica.lag.time.max.ms, 30 s by default. A proof does not wait for so long:
 * when the links have shown by then that nothing crosses them, they decide.
 */
const KAFKA_WAITED_MS = 4000;

export type PartitionAct = LinkAct &
  Sides & {
    /** The Kafka. */
    readonly service: string;
    readonly from: 'clients' | 'brokers' | 'both';
    /** Some broker still reaches both sides, so Kafka drops none. */
    readonly bridged: boolean;
    readonly brokerLinks: readonly string[];
    /**
     * No probe crosses these links and their counters begin with the act: the bytes that they drop are the
     * proof.
     */
    readonly byCounters: boolean;
  };

export function judgePartition(cut: PartitionAct, evidence: Evidence): Proof {
  const said = { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
  if (cut.byCounters) {
    const { text, ...found } = judgeDropped(cut, evidence);
    return { ...found, ...said, evidence: text };
  }
  const silent = cut.from === 'clients' ? undefined : silence(cut, evidence);
  if (silent?.kind === 'not-yet') return { kind: 'not-yet', ...said, evidence: silent.text };
  if (cut.from === 'brokers') {
    // A follower that cannot fetch leaves the in-sync set only when there are writes: around a bridge the
    // links decide.
    const gaveUp = cut.bridged
      ? countEffect(cut.links, cut.effect, evidence)
      : droppedByKafka(cut, evidence, silent);
    if (gaveUp.kind === 'not-yet') return { kind: 'not-yet', ...said, evidence: gaveUp.text };
    const text = `${gaveUp.text}; ${silent?.text ?? ''}`;
    return { kind: 'seen', at: gaveUp.at, boundMs: gaveUp.boundMs, ...said, evidence: text };
  }
  const isHit = (one: ProbeSample): boolean => !one.ok && isStalled(one);
  const stalled = onBoth(
    cut.away.map((id) => brokerName(cut.service, id)),
    evidence,
    isHit,
  );
  if (stalled === undefined) {
    return { kind: 'not-yet', ...said, evidence: 'expected the held and the fresh connection to stall' };
  }
  const text = ['both connections stall', ...(silent ? [silent.text] : [])].join('; ');
  return { kind: 'seen', ...stalled, ...said, evidence: text };
}

/**
 * Kafka's word on the brokers that are cut off. Without it, after a while, that of their links.
 */
function droppedByKafka(cut: PartitionAct, evidence: Evidence, ofLinks: Finding | undefined): Finding {
  const gaveUp = allGivenUp(cut.service, cut.away, evidence);
  const last = evidence.snapshots.at(-1);
  const waited = last === undefined ? 0 : last.at - evidence.appliedAt;
  if (gaveUp.kind === 'seen' || ofLinks?.kind !== 'seen' || waited < KAFKA_WAITED_MS) return gaveUp;
  return { ...ofLinks, text: `${gaveUp.text}: Kafka waits for replica.lag.time.max.ms` };
}

/**
 * Sent packets were dropped and nothing crosses; and where brokers lose each other, Kafka dropped the ones
 * that are cut off.
 */
function judgeDropped(cut: PartitionAct, evidence: Evidence): Finding {
  const dropped = countEffect(cut.links, cut.effect, evidence);
  if (dropped.kind === 'not-yet' || cut.from === 'clients' || cut.bridged) return dropped;
  const gaveUp = droppedByKafka(cut, evidence, dropped);
  return gaveUp.kind === 'not-yet' ? gaveUp : { ...dropped, text: `${dropped.text}; ${gaveUp.text}` };
}

/** An idle link proves nothing if it was idle before: a bypassed proxy looks the same. */
function silence(cut: PartitionAct, evidence: Evidence): Finding {
  const before = evidence.snapshotsBefore.filter((snapshot) => snapshot.links !== undefined);
  const after = evidence.snapshots.filter((snapshot) => snapshot.links !== undefined);
  const moved = movedBetween(before.at(0), before.at(-1), cut);
  if (moved === 0) {
    return {
      kind: 'not-yet',
      text: 'the inter-broker links carried nothing before the fault: nothing to cut',
    };
  }
  const last = after.at(-1);
  const first = after.filter((snapshot) => last !== undefined && last.at - snapshot.at >= STILL_MS).at(-1);
  if (!last || !first) {
    return { kind: 'not-yet', text: `the cut links are not watched for ${STILL_MS} ms yet` };
  }
  const still = movedBetween(first, last, cut);
  if (still > 0) {
    return { kind: 'not-yet', text: `${still} bytes crossed the cut links in the last ${STILL_MS} ms` };
  }
  const shown = after.findIndex((one) => movedBetween(one, last, cut) === 0);
  const at = after[shown]?.at ?? first.at;
  return {
    kind: 'seen',
    at,
    boundMs: ms(at - (after[shown - 1]?.at ?? evidence.appliedAt)),
    text: `${cut.brokerLinks.length} inter-broker links idle (${moved} bytes in the interval before)`,
  };
}

/** Bytes on the links among brokers in the directions that are cut. */
function movedBetween(from: Snapshot | undefined, to: Snapshot | undefined, cut: PartitionAct): number {
  const passed = (snapshot: Snapshot | undefined, name: string): number => {
    const link = snapshot?.links?.find((one) => one.name === name);
    if (link === undefined) return 0;
    const direction = directionOn(name, cut);
    if (direction === undefined) return link.bytes;
    return link.traffic[direction === 'to-server' ? 'toServer' : 'toClient'].bytes;
  };
  return cut.brokerLinks.reduce((sum, name) => sum + Math.abs(passed(to, name) - passed(from, name)), 0);
}

/** Undefined: both. */
function directionOn(name: string, cut: PartitionAct): LinkDirection | undefined {
  const effect: LinkEffect = cut.links.includes(name) ? cut.effect : reversed(cut.effect);
  return effect.kind === 'cut' ? effect.direction : undefined;
}
