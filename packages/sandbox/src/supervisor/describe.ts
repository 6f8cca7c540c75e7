/** A running sandbox as data: the content of sandbox.json. */
import { formatAddress } from '../../../../src/core/address.ts';
import type { Holder } from '../../../../src/system/holder.ts';
import type { SandboxPaths, SandboxState } from '../../../../src/system/sandbox/state.ts';
import { readGatewayConfig } from '../../../../systems/neural-hive-mind/stand-ins/src/gateway/config.ts';
import { readHiveConfig } from '../../../../systems/neural-hive-mind/stand-ins/src/hive/config.ts';
import { SPECIALISTS } from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { BACK_OFF_TEXT } from '../back-off.ts';
import { addressesOf, BROKER_IDS, type Layout, listenOf, type PlacedInstance } from '../layout.ts';
import { topologyOf } from '../system.ts';
import { READINESS } from './instance.ts';
import { FAST_SETTINGS, REPLICATION } from './kafka-broker.ts';
import { gatewayConfig, hiveConfig } from './service-configs.ts';

export interface SandboxFacts {
  readonly name: string;
  readonly paths: SandboxPaths;
  readonly layout: Layout;
  readonly supervisor: Holder;
  readonly reaper: Holder;
  readonly controlSocket: string;
  readonly proxySocket: string;
  readonly startedAt: Date;
}

export function describeSandbox(facts: SandboxFacts): SandboxState {
  const { name, paths, layout, supervisor, reaper, controlSocket, proxySocket } = facts;
  return {
    schema: 'gauntlet.sandbox/1',
    name,
    stateFile: paths.state,
    supervisor,
    reaper,
    controlSocket,
    proxySocket,
    topology: topologyOf(addressesOf(layout, 'client'), name),
    probeTopology: topologyOf(addressesOf(layout, 'probe'), name),
    addresses: addresses(layout),
    timers: timers(layout),
    startedAt: facts.startedAt.toISOString(),
  };
}

function addresses(layout: Layout): SandboxState['addresses'] {
  const link = (name: string): string => formatAddress(listenOf(layout, name));
  const hive = layout.instances.find((placed) => placed.service === 'hive');
  return [
    { label: 'gateway', address: `http://${link('client->gateway')}` },
    ...SPECIALISTS.map((name) => ({
      label: `specialist-${name} (gRPC)`,
      address: link(`client->specialist-${name}`),
    })),
    ...BROKER_IDS.map((id) => ({ label: `kafka-${id}`, address: link(`probe->kafka-${id}`) })),
    { label: 'redis', address: `redis://${link('probe->redis')}` },
    { label: 'gateway (probe)', address: `http://${link('probe->gateway')}` },
    ...SPECIALISTS.map((name) => ({
      label: `specialist-${name} (gRPC, probe)`,
      address: link(`probe->specialist-${name}`),
    })),
    ...(hive ? [{ label: 'hive (health)', address: `http://${hive.host}:${layout.ports.http}` }] : []),
  ];
}

function timers(layout: Layout): SandboxState['timers'] {
  const placedAs = (service: string): PlacedInstance => {
    const placed = layout.instances.find((one) => one.service === service);
    if (!placed) throw new Error(`no instance of ${service} in the layout`);
    return placed;
  };
  // Read with the programs' own readers, so that these are the effective values.
  const gateway = readGatewayConfig(gatewayConfig(layout, placedAs('gateway')));
  const hive = readHiveConfig(hiveConfig(layout, placedAs('hive')));
  const { timeoutMs, breaker } = gateway.redis;
  return {
    ...FAST_SETTINGS,
    ...REPLICATION,
    'gateway kafka request.timeout.ms': gateway.kafka.requestTimeoutMs,
    'hive kafka session.timeout.ms': hive.kafka.sessionTimeoutMs,
    'gateway redis timeout': `${timeoutMs} ms to connect and for each command`,
    'gateway redis circuit breaker': `open for ${breaker.openMs} ms after ${breaker.threshold} failures`,
    'restart back-off': BACK_OFF_TEXT,
    'readiness probe':
      `every ${READINESS.startingEveryMs} ms until ready, then every ${READINESS.readyEveryMs} ms (${READINESS.failingEveryMs} ms after a failure), ` +
      `deadline ${READINESS.deadlineMs} ms, not ready after ${READINESS.failures} failures or at its end`,
  };
}
