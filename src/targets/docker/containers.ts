/** Containers as the engine describes them, and those that make up a service. */
import { z } from 'zod';
import type { DockerService } from '../../core/acts/docker-handle.ts';
import { GauntletError } from '../../core/errors.ts';
import type { ContainerVictim } from '../../core/topology.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';
import type { Engine } from './engine.ts';

const PROJECT = 'com.docker.compose.project';
const SERVICE = 'com.docker.compose.service';
const NUMBER = 'com.docker.compose.container-number';
/** Of `docker compose run`: a container of its own, which serves nobody. */
const ONE_OFF = 'com.docker.compose.oneoff';

/** Of a container that names none; one below zero is without an end. */
const GRACE_S = 10;
const LONGEST_GRACE_S = 120;

const listShape = z.array(z.object({ Id: z.string(), Labels: z.record(z.string(), z.string()).nullish() }));

export const infoShape = z.object({ ID: z.string() });

const containerShape = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Running: z.boolean(),
    Paused: z.boolean(),
    Restarting: z.boolean(),
    Pid: z.number(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({
    Labels: z.record(z.string(), z.string()).nullish(),
    StopTimeout: z.number().nullish(),
    Hostname: z.string().nullish(),
  }),
  HostConfig: z.object({
    NetworkMode: z.string(),
    RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.number().optional() }).nullish(),
  }),
  NetworkSettings: z.object({
    Networks: z
      .record(
        z.string(),
        z.object({
          IPAddress: z.string(),
          GlobalIPv6Address: z.string(),
          Aliases: z.array(z.string()).nullish(),
          DNSNames: z.array(z.string()).nullish(),
        }),
      )
      .nullish(),
    Ports: z
      .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullish())
      .nullish(),
  }),
});

export interface Container {
  readonly id: string;
  /** As `docker ps` prints it. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A paused one runs too. */
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  /** In the namespace of the engine; 0: none. */
  readonly pid: number;
  /** As the engine writes it, to the nanosecond: with the id it identifies one run of the container. */
  readonly startTime: string;
  readonly endTime: string;
  /** Null: it has no health check. */
  readonly isHealthy: boolean | null;
  /** By its policy, since it was last started by hand. */
  readonly restarts: number;
  readonly policy: { readonly name: string; readonly most: number };
  /** `host`, `container:<id>`, or the name of a network. */
  readonly networkMode: string;
  /** What it has to drain when it is stopped, until the engine kills it. */
  readonly graceMs: number;
  /** In every network that it is in. */
  readonly addresses: readonly string[];
  /** Under which others find it there; several containers may share one. */
  readonly names: readonly string[];
  /** On this machine, of TCP. An empty address is every one. */
  readonly published: readonly { readonly address: string; readonly port: number }[];
}

/** Null: it was removed. */
export async function inspect(engine: Engine, id: string): Promise<Container | null> {
  const found = await engine.get(`/containers/${id}/json`, containerShape);
  if (found === null) return null;
  const { State: state, Config: config, HostConfig: host } = found;
  const policy = host.RestartPolicy;
  const name = found.Name.replace(/^\//, '');
  const networks = Object.values(found.NetworkSettings.Networks ?? {});
  return {
    id: found.Id,
    name,
    labels: config.Labels ?? {},
    isRunning: state.Running && !state.Restarting,
    isPaused: state.Paused,
    pid: state.Pid,
    startTime: state.StartedAt,
    endTime: state.FinishedAt,
    isHealthy:
      state.Health == null || state.Health.Status === 'none' ? null : state.Health.Status === 'healthy',
    restarts: found.RestartCount,
    policy: { name: policy?.Name || 'no', most: policy?.MaximumRetryCount ?? 0 },
    networkMode: host.NetworkMode,
    graceMs: graceOf(config.StopTimeout) * 1000,
    addresses: networks
      .flatMap((one) => [one.IPAddress, one.GlobalIPv6Address])
      .filter((address) => address !== ''),
    names: [
      name,
      ...networks.flatMap((one) => [...(one.Aliases ?? []), ...(one.DNSNames ?? [])]),
      // Of the network of this machine it is the name of the machine.
      ...(config.Hostname && host.NetworkMode !== 'host' ? [config.Hostname] : []),
    ],
    published: Object.entries(found.NetworkSettings.Ports ?? {})
      .filter(([inside]) => inside.endsWith('/tcp'))
      .flatMap(([, some]) => some ?? [])
      .map(({ HostIp, HostPort }) => ({
        address: /^(0\.0\.0\.0|::)$/.test(HostIp) ? '' : HostIp,
        port: Number(HostPort),
      })),
  };
}

const graceOf = (seconds: number | null | undefined): number =>
  seconds == null ? GRACE_S : seconds < 0 ? LONGEST_GRACE_S : Math.min(seconds, LONGEST_GRACE_S);

export const labelsOf = ({ project, service, number }: DockerService): readonly string[] => [
  `${SERVICE}=${service}`,
  ...(project === undefined ? [] : [`${PROJECT}=${project}`]),
  ...(number === undefined ? [] : [`${NUMBER}=${number}`]),
];

/** In the order of their names. @throws refused when they belong to several projects and none is named. */
export async function containersOf(engine: Engine, service: DockerService): Promise<readonly Container[]> {
  const found = await labelled(engine, labelsOf(service));
  const projects = [...new Set(found.map((one) => placeOf(one).project ?? 'none'))].sort();
  if (projects.length > 1) {
    const subject = `service ${service.service}`;
    const next = `Name it in the target file: docker: { project: ${projects[0]} }.`;
    const problem = {
      subject,
      expected: 'containers of one Compose project',
      got: projects.join(', '),
      next,
    };
    throw new GauntletError('refused', [problem]);
  }
  return found;
}

/** Those of every service of a project, or of every project, in the order of their names. */
export const containersIn = (engine: Engine, project: string | undefined): Promise<readonly Container[]> =>
  labelled(engine, [SERVICE, ...(project === undefined ? [] : [`${PROJECT}=${project}`])]);

async function labelled(engine: Engine, label: readonly string[]): Promise<readonly Container[]> {
  const filters = encodeURIComponent(JSON.stringify({ label }));
  const list = (await engine.get(`/containers/json?all=1&filters=${filters}`, listShape)) ?? [];
  const ours = list.filter((one) => one.Labels?.[ONE_OFF]?.toLowerCase() !== 'true');
  const found = await Promise.all(ours.map((one) => inspect(engine, one.Id)));
  return found.filter((one) => one !== null).sort((a, b) => a.name.localeCompare(b.name));
}

/** As Compose wrote it on the container. */
export const placeOf = ({
  labels,
}: Container): Partial<Pick<DockerService, 'project' | 'service' | 'number'>> => ({
  ...(labels[PROJECT] !== undefined && { project: labels[PROJECT] }),
  ...(labels[SERVICE] !== undefined && { service: labels[SERVICE] }),
  ...(labels[NUMBER] !== undefined && { number: labels[NUMBER] }),
});

export const victimIn = (service: string, { name, id, startTime }: Container): ContainerVictim => ({
  service,
  instance: name,
  container: id,
  startTime,
});

/** This run of the container, and no later one. */
export const isThisRun = (
  one: Container | null,
  { startTime }: Pick<ContainerVictim, 'startTime'>,
): one is Container => one?.isRunning === true && one.startTime === startTime;

/** Of a time as the engine writes it. Undefined for the year 1: it has not happened. */
export function timeOf(written: string): EpochMs | undefined {
  const [, whole = '', fraction = ''] = /^(.*:\d\d)(?:\.(\d+))?Z$/.exec(written) ?? [];
  const at = Date.parse(`${whole}Z`);
  return Number.isFinite(at) && at > 0 ? epochMs(at + Number(`0.${fraction || '0'}`) * 1000) : undefined;
}
