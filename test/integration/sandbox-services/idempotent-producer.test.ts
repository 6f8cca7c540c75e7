import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterView } from '../../../systems/neural-hive-mind/stand-ins/src/kafka/cluster-view.ts';
import { IdempotentProducer } from '../../../systems/neural-hive-mind/stand-ins/src/kafka/idempotent-producer.ts';
import { API, type FakeBroker, fakeBroker } from '../../fakes/fake-broker.ts';

const UNKNOWN_PRODUCER_ID = 59;
const NOT_LEADER = 6;

const record = (text: string) => ({ topic: 't', key: 'k', value: Buffer.from(text), headers: {} });

describe('the idempotent producer', () => {
  let broker: FakeBroker;
  let cluster: ClusterView;
  let producer: IdempotentProducer;
  const how = () => ({ gzip: false, untilMs: performance.now() + 5000 });
  const produced = (): Buffer[] => broker.bodies.filter((_, index) => broker.asked[index] === API.produce);

  beforeEach(async () => {
    broker = await fakeBroker();
    cluster = new ClusterView({
      bootstrap: [broker.address],
      clientId: 'test',
      requestTimeoutMs: 100,
      topics: ['t'],
    });
    producer = new IdempotentProducer(cluster);
  });
  afterEach(async () => {
    cluster.close();
    await broker.close();
  });

  it('repeats an unanswered batch byte for byte until the leader has it', async () => {
    broker.script(API.produce, 'silence', NOT_LEADER);
    await producer.publish([record('a'), record('b')], how());
    const [first, ...others] = produced();
    expect(others).toHaveLength(2);
    for (const other of others) expect(other.subarray(8)).toEqual(first?.subarray(8));
  });

  it('counts on by the number of records, one batch after the other', async () => {
    await Promise.all([
      producer.publish([record('a'), record('b')], how()),
      producer.publish([record('c')], how()),
    ]);
    // The base sequence is at byte 53 of a batch; the batch is the last field of the request.
    const sequences = produced().map((body) => {
      const from = body.length - (body.readInt32BE(body.indexOf('\0\x01t') + 11) as number);
      return body.readInt32BE(from + 53);
    });
    expect(sequences).toEqual([0, 2]);
  });

  it('gets a new identity when the broker does not know its own any more', async () => {
    broker.script(API.produce, UNKNOWN_PRODUCER_ID);
    await producer.publish([record('a')], how());
    expect(broker.asked.filter((key) => key === API.initProducerId)).toHaveLength(2);
  });

  it('gives up at its deadline, and works again afterwards', async () => {
    broker.script(API.produce, ...Array<'silence'>(50).fill('silence'));
    const short = { gzip: false, untilMs: performance.now() + 250 };
    await expect(producer.publish([record('a')], short)).rejects.toThrow(/no answer in|does not answer/);
    broker.script(API.produce);
    await expect(producer.publish([record('b')], how())).resolves.toBeUndefined();
  });

  it('sends nothing for an empty list', async () => {
    await producer.publish([], how());
    expect(broker.asked).toEqual([]);
  });
});
