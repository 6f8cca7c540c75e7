/**
 * Writes one record at a time to a topic: acks of all replicas, no retry, and a deadline on every step. A
 * failure forgets the leader, so that the next record asks for it anew.
 */
import type { Access } from '../../core/access.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import type { Sender } from '../line/protocol.ts';
import { BrokerConnection } from './broker-connection.ts';
import { KafkaError } from './kafka-error.ts';
import { produceRequest, readProduce } from './produce.ts';
import { encodeBatch } from './record-batch.ts';
import { type BrokerAddress, metadataRequest, readMetadata } from './requests.ts';

const CLIENT = 'gauntlet';
/** Of a producer without idempotence. */
const NO_PRODUCER = { producerId: -1n, epoch: -1, sequence: -1, transactional: false, gzip: false } as const;

interface Leader {
  readonly partition: number;
  readonly address: string;
  readonly connection: BrokerConnection;
}

/** @param bootstrap addresses of brokers: the first that answers names the leader. */
export function kafkaSender(bootstrap: readonly string[], topic: string, access?: Access): Sender {
  let leader: Leader | undefined;
  let closed = false;
  const forget = (): void => {
    leader?.connection.close();
    leader = undefined;
  };
  return {
    async send(payload, deadlineMs) {
      const until = performance.now() + deadlineMs;
      const left = (): number => Math.max(1, Math.ceil(until - performance.now()));
      try {
        leader ??= await leaderOf({ bootstrap, topic, access }, left);
        const { connection, partition, address } = leader;
        const record = { topic, key: '', value: Buffer.from(payload), headers: {} };
        const batch = encodeBatch([record], { ...NO_PRODUCER, timestampMs: Date.now() });
        const request = produceRequest(null, { topic, partition }, batch, left());
        readProduce(await connection.call({ ...request, timeoutMs: left() }), address);
      } catch (error) {
        forget();
        throw error;
      } finally {
        if (closed) forget();
      }
    },
    close() {
      closed = true;
      forget();
    },
  };
}

interface Place {
  readonly bootstrap: readonly string[];
  readonly topic: string;
  readonly access: Access | undefined;
}

async function leaderOf({ bootstrap, topic, access }: Place, left: () => number): Promise<Leader> {
  let failure: unknown;
  for (const [index, address] of bootstrap.entries()) {
    const timeoutMs = Math.max(1, Math.ceil(left() / (bootstrap.length - index)));
    const asked = new BrokerConnection(
      { nodeId: -1, ...addressOf(address) },
      { clientId: CLIENT, timeoutMs, access },
    );
    try {
      const { brokers, topics } = readMetadata(await asked.call(metadataRequest([topic])));
      const partition = (topics.get(topic) ?? []).find((one) => brokerOf(brokers, one.leader) !== undefined);
      const broker = partition && brokerOf(brokers, partition.leader);
      if (partition === undefined || broker === undefined)
        throw new KafkaError(`topic ${topic} has no leader`, 'refresh', address);
      const connection = new BrokerConnection(broker, { clientId: CLIENT, timeoutMs: 30_000, access });
      return { partition: partition.partition, address: formatAddress(broker), connection };
    } catch (error) {
      failure = error;
    } finally {
      asked.close();
    }
  }
  throw failure;
}

const brokerOf = (brokers: readonly BrokerAddress[], id: number): BrokerAddress | undefined =>
  brokers.find((one) => one.nodeId === id);
