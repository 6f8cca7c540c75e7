/** What the brokers of a Kafka say at the addresses of the target file: who answers there, and who is where. */
import { messageOf } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { readWhichBroker, whichBrokerRequest } from '../../protocols/kafka/configs.ts';
import { KafkaConnection } from '../../protocols/kafka/connection.ts';
import { type BrokerAddress, metadataRequest, readMetadata } from '../../protocols/kafka/requests.ts';

/** Asked once, when a target is opened. */
const DEADLINE_MS = 3000;
const MOST_BYTES = 16 * 1024 * 1024;

/** At one address. */
export interface BrokerAnswer {
  /** As the target file numbers it. */
  readonly id: number;
  /** `host:port`. */
  readonly address: string;
  /** Which broker answers there, by itself. Null: it does not say, or nobody answers. */
  readonly own: number | null;
  /** Every broker that runs, at the address that it advertises to clients of this listener. */
  readonly brokers: readonly BrokerAddress[];
  /** Why nobody answers. Absent: somebody does. */
  readonly failed?: string;
}

export const askBrokers = (brokers: readonly KafkaEndpoint[]): Promise<readonly BrokerAnswer[]> =>
  Promise.all(brokers.map(askBroker));

async function askBroker({ id, client: address, access }: KafkaEndpoint): Promise<BrokerAnswer> {
  try {
    const options = { clientId: 'gauntlet', mostBytes: MOST_BYTES, access };
    const connection = await KafkaConnection.open(address, DEADLINE_MS, options);
    const late = (): void => connection.close(new Error(`no answer in ${DEADLINE_MS} ms`));
    const timer = setTimeout(late, DEADLINE_MS);
    try {
      const { brokers } = readMetadata(await connection.request(metadataRequest([])));
      const ids = [...new Set([id, ...brokers.map((one) => one.nodeId)])];
      const own = await connection.request(whichBrokerRequest(ids)).then(readWhichBroker, () => null);
      return { id, address, own, brokers };
    } finally {
      clearTimeout(timer);
      connection.close();
    }
  } catch (error) {
    return { id, address, own: null, brokers: [], failed: messageOf(error) };
  }
}
