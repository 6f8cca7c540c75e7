import { describe, expect, it } from 'vitest';
import { judgePartition, type PartitionAct } from '../../../../../src/chaos/faults/kafka/partition-proof.ts';
import type { Snapshot } from '../../../../../src/chaos/observation.ts';
import type { KafkaPartition } from '../../../../../src/core/acts/kafka-acts.ts';
import type { LinkState } from '../../../../../src/core/acts/link-acts.ts';
import { epochMs } from '../../../../../src/core/units.ts';

const LINK = 'web->kafka-1';
const act = (more: Partial<PartitionAct> = {}): PartitionAct => ({
  ...{ id: 'p', links: [LINK], effect: { kind: 'cut' }, away: [1], rest: [2, 3] },
  ...{ service: 'kafka', from: 'clients', bridged: false, brokerLinks: [], byCounters: true },
  ...more,
});

/** In-sync sets in which broker 1 is, or is not any more. */
const partitions = (isIn: boolean): readonly KafkaPartition[] => [
  { topic: 't', partition: 0, leader: 2, replicas: [1, 2, 3], isr: isIn ? [1, 2, 3] : [2, 3] },
];

function at(ms: number, dropped: number, isIn = true): Snapshot {
  const still = { bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0, droppedPackets: 0 };
  const toServer = { ...still, stuckBytes: dropped * 60, droppedPackets: dropped };
  const link: LinkState = {
    ...{ name: LINK, from: 'web', to: 'kafka-1', connections: 1, bytes: 0, impairedBy: ['p'] },
    traffic: { toServer, toClient: still, waiting: 0, resets: 0 },
  };
  return { at: epochMs(ms), links: [link], partitions: partitions(isIn) };
}

const judge = (cut: PartitionAct, ...snapshots: readonly Snapshot[]) =>
  judgePartition(cut, {
    appliedAt: epochMs(900),
    baseline: { held: [], fresh: [] },
    since: { held: [], fresh: [] },
    snapshotsBefore: [at(0, 0)],
    snapshots,
  });

describe('a partition of pods, whose links no probe crosses', () => {
  it('from clients is seen when what they sent was dropped and nothing crosses', () => {
    expect(judge(act(), at(1000, 0), at(1200, 3), at(1600, 5))).toMatchObject({
      kind: 'seen',
      at: 1200,
      boundMs: 200,
    });
  });

  it('is not seen when nothing was sent into it', () => {
    expect(judge(act(), at(1000, 0), at(1600, 0))).toMatchObject({
      kind: 'not-yet',
      evidence: `nothing was sent into ${LINK} since the act: an unused or bypassed link shows no cut`,
    });
  });

  it.each(['brokers', 'both'] as const)('from %s needs Kafka besides to give up who is cut off', (from) => {
    const cut = act({ from });
    expect(judge(cut, at(1000, 2), at(1600, 5))).toMatchObject({
      kind: 'not-yet',
      evidence: 'kafka-1 is still in 1 in-sync sets and leads 0 partitions',
    });
    const seen = judge(cut, at(1000, 2), at(1600, 5), at(2600, 9, false));
    expect(seen).toMatchObject({ kind: 'seen', at: 1000 });
    expect(seen.evidence).toContain('kafka-1 left all 1 in-sync replica sets');
  });

  it('around a bridge is proven by the links alone, because no broker is fenced', () => {
    expect(judge(act({ from: 'brokers', bridged: true }), at(1000, 2), at(1600, 5)).kind).toBe('seen');
  });
});
