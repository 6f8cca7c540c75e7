/**
 * Dependencies between the keys of a target file. A key without effect is an error, because its author relies
 * on it.
 */
import { IN_CLUSTER } from '../core/acts/kubernetes-handle.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { System } from '../core/system.ts';
import type { PlatformName } from '../core/topology.ts';
import { isMap } from './forms.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import { TARGET_SCHEMA, type TargetShape } from './target.ts';
import { checkAuth } from './target-auth.ts';
import { checkContainers } from './target-docker.ts';
import { checkLinks } from './target-links.ts';
import { checkLogins } from './target-logins.ts';
import { podsOf } from './target-pods.ts';
import { checkPolicy } from './target-policy.ts';
import { checkProcesses } from './target-processes.ts';
import { checkRegistries } from './target-registry.ts';
import { numberedBrokers, olderParts, type Written, writtenAddresses } from './target-services.ts';
import { checkTls } from './target-tls.ts';

type Target = Partly<TargetShape>;

/** Platforms with a block of their name. */
const BLOCKS = ['sandbox', 'kubernetes', 'docker'] as const;

export function checkTarget(target: Target, system: System, problems: Problems): void {
  const { file } = problems;
  const written = writtenAddresses(target, system);
  if (target.platform !== undefined && isMap(file.data)) checkPlatform(target.platform, system, problems);
  checkSpelling(target, system, problems);
  checkBrokerIds(written, problems);
  checkLogins(system, written, problems);
  checkLinks(target.links, system, written, problems);
  checkTls(target.services, written, problems);
  checkRegistries(
    system,
    target,
    written.map((one) => one.service),
    problems,
  );
  checkProcesses(target.platform, system, written, problems);
  checkContainers(system, problems);
  checkPolicy(target, system, problems);
  checkAuth(target.auth, problems);
  checkAccount(target.kubernetes, problems);
  checkFound(target, system, problems);
  const { backend, services = podsOf(system) } = target.kubernetes ?? {};
  if (backend === 'chaos-mesh') {
    checkNoNetwork(problems);
    checkCrossedBy(Object.keys(services ?? {}), probedBy(written), problems);
    return;
  }
  for (const key of ['probesFrom', 'crossedBy']) {
    const isThere = file.valueAt(['kubernetes', key]) !== undefined;
    if (isThere) problems.add(['kubernetes', key], 'backend: chaos-mesh with it', { got: 'native' });
  }
}

/** Pods are found in one place: by the system, or by the list of an older file. */
function checkFound(
  { schema, services = {}, kubernetes, platform }: Target,
  system: System,
  problems: Problems,
): void {
  const listed = ['kubernetes', 'services'];
  const isListed = problems.file.valueAt(listed) !== undefined;
  if (isListed && schema !== undefined) {
    const next = `With schema: ${TARGET_SCHEMA}, write services: { web: { find: { kubernetes: { … } } } }, or leave it to the system file.`;
    problems.add(listed, 'the pods of a service under services', {
      keys: [],
      got: 'kubernetes.services',
      next,
    });
  }
  for (const [name, one] of Object.entries(services ?? {})) {
    const path = ['services', name, 'find'];
    const found = Object.keys(Object(one?.find) as object);
    if (found.length === 0) continue;
    if (platform === 'sandbox') {
      problems.add(path, 'nothing to find with platform sandbox, which starts the instances itself', {
        got: 'find',
      });
    } else if (isListed && found.includes('kubernetes')) {
      const next = 'Remove kubernetes.services, or write it there.';
      problems.add([...path, 'kubernetes'], 'one place for pods', { got: 'kubernetes.services, too', next });
    }
  }
  if (platform !== 'kubernetes' || isListed || kubernetes === undefined) return;
  if (Object.keys(podsOf(system)).length > 0) return;
  const next =
    'Write find: { kubernetes: { namespace: … } } in the system file, or services: { web: { find: … } } here.';
  problems.add(['kubernetes'], 'a namespace for at least one service', { got: 'none', next });
}

/** The parts of a target that have an address, with their probes' names. */
export const probedBy = (written: readonly Written[]): readonly string[] =>
  written.flatMap(({ service, protocol, value }) =>
    protocol === 'kafka' ? numberedBrokers(value).map((one) => `${service}-${one.id}`) : [service],
  );

/** A file with `schema` has one spelling, so that nobody wonders which of two holds. */
function checkSpelling(target: Target, system: System, problems: Problems): void {
  if (target.schema === undefined) return;
  for (const key of olderKeys(system)) {
    if (problems.file.valueAt([key]) === undefined) continue;
    const next = `With schema: ${TARGET_SCHEMA}, write services: { ${example(system, key)} }.`;
    problems.add([key], 'its services under services', { subject: `${key} key`, got: key, next });
  }
}

/** The keys that name services in files without `schema`. */
const olderKeys = (system: System): readonly string[] => Object.keys(olderParts(system));

function example(system: System, key: string): string {
  const service = system.services.find(
    ({ name, formerly }) => name === key || formerly?.startsWith(`${key}.`),
  );
  return `${service?.name ?? key}: { address: … }`;
}

function checkBrokerIds(written: readonly Written[], problems: Problems): void {
  for (const { path, protocol, value } of written) {
    if (protocol !== 'kafka') continue;
    const seen = new Set<number>();
    for (const { id, index } of numberedBrokers(value)) {
      if (seen.has(id)) problems.add([...path, index], 'each broker id once', { got: `${id} twice` });
      seen.add(id);
    }
  }
}

function checkPlatform(platform: PlatformName, system: System, problems: Problems): void {
  const keys = problems.file.valueAt(['schema']) === undefined ? olderKeys(system) : [];
  const has = (key: string): boolean => problems.file.valueAt([key]) !== undefined;
  for (const key of BLOCKS) {
    if (has(key) && key !== platform) problems.add([key], `platform ${key} with it`, { got: platform });
  }
  if (platform === 'kubernetes' && !has('kubernetes')) {
    problems.add([], 'a kubernetes block with platform kubernetes', { got: 'none' });
  }
  const isOutside = platform !== 'sandbox' && platform !== 'kubernetes';
  if (has('links') && !isOutside)
    problems.add(['links'], 'platform none, processes or docker with it: others carry links themselves', {
      got: platform,
    });
  const own = Object.entries(Object(problems.file.valueAt(['services'])) as object);
  const written = own.filter(([, one]) => isMap(one) && one['address'] !== undefined);
  const addressPaths = [
    ...keys.filter(has).map((key) => [key]),
    ...written.map(([name]) => ['services', name]),
  ];
  if (platform === 'none' && addressPaths.length === 0) {
    const known = keys.length > 0 ? `at least one of ${keys.join(', ')}` : 'services with an address';
    const expected = `${known} with platform none`;
    problems.add([], expected, { got: 'no address' });
  }
  for (const path of platform === 'sandbox' ? addressPaths : []) {
    const key = path.join('.');
    const next = 'Remove the key, or use platform none.';
    problems.add(path, 'no addresses with platform sandbox, which brings its own', { got: key, next });
  }
}

/** A kubeconfig beside the pod's own account would be read by nobody. */
function checkAccount(kubernetes: Target['kubernetes'], problems: Problems): void {
  if (kubernetes?.context !== IN_CLUSTER || kubernetes.kubeconfig === undefined) return;
  const expected = `no kubeconfig with context ${IN_CLUSTER}, which is the account of the pod`;
  problems.add(['kubernetes', 'kubeconfig'], expected, { got: 'one' });
}

function checkNoNetwork(problems: Problems): void {
  for (const key of ['network', 'proxy']) {
    if (problems.file.valueAt(['kubernetes', key]) === undefined) continue;
    problems.add(['kubernetes', key], `either backend: chaos-mesh or ${key}`, { got: 'both' });
  }
}

/** Maps `web->redis` to the dependency whose probe needs that link. */
function checkCrossedBy(services: readonly string[], probed: readonly string[], problems: Problems): void {
  const written = problems.file.valueAt(['kubernetes', 'crossedBy']);
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return;
  for (const [link, by] of Object.entries(written as Readonly<Record<string, unknown>>)) {
    const path = ['kubernetes', 'crossedBy', link];
    const ends = linkEnds(link);
    const unknown = ends.find((end) => !services.includes(end));
    if (ends.length !== 2 || unknown !== undefined) {
      const meant = ends.length === 2 && unknown !== undefined ? didYouMean(unknown, services) : {};
      const expected = `two of ${services.join(', ')} with -> between them`;
      problems.add(path, expected, {
        subject: 'kubernetes.crossedBy key',
        got: show(link),
        keys: [],
        ...meant,
      });
    } else if (typeof by !== 'string' || !probed.includes(by)) {
      const known = probed.join(', ') || 'none, because the target has no address';
      const expected = `the dependency whose probe needs it: one of ${known}`;
      problems.add(path, expected, didYouMean(String(by), probed));
    }
  }
}

export const linkEnds = (link: string): readonly string[] => link.split('->').map((end) => end.trim());
