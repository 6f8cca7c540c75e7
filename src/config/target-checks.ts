/**
 * Dependencies between the keys of a target file. A key without effect is an error, because its author relies
 * on it.
 */
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import { PLATFORMS, type TargetShape } from './target.ts';

type Target = Partly<TargetShape>;

const ADDRESS_KEYS = ['gateway', 'specialists', 'kafka', 'redis'] as const;
const BLOCKS = PLATFORMS.filter((one) => one !== 'none');

export function checkTarget(target: Target, problems: Problems): void {
  const { file } = problems;
  const isMap = typeof file.data === 'object' && file.data !== null && !Array.isArray(file.data);
  if (target.platform !== undefined && isMap) checkPlatform(target.platform, problems);
  checkBrokerIds(target, problems);
  const { backend, services } = target.kubernetes ?? {};
  if (backend === 'chaos-mesh') {
    checkNoNetwork(problems);
    checkCrossedBy(Object.keys(services ?? {}), probedBy(target), problems);
    return;
  }
  for (const key of ['probesFrom', 'crossedBy']) {
    const isThere = file.valueAt(['kubernetes', key]) !== undefined;
    if (isThere) problems.add(['kubernetes', key], 'backend: chaos-mesh with it', { got: 'native' });
  }
}

/** The parts of a target that have an address, with their probes' names. */
export const probedBy = ({ gateway, redis, kafka, specialists }: Target): readonly string[] => [
  ...(gateway?.url === undefined ? [] : ['gateway']),
  ...(redis?.url === undefined ? [] : ['redis']),
  ...numbered(kafka).map((one) => `kafka-${one.id}`),
  ...Object.entries(specialists ?? {}).flatMap(([name, at]) =>
    at === undefined ? [] : [`specialist-${name}`],
  ),
];

export interface Broker {
  readonly id: number;
  readonly client: string;
  readonly controller?: string;
}

/** Plain addresses are numbered from 1 in their order. Omits those that could not be read. */
export function numbered(kafka: Target['kafka']): readonly (Broker & { readonly index: number })[] {
  return (kafka?.brokers ?? []).flatMap((one, index) => {
    if (typeof one === 'string') return [{ id: index + 1, client: one, index }];
    if (one?.id === undefined || one.address === undefined) return [];
    const { id, address: client, controller } = one;
    return [{ id, client, ...(controller !== undefined && { controller }), index }];
  });
}

function checkBrokerIds({ kafka }: Target, problems: Problems): void {
  const seen = new Set<number>();
  for (const { id, index } of numbered(kafka)) {
    if (seen.has(id))
      problems.add(['kafka', 'brokers', index], 'each broker id once', { got: `${id} twice` });
    seen.add(id);
  }
}

function checkPlatform(platform: (typeof PLATFORMS)[number], problems: Problems): void {
  const has = (key: string): boolean => problems.file.valueAt([key]) !== undefined;
  for (const key of BLOCKS) {
    if (has(key) && key !== platform) problems.add([key], `platform ${key} with it`, { got: platform });
  }
  if (platform === 'kubernetes' && !has('kubernetes')) {
    problems.add([], 'a kubernetes block with platform kubernetes', { got: 'none' });
  }
  if (platform === 'none' && !ADDRESS_KEYS.some(has)) {
    const expected = `at least one of ${ADDRESS_KEYS.join(', ')} with platform none`;
    problems.add([], expected, { got: 'no address' });
  }
  for (const key of platform === 'sandbox' ? ADDRESS_KEYS.filter(has) : []) {
    const next = 'Remove the key, or use platform none.';
    problems.add([key], 'no addresses with platform sandbox, which brings its own', { got: key, next });
  }
}

function checkNoNetwork(problems: Problems): void {
  for (const key of ['network', 'proxy']) {
    if (problems.file.valueAt(['kubernetes', key]) === undefined) continue;
    problems.add(['kubernetes', key], `either backend: chaos-mesh or ${key}`, { got: 'both' });
  }
}

/** Maps `gateway->redis` to the dependency whose probe needs that link. */
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
