/**
 * Kafka's own report on its partitions: brokers that left every in-sync set or lost all their leaderships.
 */
import type { KafkaPartition } from '../../../core/acts/kafka-acts.ts';
import { ms } from '../../../core/units.ts';
import type { Evidence } from '../../fault.ts';
import { brokerName } from '../instances/broker-choice.ts';
import type { Finding } from '../links/link-tally.ts';

/** When the last of them was excluded. */
export function allGivenUp(service: string, brokers: readonly number[], evidence: Evidence): Finding {
  const findings = brokers.map((broker) => givenUp(broker, brokerName(service, broker), evidence));
  const missing = findings.find((one) => one.kind === 'not-yet');
  if (missing !== undefined) return missing;
  const seen = findings.flatMap((one) => (one.kind === 'seen' ? [one] : []));
  const last = seen.reduce((a, b) => (b.at > a.at ? b : a));
  return { ...last, text: seen.map((one) => one.text).join('; ') };
}

function givenUp(broker: number, name: string, evidence: Evidence): Finding {
  const snapshots = evidence.snapshots.filter((snapshot) => snapshot.partitions !== undefined);
  const before = evidence.snapshotsBefore.at(-1)?.partitions ?? [];
  const wasIn = before.filter((one) => one.isr.includes(broker)).length;
  const led = before.filter((one) => one.leader === broker).length;
  if (wasIn === 0) {
    return { kind: 'not-yet', text: `${name} was in no in-sync replica set before the fault` };
  }
  let previous = evidence.appliedAt;
  for (const snapshot of snapshots) {
    const now = snapshot.partitions ?? [];
    const outOfAll = now.length > 0 && now.every((one) => !one.isr.includes(broker));
    const leadsNone = led > 0 && now.length > 0 && now.every((one) => one.leader !== broker);
    if (outOfAll || leadsNone) {
      const text = outOfAll
        ? `${name} left all ${wasIn} in-sync replica sets`
        : `leadership of ${led} partitions moved away from ${name}`;
      return { kind: 'seen', at: snapshot.at, boundMs: ms(snapshot.at - previous), text };
    }
    previous = snapshot.at;
  }
  const failed = evidence.snapshots.at(-1)?.failed;
  const unanswered = failed === undefined ? '' : `; last answer failed: ${failed}`;
  return {
    kind: 'not-yet',
    text: `${stillIn(broker, name, snapshots.at(-1)?.partitions ?? [])}${unanswered}`,
  };
}

const stillIn = (broker: number, name: string, partitions: readonly KafkaPartition[]): string =>
  `${name} is still in ${partitions.filter((one) => one.isr.includes(broker)).length} in-sync sets ` +
  `and leads ${partitions.filter((one) => one.leader === broker).length} partitions`;
