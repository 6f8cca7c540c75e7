/** How far each partition of some topics reaches now. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import { listOffsetsRequest, readEndOffsets } from '../../protocols/kafka/requests.ts';
import type { Leaders, Led } from './leaders.ts';

const ANSWER_MS = 2000;
const RETRY_MS = 200;

export interface PartitionAt {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Asked of the leaders until each has answered. A topic that does not exist has no partitions.
 * @throws Error with the last reason after `patienceMs`, or when aborted.
 */
export async function endOffsets(
  leaders: Leaders,
  patienceMs: number,
  signal: AbortSignal,
): Promise<readonly PartitionAt[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await askAll(leaders);
    } catch (error) {
      if (performance.now() >= until || signal.aborted)
        throw new Error(`the end offsets are not known: ${messageOf(error)}`);
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

/** Once, of those leaders that answer. @throws Error when no broker does. */
export async function knownEnds(leaders: Leaders): Promise<readonly PartitionAt[]> {
  const answers = await Promise.allSettled(byLeader(await leaders.view()).map((one) => askOne(leaders, one)));
  return answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}

async function askAll(leaders: Leaders): Promise<readonly PartitionAt[]> {
  const groups = byLeader(await leaders.view());
  return (await Promise.all(groups.map((group) => askOne(leaders, group)))).flat();
}

function byLeader(led: readonly Led[]): readonly (readonly Led[])[] {
  const groups = new Map<string, Led[]>();
  for (const one of led) {
    const key = `${one.leader} ${one.topic}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

async function askOne(leaders: Leaders, group: readonly Led[]): Promise<readonly PartitionAt[]> {
  const [{ topic, leader } = { topic: '', leader: -1 }] = group;
  const partitions = group.map((one) => one.partition);
  const ends = readEndOffsets(await leaders.ask(leader, listOffsetsRequest(topic, partitions), ANSWER_MS));
  return partitions.map((partition) => {
    const offset = ends.get(partition);
    if (offset === undefined) throw new Error(`broker ${leader} does not lead ${topic}/${partition}`);
    return { topic, partition, offset: Number(offset) };
  });
}
