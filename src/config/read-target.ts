/**
 * A target file: how to reach a system under test, how to act on it, and what it allows. Plain data. A secret
 * in it is the name of an environment variable and never a value, and no problem repeats one.
 */
import { dirname, resolve } from 'node:path';
import type { DockerHandle, KafkaContainers } from '../core/acts/docker-handle.ts';
import type { KubernetesHandle } from '../core/acts/kubernetes-handle.ts';
import type { ProcessService } from '../core/acts/processes-handle.ts';
import type { CarriedLink } from '../core/carried-link.ts';
import { linksAmong } from '../core/declared-links.ts';
import type { Place } from '../core/errors.ts';
import type { TargetPolicy } from '../core/policy.ts';
import type { SchemaRegistries } from '../core/schema-registry.ts';
import type { System } from '../core/system.ts';
import type { TargetAuth } from '../core/target-auth.ts';
import type { Addresses, PlatformName } from '../core/topology.ts';
import { Problems } from './problems.ts';
import { type TargetShape, targetSchema } from './target.ts';
import { authOf } from './target-auth.ts';
import { checkTarget, linkEnds } from './target-checks.ts';
import { brokersIn, containersOf, DEFAULT_AGENT } from './target-docker.ts';
import { linksOf } from './target-links.ts';
import { overridden, patternParts } from './target-overrides.ts';
import { podsOf } from './target-pods.ts';
import { policyOf } from './target-policy.ts';
import { processesOf } from './target-processes.ts';
import { registriesOf } from './target-registry.ts';
import { addressesOf, addressParts } from './target-services.ts';
import { parseUserFile } from './user-file.ts';

export interface TargetFile {
  readonly name: string;
  readonly platform: PlatformName;
  /** What it is a copy of, with what the target overrides. */
  readonly system: System;
  readonly addresses: Addresses;
  /** By Kafka service. Absent: none. */
  readonly registries?: SchemaRegistries;
  /** Of its bearer token. Absent: none is sent. */
  readonly auth?: TargetAuth;
  readonly policy: TargetPolicy;
  /** What it says about where it runs. Absent: nothing. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The place of each name in `policy.protected`, for problems that only the target itself reveals. */
  readonly protectedAt: readonly Place[];
  /** The sandbox's name, for platform `sandbox`; default: `default`. */
  readonly sandbox?: { readonly name: string };
  /** With platform `none`: links that our own proxy carries. Absent: none. */
  readonly links?: readonly CarriedLink[];
  /** With platform `processes`: its services that are processes of this machine. */
  readonly processes?: Readonly<Record<string, ProcessService>>;
  /** With platform `docker`: its containers. */
  readonly docker?: DockerBlock;
  /** As the user typed it. */
  readonly file: string;
  /** For platform `kubernetes`, and only then. */
  readonly kubernetes?: KubernetesBlock;
}

/** `kubeconfig` null: the caller's own (KUBECONFIG or ~/.kube/config), as kubectl does. */
export type KubernetesBlock = Omit<KubernetesHandle, 'kubeconfig'> & { readonly kubeconfig: string | null };

/** `host` null: the caller's own (DOCKER_HOST or /var/run/docker.sock), as the docker client does. */
export type DockerBlock = Omit<DockerHandle, 'socket' | 'engine' | 'links'> & {
  readonly host: string | null;
  /** By Kafka. */
  readonly brokers: Readonly<Record<string, KafkaContainers>>;
};

type Pods = KubernetesBlock['services'];

/**
 * The system that a target file names, or the default one for null.
 * @throws GauntletError(usage) of the file that was found; a text when there is none: the names there are.
 */
export type FindSystem = (
  given: string | null,
  file: string,
) => System | { readonly expected: string; readonly next?: string };

/** @param file the path as the user typed it. @throws usage error with every problem of the text at once. */
export function parseTarget(file: string, text: string, findSystem: FindSystem): TargetFile {
  const problems: Problems = new Problems(parseUserFile(file, text), { name: 'target' });
  const named = problems.file.valueAt(['system']);
  const declared = findSystem(typeof named === 'string' ? named : null, file);
  if ('expected' in declared) {
    const { expected, ...said } = declared;
    problems.refuse(['system'], expected, said);
  }
  const patterns = patternParts(problems.file.data, declared);
  const read = problems.check(targetSchema(declared, addressParts(declared, patterns)));
  const system = overridden(declared, read?.services);
  if (read !== undefined) checkTarget(read, system, problems);
  problems.throwIfAny();
  // Everything was parsed; otherwise the problems were thrown.
  const { name, platform, auth, sandbox, kubernetes, docker, policy, environment, links } =
    read as TargetShape;
  const addresses = addressesOf(read as TargetShape, system, file);
  const services = (read as TargetShape).services ?? {};
  const protectedNames = policy?.protected ?? [];
  return {
    name,
    file,
    platform,
    system,
    addresses,
    ...registriesOf(read, system, file),
    policy: policyOf(read as TargetShape, system),
    protectedAt: protectedNames.map((_, index) => problems.file.placeOf(['policy', 'protected', index])),
    ...(auth && { auth: authOf(auth, file) }),
    ...(kubernetes && { kubernetes: kubernetesOf(kubernetes, file, system) }),
    ...(environment && { environment }),
    ...(links && { links: linksOf(links) }),
    ...(platform === 'processes' && {
      processes: processesOf(
        system,
        services,
        file,
        Object.keys(addresses).filter((name) => addresses[name]?.kafka !== undefined),
      ),
    }),
    ...(platform === 'docker' && {
      docker: {
        host: docker?.host ?? null,
        services: containersOf(system, services, docker?.project),
        brokers: brokersIn(system, services, docker?.project),
        agent: docker?.agent?.image ?? DEFAULT_AGENT,
      },
    }),
    ...(platform === 'sandbox' && { sandbox: { name: sandbox?.name ?? 'default' } }),
  };
}

function kubernetesOf(
  block: NonNullable<TargetShape['kubernetes']>,
  file: string,
  system: System,
): KubernetesBlock {
  const { context, kubeconfig, cluster, journal, network, agent, proxy, backend, probesFrom, crossedBy } =
    block;
  const listed = Object.entries(block.services ?? {}).map(([name, { replacedBy, ...pods }]) => [
    name,
    { ...pods, ...(replacedBy !== undefined && { replacedBy }) },
  ]);
  const services = block.services === undefined ? podsOf(system) : (Object.fromEntries(listed) as Pods);
  const links = linksAmong(Object.keys(services), system);
  const crossings = Object.entries(crossedBy ?? {}).map(([link, by]) => [linkEnds(link).join('->'), by]);
  return {
    context,
    kubeconfig: kubeconfig === undefined ? null : resolve(dirname(file), kubeconfig),
    services,
    ...(links && { links }),
    ...(journal && { journalNamespace: journal.namespace }),
    ...(cluster !== undefined && { cluster }),
    ...(backend === 'chaos-mesh' && {
      chaosMesh: {
        probesFrom: typeof probesFrom === 'string' ? [probesFrom] : [...(probesFrom ?? [])],
        crossedBy: Object.fromEntries(crossings) as Record<string, string>,
      },
    }),
    ...((network || agent || proxy) && {
      network: {
        by: network ?? 'agent',
        ...(agent && { image: agent.image }),
        ...(proxy && { proxyImage: proxy.image }),
      },
    }),
  };
}
