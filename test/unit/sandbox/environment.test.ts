import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../src/core/address.ts';
import { listenOf } from '../../../src/core/sandbox/addresses.ts';
import { environmentOf } from '../../../src/core/sandbox/environment.ts';
import { type Layout, planLayout } from '../../../src/core/sandbox/layout.ts';
import {
  gatewayEnvironment,
  readGatewayConfig,
} from '../../../systems/neural-hive-mind/stand-ins/src/gateway/config.ts';
import {
  hiveEnvironment,
  readHiveConfig,
} from '../../../systems/neural-hive-mind/stand-ins/src/hive/config.ts';
import {
  readSpecialistConfig,
  specialistEnvironment,
} from '../../../systems/neural-hive-mind/stand-ins/src/specialist/config.ts';
import { shopOf } from '../../fakes/sandbox-shop.ts';
import { defaultSystem } from '../../fakes/topology.ts';

const environmentIn = (layout: Layout, instance: string) => {
  const placed = layout.instances.find((one) => one.instance === instance);
  if (placed === undefined) throw new Error(`no ${instance}`);
  return environmentOf(layout, placed);
};

describe('what a program of a sandbox is told', () => {
  it('is where it listens, whom it dials, and what its file adds', () => {
    const layout = planLayout(shopOf(), 17);
    const at = (name: string) => formatAddress(listenOf(layout, name));
    const orders = layout.instances.find((one) => one.service === 'orders');
    expect(environmentIn(layout, 'orders-1')).toEqual({
      HOST: orders?.host,
      PORT: String(orders?.ports.http),
      HTTP_PORT: String(orders?.ports.http),
      GRPC_PORT: String(orders?.ports.grpc),
      INSTANCE: 'orders-1',
      BUS_ADDRESS: at('orders->bus-1'),
      CACHE_ADDRESS: at('orders->cache'),
      STORE_ADDRESS: at('orders->store'),
      STORE_URL: `postgres://postgres@${at('orders->store')}/shop`,
      POLL_MS: '250',
    });
    expect(environmentIn(layout, 'web-2')).toMatchObject({
      INSTANCE: 'web-2',
      ORDERS_ADDRESS: at('web->orders'),
      ORDERS_HTTP_ADDRESS: at('web->orders'),
      ORDERS_GRPC_ADDRESS: at('web->orders:grpc'),
    });
    expect(environmentIn(layout, 'web-2')).not.toHaveProperty('HTTP_PORT');
  });

  it('is enough for each stand-in of the system that comes with Gauntlet', () => {
    const layout = planLayout(defaultSystem(), 17);
    const brokers = ['kafka-1', 'kafka-2', 'kafka-3'];
    const gateway = readGatewayConfig(gatewayEnvironment(environmentIn(layout, 'gateway-2')));
    expect(gateway).toMatchObject({
      instance: 'gateway-2',
      kafkaBrokers: brokers.map((one) => formatAddress(listenOf(layout, `gateway->${one}`))),
      redis: {
        ...listenOf(layout, 'gateway->redis'),
        ...{ timeoutMs: 5000, breaker: { threshold: 5, openMs: 60_000 } },
      },
      kafka: { requestTimeoutMs: 1000 },
    });
    const hive = readHiveConfig(hiveEnvironment(environmentIn(layout, 'hive-1')));
    expect(hive.redis).toEqual(listenOf(layout, 'hive->redis'));
    expect(hive.kafka.sessionTimeoutMs).toBe(6000);
    expect(hive.specialists.evolution).toBe(formatAddress(listenOf(layout, 'hive->specialist-evolution')));
    const specialist = readSpecialistConfig(
      specialistEnvironment(environmentIn(layout, 'specialist-technical-1')),
    );
    expect(specialist).toMatchObject({ specialist: 'technical', httpPort: null });
  });

  it('is reported when it is missing, all at once', () => {
    expect(() => readSpecialistConfig(specialistEnvironment({ SPECIALIST: 'business' }))).toThrow(
      [
        'instance: expected a text, got nothing.',
        'host: expected a text, got nothing.',
        'grpcPort: expected a whole number from 0 to 65535, got nothing.',
      ].join('\n'),
    );
  });
});
