/** What Kafka itself says of a partition: brokers that left every in-sync set, and sides that share none any more. */
import type { KafkaPartition } from '../core/platform.ts';
import { type EpochMs, type Ms, ms } from '../core/units.ts';
import type { Evidence } from './fault.ts';
import { nameOf, type Sides } from './partition-shape.ts';

type Finding =
  | { readonly kind: 'not-yet'; readonly text: string }
  | { readonly kind: 'seen'; readonly at: EpochMs; readonly boundMs: Ms; readonly text: string };

/** When the last of them was given up. */
export function allGivenUp(brokers: readonly number[], evidence: Evidence): Finding {
  const findings = brokers.map((broker) => givenUp(broker, evidence));
  const missing = findings.find((one) => one.kind === 'not-yet');
  if (missing !== undefined) return missing;
  const seen = findings.flatMap((one) => (one.kind === 'seen' ? [one] : []));
  const last = seen.reduce((a, b) => (b.at > a.at ? b : a));
  return { ...last, text: seen.map((one) => one.text).join('; ') };
}

/** Two sides that do not see each other: neither follows a leader of the other any more. A bridge may lead both. */
export function parted({ away, rest }: Sides, evidence: Evidence): Finding {
  const crosses = ({ leader, isr }: KafkaPartition, here: readonly number[], there: readonly number[]) =>
    here.includes(leader) && there.some((id) => isr.includes(id));
  const shared = (partitions: readonly KafkaPartition[]): number =>
    partitions.filter((one) => crosses(one, away, rest) || crosses(one, rest, away)).length;
  const usual = shared(evidence.looksBefore.at(-1)?.partitions ?? []);
  const sides = `${away.map(nameOf).join(', ')} and ${rest.map(nameOf).join(', ')}`;
  if (usual === 0)
    return { kind: 'not-yet', text: `${sides} followed no leader of each other before the fault` };
  let previous = evidence.appliedAt;
  let left = usual;
  for (const look of evidence.looks) {
    if (look.partitions === undefined || look.partitions.length === 0) continue;
    left = shared(look.partitions);
    if (left === 0) {
      const text = `${sides} left all ${usual} in-sync sets that they shared under a leader of their own`;
      return { kind: 'seen', at: look.at, boundMs: ms(look.at - previous), text };
    }
    previous = look.at;
  }
  const failed = evidence.looks.at(-1)?.failed;
  const unanswered = failed === undefined ? '' : `; last answer failed: ${failed}`;
  return { kind: 'not-yet', text: `${sides} still share ${left} of ${usual} in-sync sets${unanswered}` };
}

function givenUp(broker: number, evidence: Evidence): Finding {
  const looks = evidence.looks.filter((look) => look.partitions !== undefined);
  const before = evidence.looksBefore.at(-1)?.partitions ?? [];
  const wasIn = before.filter((one) => one.isr.includes(broker)).length;
  const led = before.filter((one) => one.leader === broker).length;
  if (wasIn === 0) {
    return { kind: 'not-yet', text: `kafka-${broker} was in no in-sync replica set before the fault` };
  }
  let previous = evidence.appliedAt;
  for (const look of looks) {
    const now = look.partitions ?? [];
    const outOfAll = now.length > 0 && now.every((one) => !one.isr.includes(broker));
    const leadsNone = led > 0 && now.length > 0 && now.every((one) => one.leader !== broker);
    if (outOfAll || leadsNone) {
      const text = outOfAll
        ? `kafka-${broker} left all ${wasIn} in-sync replica sets`
        : `leadership of ${led} partitions moved away from kafka-${broker}`;
      return { kind: 'seen', at: look.at, boundMs: ms(look.at - previous), text };
    }
    previous = look.at;
  }
  const failed = evidence.looks.at(-1)?.failed;
  const unanswered = failed === undefined ? '' : `; last answer failed: ${failed}`;
  return { kind: 'not-yet', text: `${stillIn(broker, looks.at(-1)?.partitions ?? [])}${unanswered}` };
}

const stillIn = (broker: number, partitions: readonly KafkaPartition[]): string =>
  `kafka-${broker} is still in ${partitions.filter((one) => one.isr.includes(broker)).length} in-sync sets ` +
  `and leads ${partitions.filter((one) => one.leader === broker).length} partitions`;
