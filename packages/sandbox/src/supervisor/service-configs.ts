/**
 * The configurations of the system under test: addresses only; every other setting has the contract's
 * default.
 */
import { formatAddress } from '../../../../src/core/address.ts';
import {
  SPECIALISTS,
  type Specialist,
} from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { BROKER_IDS, type Layout, listenOf, type PlacedInstance } from '../layout.ts';

export type ConfigObject = Readonly<Record<string, unknown>>;

const kafkaOf = (layout: Layout, client: 'gateway' | 'hive'): readonly string[] =>
  BROKER_IDS.map((id) => formatAddress(listenOf(layout, `${client}->kafka-${id}`)));

export const gatewayConfig = (layout: Layout, placed: PlacedInstance): ConfigObject => ({
  instance: placed.instance,
  host: placed.host,
  httpPort: layout.ports.http,
  kafkaBrokers: kafkaOf(layout, 'gateway'),
  redis: listenOf(layout, 'gateway->redis'),
});

export const specialistConfig = (
  layout: Layout,
  placed: PlacedInstance,
  specialist: Specialist,
): ConfigObject => ({
  specialist,
  instance: placed.instance,
  host: placed.host,
  grpcPort: layout.ports.grpc,
  httpPort: layout.ports.http,
});

export const hiveConfig = (layout: Layout, placed: PlacedInstance): ConfigObject => ({
  instance: placed.instance,
  host: placed.host,
  httpPort: layout.ports.http,
  kafkaBrokers: kafkaOf(layout, 'hive'),
  redis: listenOf(layout, 'hive->redis'),
  specialists: Object.fromEntries(
    SPECIALISTS.map((name) => [name, formatAddress(listenOf(layout, `hive->specialist-${name}`))]),
  ),
});
