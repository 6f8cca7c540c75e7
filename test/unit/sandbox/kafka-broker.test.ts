import { describe, expect, it } from 'vitest';
import { planLayout, USUAL_PORTS } from '../../../packages/sandbox/src/layout.ts';
import { hostsFile, serverProperties } from '../../../packages/sandbox/src/supervisor/kafka-broker.ts';

const layout = planLayout(17, USUAL_PORTS);
const properties = (id: 1 | 2 | 3): Map<string, string> =>
  new Map(
    serverProperties(layout, id, '/data')
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

describe('a broker of the sandbox', () => {
  it('gives each client service a listener of its own, advertised where the proxies of its links listen', () => {
    const broker = properties(2);
    expect(broker.get('listeners')?.split(',')).toEqual([
      'INTERNAL://127.17.0.2:9092',
      'CONTROLLER://127.17.0.2:9093',
      'GATEWAY://127.17.0.2:9094',
      'HIVE://127.17.0.2:9095',
      'PROBE://127.17.0.2:9096',
    ]);
    expect(broker.get('advertised.listeners')?.split(',')).toEqual([
      'INTERNAL://kafka-2:9092',
      'CONTROLLER://kafka-2:9093',
      'GATEWAY://127.17.10.2:9094',
      'HIVE://127.17.20.2:9095',
      'PROBE://127.17.30.2:9096',
    ]);
  });

  it('names the voters, so that raft goes through the links as well', () => {
    expect(properties(1).get('controller.quorum.voters')).toBe(
      '1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093',
    );
  });

  it('may lose one broker of three without refusing a write, and creates no topic by accident', () => {
    const broker = properties(3);
    expect(broker.get('node.id')).toBe('3');
    expect(broker.get('default.replication.factor')).toBe('3');
    expect(broker.get('min.insync.replicas')).toBe('2');
    const count = (key: string): number => Number(broker.get(key));
    const spare = (copies: string, inSync: string): number => count(copies) - count(inSync);
    expect(spare('transaction.state.log.replication.factor', 'transaction.state.log.min.isr')).toBe(1);
    expect(
      spare('share.coordinator.state.topic.replication.factor', 'share.coordinator.state.topic.min.isr'),
    ).toBe(1);
    // Kafka gives this topic the minimum of all others.
    expect(spare('offsets.topic.replication.factor', 'min.insync.replicas')).toBe(1);
    expect(broker.get('auto.create.topics.enable')).toBe('false');
    expect(broker.get('broker.session.timeout.ms')).toBe('2000');
  });

  it('asks its leader several times within the lag that it may have, also when nothing is written', () => {
    const broker = properties(1);
    const [wait, lag] = ['replica.fetch.wait.max.ms', 'replica.lag.time.max.ms'].map((key) =>
      Number(broker.get(key)),
    );
    expect(lag).toBeGreaterThanOrEqual(4 * (wait ?? Number.NaN));
  });

  it('sees itself at its real address and the others at the listeners of its links', () => {
    expect(hostsFile(layout, 2)).toBe('127.17.2.1 kafka-1\n127.17.0.2 kafka-2\n127.17.2.3 kafka-3\n');
  });
});
