import { describe, expect, it } from 'vitest';
import { hostsFile, serverProperties } from '../../../packages/sandbox/src/supervisor/kafka-broker.ts';
import { formatAddress } from '../../../src/core/address.ts';
import { listenOf } from '../../../src/core/sandbox/addresses.ts';
import { type Layout, type PlacedInstance, planLayout } from '../../../src/core/sandbox/layout.ts';
import { shopOf } from '../../fakes/sandbox-shop.ts';
import { defaultSystem } from '../../fakes/topology.ts';

const layout = planLayout(defaultSystem(), 17);
const brokerOf = (of: Layout, id: number): PlacedInstance => {
  const found = of.instances.find((one) => one.broker?.id === id);
  if (found === undefined) throw new Error(`no broker ${id}`);
  return found;
};
const properties = (id: number, of = layout): Map<string, string> =>
  new Map(
    serverProperties(of, brokerOf(of, id), '/data')
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

describe('a broker of the sandbox', () => {
  it('gives each client service a listener of its own, advertised where the proxies of its links listen', () => {
    const broker = properties(2);
    const { host } = brokerOf(layout, 2);
    expect(broker.get('listeners')?.split(',')).toEqual([
      `INTERNAL://${host}:9092`,
      `CONTROLLER://${host}:9093`,
      `FOR_GATEWAY://${host}:9094`,
      `FOR_HIVE://${host}:9095`,
      `FOR_PROBE://${host}:9096`,
    ]);
    const at = (from: string): string => formatAddress(listenOf(layout, `${from}->kafka-2`));
    expect(broker.get('advertised.listeners')?.split(',')).toEqual([
      'INTERNAL://kafka-2:9092',
      'CONTROLLER://kafka-2:9093',
      `FOR_GATEWAY://${at('gateway')}`,
      `FOR_HIVE://${at('hive')}`,
      `FOR_PROBE://${at('probe')}`,
    ]);
  });

  it('alone keeps the only copy', () => {
    const broker = properties(1, planLayout(shopOf(), 17));
    expect(broker.get('default.replication.factor')).toBe('1');
    expect(broker.get('min.insync.replicas')).toBe('1');
    expect(broker.get('transaction.state.log.min.isr')).toBe('1');
    expect(broker.get('controller.quorum.voters')).toBe('1@bus-1:9093');
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
    const at = (other: string): string => listenOf(layout, `kafka-2->${other}`).host;
    expect(hostsFile(layout, brokerOf(layout, 2))).toBe(
      `${at('kafka-1')} kafka-1\n${brokerOf(layout, 2).host} kafka-2\n${at('kafka-3')} kafka-3\n`,
    );
  });
});
