import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterView } from '../../../systems/neural-hive-mind/stand-ins/src/kafka/cluster-view.ts';
import { ProducerPool } from '../../../systems/neural-hive-mind/stand-ins/src/kafka/producer-pool.ts';
import { TransactionalProducer } from '../../../systems/neural-hive-mind/stand-ins/src/kafka/transactional-producer.ts';
import { API, type FakeBroker, fakeBroker } from '../../fakes/fake-broker.ts';

const RECORD = { topic: 't', key: 'BUSINESS', value: Buffer.from('{}'), headers: {} };
const CONCURRENT_TRANSACTIONS = 51;
const NOT_COORDINATOR = 16;
const NOT_ENOUGH_REPLICAS = 19;
const DUPLICATE_SEQUENCE_NUMBER = 46;
const INVALID_PRODUCER_EPOCH = 47;
const MESSAGE_TOO_LARGE = 10;

describe('the transactional producer', () => {
  let broker: FakeBroker;
  let cluster: ClusterView;
  let producer: TransactionalProducer;

  beforeEach(async () => {
    broker = await fakeBroker();
    cluster = new ClusterView({
      bootstrap: [broker.address],
      clientId: 'test',
      requestTimeoutMs: 100,
      topics: ['t'],
    });
    producer = new TransactionalProducer(cluster, { transactionalId: 'id', transactionTimeoutMs: 1000 });
  });
  afterEach(async () => {
    cluster.close();
    await broker.close();
  });

  const soon = (): number => performance.now() + 5000;
  const count = (apiKey: number): number => broker.asked.filter((key) => key === apiKey).length;

  it('adds the partition, produces and commits, in this order', async () => {
    await producer.publish(RECORD, soon());
    const steps = broker.asked.filter((key) => key !== API.metadata && key !== API.findCoordinator);
    expect(steps).toEqual([API.initProducerId, API.addPartitions, API.produce, API.endTxn]);
  });

  it('asks again for the same commit when its answer was lost, and publishes the record only once', async () => {
    broker.script(API.endTxn, 'silence');
    await producer.publish(RECORD, soon());
    expect(count(API.endTxn)).toBe(2);
    expect(count(API.produce)).toBe(1);
    const bodies = broker.bodies.filter((_, index) => broker.asked[index] === API.endTxn);
    // Behind the correlation id (bytes 4 to 8) both are the same: same producer, same epoch, same outcome.
    expect(bodies[1]?.subarray(8)).toEqual(bodies[0]?.subarray(8));
  });

  it('repeats an unanswered produce byte for byte, and takes "I have it already" for success', async () => {
    broker.script(API.produce, 'silence', DUPLICATE_SEQUENCE_NUMBER);
    await producer.publish(RECORD, soon());
    const bodies = broker.bodies.filter((_, index) => broker.asked[index] === API.produce);
    expect(bodies).toHaveLength(2);
    expect(bodies[1]?.subarray(8)).toEqual(bodies[0]?.subarray(8));
  });

  it('opens a new connection after a request without an answer', async () => {
    broker.script(API.addPartitions, 'silence');
    await producer.publish(RECORD, soon());
    expect(broker.connections()).toBe(2);
  });

  it('waits while the last transaction is still being concluded', async () => {
    broker.script(API.addPartitions, CONCURRENT_TRANSACTIONS, CONCURRENT_TRANSACTIONS);
    await producer.publish(RECORD, soon());
    expect(count(API.addPartitions)).toBe(3);
  });

  it('looks for the coordinator again when it has moved', async () => {
    broker.script(API.addPartitions, NOT_COORDINATOR);
    await producer.publish(RECORD, soon());
    expect(count(API.findCoordinator)).toBe(2);
  });

  it('goes on when too few replicas are in sync for a while', async () => {
    broker.script(API.produce, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS);
    await producer.publish(RECORD, soon());
    expect(count(API.produce)).toBe(3);
    expect(count(API.endTxn)).toBe(1);
  });

  it('takes a new epoch and begins again when its own is spent before the commit', async () => {
    broker.script(API.produce, INVALID_PRODUCER_EPOCH);
    await producer.publish(RECORD, soon());
    expect(count(API.initProducerId)).toBe(2);
    expect(count(API.addPartitions)).toBe(2);
  });

  it('does not begin again when the epoch is spent at the commit: the outcome may be either', async () => {
    broker.script(API.endTxn, INVALID_PRODUCER_EPOCH);
    await expect(producer.publish(RECORD, soon())).rejects.toThrow('EndTxn: INVALID_PRODUCER_EPOCH');
    expect(count(API.produce)).toBe(1);
  });

  it('gives up at its deadline with what was wrong', async () => {
    broker.script(API.addPartitions, ...Array<'silence'>(100).fill('silence'));
    await expect(producer.publish(RECORD, performance.now() + 250)).rejects.toThrow(
      /^AddPartitionsToTxn at 127\.0\.0\.1:\d+: (no answer in 100 ms|it does not answer)$/,
    );
  });

  describe('in a pool', () => {
    let pool: ProducerPool;
    beforeEach(async () => {
      pool = new ProducerPool({
        brokers: [broker.address],
        clientId: 'test',
        topics: ['t'],
        transactionalIdPrefix: 'gateway-intencoes-g-1',
        size: 3,
        transactionTimeoutMs: 1000,
        requestTimeoutMs: 100,
        deliveryTimeoutMs: 250,
      });
      await pool.start(5000);
      broker.asked.length = 0;
    });
    afterEach(() => pool.close());

    it('runs one transaction at a time and takes turns between its ids', async () => {
      await Promise.all(Array.from({ length: 6 }, () => pool.publish(RECORD)));
      const steps = broker.asked.filter((key) => key !== API.metadata && key !== API.findCoordinator);
      const one = [API.addPartitions, API.produce, API.endTxn];
      expect(steps).toEqual(Array.from({ length: 6 }, () => one).flat());
      const ids = broker.bodies.slice(-18).map((body) => /g-1-\d/.exec(body.toString('latin1'))?.[0]);
      expect(new Set(ids.filter((_, index) => index % 3 === 0))).toEqual(
        new Set(['g-1-0', 'g-1-1', 'g-1-2']),
      );
    });

    it('is not spent by a record that Kafka refuses', async () => {
      broker.script(API.produce, MESSAGE_TOO_LARGE);
      await expect(pool.publish(RECORD)).rejects.toThrow('Produce: MESSAGE_TOO_LARGE');
      await expect(pool.publish(RECORD)).resolves.toBeUndefined();
    });

    it('is unusable for good after a transaction that did not end in time, once its abort is accepted', async () => {
      broker.script(API.produce, ...Array<number>(6).fill(NOT_ENOUGH_REPLICAS));
      await expect(pool.publish(RECORD)).rejects.toThrow('Produce: NOT_ENOUGH_REPLICAS');
      expect(broker.asked.at(-1)).toBe(API.endTxn);
      broker.script(API.produce);
      const before = broker.asked.length;
      await expect(pool.publish(RECORD)).rejects.toThrow('fatal error: INVALID_TXN_STATE');
      expect(broker.asked).toHaveLength(before);
    });
  });
});
