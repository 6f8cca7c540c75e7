/** What the leader of each partition says to a record, found without writing one. */
import type { WriteAnswer } from '../../core/acts/kafka-topic-acts.ts';
import { formatAddress } from '../../core/address.ts';
import { messageOf } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { errorName } from '../../protocols/kafka/kafka-error.ts';
import { readRefusals, refusedWriteRequest } from '../../protocols/kafka/refused-write.ts';
import type { ClusterTopics } from '../../protocols/kafka/topics.ts';
import { ask } from './ask-broker.ts';

/** In the order of the partitions. Empty: there is no such topic. */
export async function writeAnswers(
  brokers: readonly KafkaEndpoint[],
  view: ClusterTopics,
  topic: string,
): Promise<readonly WriteAnswer[]> {
  const partitions = view.topics.find((one) => one.name === topic)?.partitions ?? [];
  const leaders = [...new Set(partitions.map((one) => one.leader))];
  const answers = leaders.map(async (leader): Promise<readonly WriteAnswer[]> => {
    const led = partitions.filter((one) => one.leader === leader).map((one) => one.partition);
    const said = (answer: (partition: number) => string): readonly WriteAnswer[] =>
      led.map((partition) => ({ partition, leader, answer: answer(partition) }));
    const endpoint = endpointOf(leader, brokers, view);
    if (endpoint === undefined) return said(() => 'no leader');
    try {
      const codes = await ask(endpoint, refusedWriteRequest(topic, led), readRefusals);
      return said((partition) => nameOf(codes.get(partition)));
    } catch (error) {
      return said(() => messageOf(error));
    }
  });
  return (await Promise.all(answers)).flat().sort((a, b) => a.partition - b.partition);
}

const nameOf = (code: number | undefined): string =>
  code === undefined ? 'no answer' : code === 0 ? 'written' : errorName(code);

/** A broker that only the cluster tells is entered as its siblings. */
function endpointOf(
  leader: number,
  brokers: readonly KafkaEndpoint[],
  view: ClusterTopics,
): Pick<KafkaEndpoint, 'client' | 'access'> | undefined {
  const known = brokers.find((one) => one.id === leader);
  if (known !== undefined) return known;
  const told = view.brokers.find((one) => one.nodeId === leader);
  const access = brokers[0]?.access;
  return told && { client: formatAddress(told), ...(access && { access }) };
}
