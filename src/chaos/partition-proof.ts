/**
 * When a partition counts as seen. Towards clients: a held and a fresh connection both stall. Among brokers no probe can
 * see it, so Kafka itself must give the victim up, and links that carried bytes before must stand still.
 */
import type { KafkaPartition } from '../core/platform.ts';
import { type EpochMs, type Ms, ms } from '../core/units.ts';
import type { Evidence, Proof } from './fault.ts';
import { bytesMoved } from './link-impairment.ts';
import { type Look, onsetOf, sayLast, together } from './sight.ts';

/** Replicas fetch at least every replica.fetch.wait.max.ms (500 ms by default): links in use move in this time. */
const STILL_MS = 600;

export interface CutBroker {
  readonly broker: number;
  readonly from: 'clients' | 'brokers' | 'both';
  readonly brokerLinks: readonly string[];
}

export function judgePartition(cut: CutBroker, evidence: Evidence): Proof {
  const said = { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
  const silent = cut.from === 'clients' ? undefined : silence(cut, evidence);
  if (silent?.kind === 'not-yet') return { kind: 'not-yet', ...said, evidence: silent.text };
  if (cut.from === 'brokers') {
    const gaveUp = givenUp(cut.broker, evidence);
    if (gaveUp.kind === 'not-yet') return { kind: 'not-yet', ...said, evidence: gaveUp.text };
    const text = `${gaveUp.text}; ${silent?.text ?? ''}`;
    return { kind: 'seen', at: gaveUp.at, boundMs: gaveUp.boundMs, ...said, evidence: text };
  }
  const stalled = (['held', 'fresh'] as const).flatMap((connection) => {
    const first = evidence.since[connection].find((one) => !one.ok && one.outcome.startsWith('stalled'));
    return first === undefined ? [] : [onsetOf(first, connection, evidence)];
  });
  if (stalled.length < 2) {
    return { kind: 'not-yet', ...said, evidence: 'expected the held and the fresh connection to stall' };
  }
  const text = ['both connections stall', ...(silent ? [silent.text] : [])].join('; ');
  return { kind: 'seen', ...together(stalled), ...said, evidence: text };
}

type Finding =
  | { readonly kind: 'not-yet'; readonly text: string }
  | {
      readonly kind: 'seen';
      readonly at: EpochMs;
      readonly boundMs: Ms;
      readonly text: string;
    };

/** Standing still proves nothing on a link that never moved: a bypassed proxy looks just the same. */
function silence(cut: CutBroker, evidence: Evidence): { kind: 'seen' | 'not-yet'; text: string } {
  const before = evidence.looksBefore.filter((look) => look.links !== undefined);
  const after = evidence.looks.filter((look) => look.links !== undefined);
  const moved = movedBetween(before.at(0), before.at(-1), cut.brokerLinks);
  if (moved === 0) {
    return {
      kind: 'not-yet',
      text: 'the links among brokers carried nothing before the fault: nothing to cut',
    };
  }
  const last = after.at(-1);
  const first = after.filter((look) => last !== undefined && last.at - look.at >= STILL_MS).at(-1);
  if (!last || !first) {
    return { kind: 'not-yet', text: `the cut links are not watched for ${STILL_MS} ms yet` };
  }
  const still = movedBetween(first, last, cut.brokerLinks);
  if (still > 0) {
    return { kind: 'not-yet', text: `${still} bytes crossed the cut links in the last ${STILL_MS} ms` };
  }
  return {
    kind: 'seen',
    text: `${cut.brokerLinks.length} links among brokers stand still (${moved} bytes in the time before)`,
  };
}

const movedBetween = (from: Look | undefined, to: Look | undefined, names: readonly string[]): number =>
  bytesMoved(from?.links ?? [], to?.links ?? [], names);

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
