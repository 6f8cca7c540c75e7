/** Everything that the supervisor runs, as instances: command line, log and readiness question of each, in one place. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPECIALISTS } from '../../../../src/core/topology.ts';
import type { SandboxPaths } from '../../../../src/system/sandbox/state.ts';
import { BROKER_IDS, brokerEndpoint, type Layout, type Seat } from '../layout.ts';
import type { SupervisorConfig } from './config.ts';
import type { InstanceSpec } from './instance.ts';
import { clusterId, prepareBroker } from './kafka-broker.ts';
import { httpReady, kafkaReady, redisReady, socketReady } from './readiness.ts';
import { upstreamsOf } from './ready-set.ts';
import { gatewayConfig, hiveConfig, specialistConfig } from './service-configs.ts';

export interface Fleet {
  readonly proxy: InstanceSpec;
  /** What the services wait for, as init containers would. */
  readonly stores: readonly InstanceSpec[];
  /** Need neither store: started at once. */
  readonly specialists: readonly InstanceSpec[];
  /** Exit when Redis or Kafka is not there (contract of the gateway): started behind the stores and the topics. */
  readonly services: readonly InstanceSpec[];
}

export function planFleet(
  config: SupervisorConfig,
  layout: Layout,
  paths: SandboxPaths,
  proxySocket: string,
): Fleet {
  const log = (instance: string): string => join(paths.logs, `${instance}.log`);
  const seatsOf = (...services: readonly string[]): readonly Seat[] =>
    layout.seats.filter((seat) => services.includes(seat.service));
  const node = (program: string, argument: unknown): readonly string[] => [
    process.execPath,
    program,
    typeof argument === 'string' ? argument : JSON.stringify(argument),
  ];
  const http = (seat: Seat, argv: readonly string[]): InstanceSpec => ({
    service: seat.service,
    instance: seat.instance,
    argv,
    cwd: paths.folder,
    log: log(seat.instance),
    ready: httpReady({ host: seat.host, port: layout.ports.http }, '/ready'),
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
      ...seatsOf('redis').map((seat) => redis(config, layout, paths, seat, log)),
    ],
    specialists: SPECIALISTS.flatMap((name) =>
      seatsOf(`specialist-${name}`).map((seat) =>
        http(seat, node(programs.specialist, specialistConfig(layout, seat, name))),
      ),
    ),
    services: [
      ...seatsOf('gateway').map((seat) => http(seat, node(programs.gateway, gatewayConfig(layout, seat)))),
      ...seatsOf('hive').map((seat) => http(seat, node(programs.hive, hiveConfig(layout, seat)))),
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
  seat: Seat,
  log: LogOf,
): InstanceSpec {
  const { server, libraryPath } = config.tools.redis;
  const endpoint = { host: seat.host, port: layout.ports.redis };
  return {
    service: seat.service,
    instance: seat.instance,
    // `env` becomes the server (same pid), and our own environment stays as it is.
    argv: [
      ...(libraryPath === null ? [] : ['/usr/bin/env', `LD_LIBRARY_PATH=${libraryPath}`]),
      server,
      ...['--bind', endpoint.host, '--port', String(endpoint.port), '--protected-mode', 'no'],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
    ],
    cwd: paths.folder,
    log: log(seat.instance),
    ready: redisReady(endpoint),
  };
}
