/** What the supervisor runs for each seat of a system: command line, log and readiness. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokerSocket, urlOf } from '../../../../src/core/sandbox/addresses.ts';
import { environmentOf } from '../../../../src/core/sandbox/environment.ts';
import type { Layout, PlacedInstance } from '../../../../src/core/sandbox/layout.ts';
import type { SandboxPart, Service } from '../../../../src/core/system.ts';
import { asksOf, diallerOf, READY } from '../../../../src/protocols/asks.ts';
import { MARK } from '../../../../src/system/sandbox/marked.ts';
import type { SandboxPaths } from '../../../../src/system/sandbox/state.ts';
import { sweepMarked } from '../../../../src/system/sandbox/sweep.ts';
import type { SupervisorConfig } from './config.ts';
import type { InstanceSpec } from './instance.ts';
import { clusterId, prepareBroker } from './kafka-broker.ts';
import { postgresCommand } from './postgres-server.ts';
import {
  all,
  asked,
  kafkaReady,
  postgresReady,
  type Readiness,
  redisReady,
  socketReady,
} from './readiness.ts';
import { upstreamsOf } from './ready-set.ts';
import { redisCommand } from './redis-server.ts';

export interface Seats {
  readonly config: SupervisorConfig;
  readonly layout: Layout;
  readonly paths: SandboxPaths;
  /** Which all processes of its programs inherit (src/system/sandbox/marked.ts). */
  readonly mark: string;
}

/** A command that runs once before the first instance of a service. */
export interface Before {
  readonly service: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly log: string;
}

export interface ServicePlan {
  readonly service: Service;
  readonly before: readonly Before[];
  readonly specs: readonly InstanceSpec[];
}

export function proxySpec({ config, layout, paths }: Seats, socket: string): InstanceSpec {
  const file = join(paths.folder, 'proxy.json');
  const links = layout.links.map((link) => ({
    ...{ name: link.name, from: link.from, to: link.to, listen: link.listen },
    upstreams: upstreamsOf(link, () => false),
  }));
  writeFileSync(file, JSON.stringify({ controlSocket: socket, links }));
  return {
    ...{ service: 'proxy', instance: 'proxy' },
    argv: [process.execPath, config.programs.proxy, file],
    cwd: paths.folder,
    log: join(paths.logs, 'proxy.log'),
    ready: socketReady(socket),
  };
}

/** Prepares the folders of its servers. */
export function planService(seats: Seats, service: Service): ServicePlan {
  const { sandbox } = service;
  const { layout } = seats;
  const own = layout.instances.filter(
    (one) => one.service === service.name || one.broker?.cluster === service.name,
  );
  if (sandbox === null || sandbox.kind === 'with') return { service, before: [], specs: [] };
  if (sandbox.kind === 'run')
    return {
      service,
      before: own.slice(0, 1).flatMap((placed) => beforeOf(seats, sandbox, placed)),
      specs: own.map((placed) => programSpec(seats, service, placed)),
    };
  return serverPlan(seats, service, sandbox, own);
}

type Run = Extract<SandboxPart, { readonly kind: 'run' }>;
type Use = Extract<SandboxPart, { readonly kind: 'use' }>;

function serverPlan(
  { config, layout, paths }: Seats,
  service: Service,
  { server, database }: Use,
  own: readonly PlacedInstance[],
): ServicePlan {
  const { tools } = config;
  const spec = (
    { service: name, instance }: PlacedInstance,
    argv: readonly string[],
    ready: Readiness,
  ): InstanceSpec => ({
    ...{ service: name, instance, argv, ready },
    cwd: paths.folder,
    log: join(paths.logs, `${instance}.log`),
  });
  const plan = { service, before: [] };
  const socketOf = ({ host, ports }: PlacedInstance) => ({ host, port: ports[server] ?? 0 });
  if (server === 'redis')
    return {
      ...plan,
      specs: own.map((one) =>
        spec(one, redisCommand(there(tools.redis), socketOf(one)), redisReady(socketOf(one))),
      ),
    };
  if (server === 'kafka') {
    const cluster = clusterId();
    const needs = { java: there(tools.java), kafka: there(tools.kafka) };
    const specs = own.map((one) => {
      const argv = prepareBroker(layout, one, join(paths.folder, one.instance), cluster, needs);
      const ready = kafkaReady({ nodeId: one.broker?.id ?? 0, ...brokerSocket(layout, one) });
      return spec(one, argv, ready);
    });
    return { ...plan, specs };
  }
  const [placed] = own;
  if (placed === undefined) return { ...plan, specs: [] };
  const { prepare, argv } = postgresCommand(there(tools.postgres), {
    folder: join(paths.folder, placed.instance),
    socket: socketOf(placed),
    database: database ?? null,
  });
  const one = spec(placed, argv, postgresReady(socketOf(placed)));
  const before = { service: service.name, argv: prepare, cwd: paths.folder, log: one.log };
  return { service, before: [before], specs: [one] };
}

/** The preconditions have checked it. */
function there<Tool>(tool: Tool | undefined): Tool {
  if (tool === undefined) throw new Error('a part of the sandbox was not checked');
  return tool;
}

/** `env` becomes the program (same pid), and our own environment is unchanged. */
const inEnvironment = (
  { layout, mark }: Seats,
  placed: PlacedInstance,
  [name = '', ...rest]: readonly string[],
): readonly string[] => [
  '/usr/bin/env',
  `${MARK}=${mark}`,
  ...Object.entries(environmentOf(layout, placed)).map(([key, value]) => `${key}=${value}`),
  // The Node that runs Gauntlet, wherever PATH leads.
  ...[name === 'node' ? process.execPath : name, ...rest],
];

function beforeOf(seats: Seats, { before }: Run, placed: PlacedInstance): readonly Before[] {
  if (before === null) return [];
  const { layout, paths } = seats;
  const argv = inEnvironment(seats, placed, before);
  const log = join(paths.logs, `${placed.service}-before.log`);
  return [{ service: placed.service, argv, cwd: layout.system.folder, log }];
}

/** @param placed a seat of it, also a spare one. */
export function programSpec(seats: Seats, service: Service, placed: PlacedInstance): InstanceSpec {
  const { sandbox } = service;
  const { layout, paths, mark } = seats;
  if (sandbox?.kind !== 'run') throw new Error(`${service.name} runs no program`);
  return {
    ...{ service: placed.service, instance: placed.instance },
    argv: inEnvironment(seats, placed, sandbox.command),
    cwd: layout.system.folder,
    log: join(paths.logs, `${placed.instance}.log`),
    ready: readinessOf(service, placed),
    ended: () => sweepMarked(mark, placed.instance),
    mustListen: Object.values(placed.ports).map((port) => ({ host: placed.host, port })),
  };
}

/** That of its first endpoint, and each other that is declared; a program without endpoints only has to run. */
function readinessOf({ name, endpoints }: Service, { host, ports }: PlacedInstance): Readiness {
  const reached = endpoints.map(({ protocol, asks, proto }) => ({
    ...{ protocol, asks, proto },
    at: [{ address: urlOf(protocol, { host, port: ports[protocol] ?? 0 }) }],
  }));
  const itself = { services: [{ name, endpoints: reached }] };
  const questions = asksOf(itself).filter(({ ask }) => ask === READY);
  return all(questions.map((one) => asked(diallerOf(one, itself), one.protocol.name === 'grpc')));
}
