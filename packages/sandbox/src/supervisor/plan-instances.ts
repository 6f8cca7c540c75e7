/** Everything that the supervisor runs, as instances: command line, log and readiness probe of each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxPaths } from '../../../../src/system/sandbox/state.ts';
import { SPECIALISTS } from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { BROKER_IDS, brokerEndpoint, type Layout, type PlacedInstance } from '../layout.ts';
import type { SupervisorConfig } from './config.ts';
import type { InstanceSpec } from './instance.ts';
import { clusterId, prepareBroker } from './kafka-broker.ts';
import { httpReady, kafkaReady, redisReady, socketReady } from './readiness.ts';
import { upstreamsOf } from './ready-set.ts';
import { gatewayConfig, hiveConfig, specialistConfig } from './service-configs.ts';

export interface InstancePlan {
  readonly proxy: InstanceSpec;
  /** The instances that the services wait for, as with init containers. */
  readonly stores: readonly InstanceSpec[];
  /** These need neither store, so they start immediately. */
  readonly specialists: readonly InstanceSpec[];
  /**
   * These exit without Redis or Kafka (contract of the gateway), so they start after the stores and the
   * topics.
   */
  readonly services: readonly InstanceSpec[];
}

export function planInstances(
  config: SupervisorConfig,
  layout: Layout,
  paths: SandboxPaths,
  proxySocket: string,
): InstancePlan {
  const log = (instance: string): string => join(paths.logs, `${instance}.log`);
  const placedIn = (...services: readonly string[]): readonly PlacedInstance[] =>
    layout.instances.filter((placed) => services.includes(placed.service));
  const node = (program: string, argument: unknown): readonly string[] => [
    process.execPath,
    program,
    typeof argument === 'string' ? argument : JSON.stringify(argument),
  ];
  const http = (placed: PlacedInstance, argv: readonly string[]): InstanceSpec => ({
    service: placed.service,
    instance: placed.instance,
    argv,
    cwd: paths.folder,
    log: log(placed.instance),
    ready: httpReady({ host: placed.host, port: layout.ports.http }, '/ready'),
  });
  const { programs } = config;
  return {
    proxy: {
      service: 'proxy',
      instance: 'proxy',
      argv: node(programs.proxy, writeProxyConfig(layout, paths, proxySocket)),
      cwd: paths.folder,
      log: log('proxy'),
      ready: socketReady(proxySocket),
    },
    stores: [
      ...brokers(config, layout, paths, log),
      ...placedIn('redis').map((placed) => redis(config, layout, paths, placed, log)),
    ],
    specialists: SPECIALISTS.flatMap((name) =>
      placedIn(`specialist-${name}`).map((placed) =>
        http(placed, node(programs.specialist, specialistConfig(layout, placed, name))),
      ),
    ),
    services: [
      ...placedIn('gateway').map((placed) =>
        http(placed, node(programs.gateway, gatewayConfig(layout, placed))),
      ),
      ...placedIn('hive').map((placed) => http(placed, node(programs.hive, hiveConfig(layout, placed)))),
    ],
  };
}

function writeProxyConfig(layout: Layout, paths: SandboxPaths, controlSocket: string): string {
  const file = join(paths.folder, 'proxy.json');
  const links = layout.links.map((link) => ({
    name: link.name,
    from: link.from,
    to: link.to,
    listen: link.listen,
    upstreams: upstreamsOf(link, () => false),
  }));
  writeFileSync(file, JSON.stringify({ controlSocket, links }));
  return file;
}

type LogOf = (instance: string) => string;

function brokers(
  config: SupervisorConfig,
  layout: Layout,
  paths: SandboxPaths,
  log: LogOf,
): readonly InstanceSpec[] {
  const cluster = clusterId();
  return BROKER_IDS.map((id) => {
    const name = `kafka-${id}`;
    return {
      service: name,
      instance: name,
      argv: prepareBroker(layout, id, join(paths.folder, name), cluster, config.tools),
      cwd: paths.folder,
      log: log(name),
      ready: kafkaReady({ nodeId: id, ...brokerEndpoint(layout, id) }),
    };
  });
}

function redis(
  config: SupervisorConfig,
  layout: Layout,
  paths: SandboxPaths,
  placed: PlacedInstance,
  log: LogOf,
): InstanceSpec {
  const { server, libraryPath } = config.tools.redis;
  const endpoint = { host: placed.host, port: layout.ports.redis };
  return {
    service: placed.service,
    instance: placed.instance,
    // `env` becomes the server (same pid), and our own environment is unchanged.
    argv: [
      ...(libraryPath === null ? [] : ['/usr/bin/env', `LD_LIBRARY_PATH=${libraryPath}`]),
      server,
      ...['--bind', endpoint.host, '--port', String(endpoint.port), '--protected-mode', 'no'],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
    ],
    cwd: paths.folder,
    log: log(placed.instance),
    ready: redisReady(endpoint),
  };
}
