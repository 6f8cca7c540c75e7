/**
 * When a fault on writes to a topic counts as proven: the leader of every partition refuses, with the
 * predicted word, a batch whose checksum it complained about before. The batch is the same each time.
 */
import { WOULD_BE_TAKEN, type WriteAnswer } from '../../../core/acts/kafka-topic-acts.ts';
import { ms } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { brokerName } from '../instances/broker-choice.ts';
import { several } from '../links/link-counts.ts';

export interface WriteExpectation {
  /** Kafka's error by name. */
  readonly refused: string;
  /** The expectation, for people; also the evidence when it was observed. */
  readonly text: string;
}

const NO_PROBE = { held: 'no probe', fresh: 'no probe' };

export function judgeWrites(
  service: string,
  topic: string,
  { refused, text }: WriteExpectation,
  { appliedAt, snapshots, snapshotsBefore }: Evidence,
): Proof {
  const notYet = (evidence: string): Proof => ({ kind: 'not-yet', ...NO_PROBE, evidence });
  const say = ({ leader, partition, answer }: WriteAnswer): string =>
    `${brokerName(service, leader)} said ${answer} for partition ${partition} of ${topic}`;
  const before = snapshotsBefore.at(-1);
  const unlike = before?.writes?.find((one) => one.answer !== WOULD_BE_TAKEN);
  if (unlike !== undefined) return notYet(`before the fault ${say(unlike)}`);
  if (before?.writes === undefined || before.writes.length === 0) {
    return notYet(`no leader of ${topic} was asked before the fault${why(before?.failed)}`);
  }
  let previous = appliedAt;
  for (const { at, writes = [] } of snapshots) {
    if (writes.length > 0 && writes.every((one) => one.answer === refused)) {
      const leaders = new Set(writes.map((one) => one.leader)).size;
      const evidence = `${text}: ${refused} for ${several(writes.length, 'partition')}, from ${several(leaders, 'leader')}`;
      return { kind: 'seen', at, boundMs: ms(Math.max(0, at - previous)), ...NO_PROBE, evidence };
    }
    previous = at;
  }
  const last = snapshots.at(-1);
  const other = last?.writes?.find((one) => one.answer !== refused);
  return notYet(`expected ${text}${other === undefined ? why(last?.failed) : `; ${say(other)}`}`);
}

const why = (failed: string | undefined): string => (failed === undefined ? '' : `: ${failed}`);
