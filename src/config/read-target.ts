/**
 * A target file: how to reach a system under test, how to act on it, and what it allows. Plain data. A secret
 * in it is the name of an environment variable and never a value, and no problem repeats one.
 */
import { dirname, resolve } from 'node:path';
import type { KubernetesHandle } from '../core/acts/kubernetes-handle.ts';
import type { Place } from '../core/errors.ts';
import type { TargetPolicy } from '../core/policy.ts';
import type { KafkaEndpoint, Specialist } from '../core/topology.ts';
import { Problems } from './problems.ts';
import { type PLATFORMS, type TargetShape, targetSchema } from './target.ts';
import { checkTarget, linkEnds, numbered } from './target-checks.ts';
import { parseUserFile } from './user-file.ts';

export interface TargetFile {
  readonly name: string;
  readonly platform: (typeof PLATFORMS)[number];
  readonly gateway?: { readonly url: string };
  readonly specialists: Readonly<Partial<Record<Specialist, string>>>;
  readonly kafka?: { readonly brokers: readonly KafkaEndpoint[] };
  readonly redis?: { readonly url: string };
  /** The environment variable that holds the bearer token. */
  readonly auth?: { readonly tokenEnv: string };
  readonly policy: TargetPolicy;
  /** What it says about where it runs. Absent: nothing. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The place of each name in `policy.protected`, for problems that only the target itself reveals. */
  readonly protectedAt: readonly Place[];
  /** The sandbox's name, for platform `sandbox`; default: `default`. */
  readonly sandbox?: { readonly name: string };
  /** For platform `kubernetes`, and only then. */
  readonly kubernetes?: KubernetesBlock;
}

/** `kubeconfig` null: the caller's own (KUBECONFIG or ~/.kube/config), as kubectl does. */
export type KubernetesBlock = Omit<KubernetesHandle, 'kubeconfig'> & { readonly kubeconfig: string | null };

/** @param file the path as the user typed it. @throws usage error with every problem of the text at once. */
export function parseTarget(file: string, text: string): TargetFile {
  const problems = new Problems(parseUserFile(file, text), { name: 'target' });
  const read = problems.check(targetSchema);
  if (read !== undefined) checkTarget(read, problems);
  problems.throwIfAny();
  // Everything was parsed; otherwise the problems were thrown.
  const { name, platform, gateway, kafka, redis, auth, sandbox, kubernetes, environment, ...rest } =
    read as TargetShape;
  const brokers = numbered(kafka).map(({ index: _, ...broker }) => broker);
  const protectedNames = rest.policy?.protected ?? [];
  return {
    name,
    platform,
    specialists: (rest.specialists ?? {}) as TargetFile['specialists'],
    policy: policyOf(rest.policy),
    protectedAt: protectedNames.map((_, index) => problems.file.placeOf(['policy', 'protected', index])),
    ...(gateway && { gateway }),
    ...(kafka && { kafka: { brokers } }),
    ...(redis && { redis }),
    ...(auth && { auth: { tokenEnv: auth.tokenFrom } }),
    ...(kubernetes && { kubernetes: kubernetesOf(kubernetes, file) }),
    ...(environment && { environment }),
    ...(platform === 'sandbox' && { sandbox: { name: sandbox?.name ?? 'default' } }),
  };
}

function policyOf(policy: TargetShape['policy']): TargetPolicy {
  const { optIn = false, protected: names = [], hours = 'any', load } = policy ?? {};
  return {
    optIn,
    protected: names,
    hours,
    load: { optIn: load?.optIn ?? optIn, maxRate: load?.maxRate ?? null },
  };
}

function kubernetesOf(block: NonNullable<TargetShape['kubernetes']>, file: string): KubernetesBlock {
  const { context, kubeconfig, cluster, journal, network, agent, proxy, backend, probesFrom, crossedBy } =
    block;
  const services = Object.entries(block.services).map(([name, { replacedBy, ...pods }]) => [
    name,
    { ...pods, ...(replacedBy !== undefined && { replacedBy }) },
  ]);
  const crossings = Object.entries(crossedBy ?? {}).map(([link, by]) => [linkEnds(link).join('->'), by]);
  return {
    context,
    kubeconfig: kubeconfig === undefined ? null : resolve(dirname(file), kubeconfig),
    services: Object.fromEntries(services) as KubernetesBlock['services'],
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
