/** A running sandbox as data: the content of sandbox.json. */
import { addressesOf, brokersIn, dialled, listenOf, urlOf } from '../../../../src/core/sandbox/addresses.ts';
import type { Layout } from '../../../../src/core/sandbox/layout.ts';
import {
  CLIENT,
  isCluster,
  PROBE,
  reachable,
  withProcesses,
} from '../../../../src/core/sandbox/processes.ts';
import { type Addresses, servicesAt, type Topology } from '../../../../src/core/topology.ts';
import type { Holder } from '../../../../src/system/holder.ts';
import type { SandboxPaths, SandboxState } from '../../../../src/system/sandbox/state.ts';
import { stampOf } from '../../../../src/system/sandbox/system-stamp.ts';
import { BACK_OFF_TEXT } from '../back-off.ts';
import { READINESS } from './instance.ts';
import { FAST_SETTINGS, replicationOf } from './kafka-broker.ts';

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
  const topology = (addresses: Addresses): Topology => ({
    platform: 'sandbox',
    identity: `sandbox:${name}`,
    services: servicesAt(layout.system, addresses),
  });
  return {
    schema: 'gauntlet.sandbox/1',
    name,
    system: stampOf(layout.system),
    stateFile: paths.state,
    supervisor,
    reaper,
    controlSocket,
    proxySocket,
    topology: topology(addressesOf(layout, CLIENT)),
    probeTopology: topology(addressesOf(layout, PROBE)),
    addresses: [...addresses(layout, CLIENT), ...addresses(layout, PROBE)],
    timers: timers(layout),
    startedAt: facts.startedAt.toISOString(),
  };
}

/** `orders`, `orders (grpc)` for another endpoint, `orders (probe)`; stores and buses have only the last. */
function addresses(layout: Layout, via: typeof CLIENT | typeof PROBE): SandboxState['addresses'] {
  return reachable(layout.system).flatMap((service) => {
    if (isCluster(service))
      return via === CLIENT
        ? []
        : brokersIn(layout, service.name).map(({ instance }) => ({
            label: `${instance} (${PROBE})`,
            address: urlOf('kafka', listenOf(layout, `${PROBE}->${instance}`)),
          }));
    return dialled(layout, via, service).flatMap(({ protocol, sockets }, index) => {
      const words = [...(index === 0 ? [] : [protocol]), ...(via === PROBE ? [PROBE] : [])];
      const label = `${service.name}${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
      return sockets.map((one) => ({ label, address: urlOf(protocol, one) }));
    });
  });
}

/** What is in force here: Kafka's settings, and the durations that the system file gives to its programs. */
function timers(layout: Layout): SandboxState['timers'] {
  const { system } = layout;
  const brokers = Math.max(0, ...system.services.filter(isCluster).map((one) => one.replicas.min));
  const given = withProcesses(system).flatMap(({ name, sandbox }) =>
    sandbox?.kind === 'run'
      ? Object.entries(sandbox.env)
          .filter(([key]) => key.endsWith('_MS'))
          .map(([key, value]) => [`${name} ${key}`, value] as const)
      : [],
  );
  return {
    ...(brokers > 0 && { ...FAST_SETTINGS, ...replicationOf(brokers) }),
    ...Object.fromEntries(given),
    'restart back-off': BACK_OFF_TEXT,
    'readiness probe':
      `every ${READINESS.startingEveryMs} ms until ready, then every ${READINESS.readyEveryMs} ms (${READINESS.failingEveryMs} ms after a failure), ` +
      `deadline ${READINESS.deadlineMs} ms, not ready after ${READINESS.failures} failures or at its end`,
  };
}
