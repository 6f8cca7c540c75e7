/**
 * A target file: how to reach a system under test, how to act on it, and what it allows. Parsed into plain data;
 * a secret in it is the name of an environment variable and never a value, and no problem ever repeats one.
 */
import { didYouMean } from '../core/did-you-mean.ts';
import { type Place, show } from '../core/errors.ts';
import type { TargetPolicy } from '../core/policy.ts';
import { type KafkaEndpoint, SPECIALISTS, type Specialist } from '../core/topology.ts';
import type { Parsed } from '../core/units.ts';
import { parseYaml, type YamlNode, YamlProblems } from '../system/yaml-reader.ts';
import { parseAddress, urlParser } from './address.ts';
import { readKafkaBrokers } from './kafka-brokers.ts';
import { type KubernetesBlock, readKubernetes } from './kubernetes-block.ts';
import { POLICY_KEYS, readPolicy } from './target-policy.ts';

const PLATFORMS = ['sandbox', 'kubernetes', 'none'] as const;
type TargetPlatform = (typeof PLATFORMS)[number];

export interface TargetFile {
  readonly name: string;
  readonly platform: TargetPlatform;
  readonly gateway?: { readonly url: string };
  readonly specialists: Readonly<Partial<Record<Specialist, string>>>;
  readonly kafka?: { readonly brokers: readonly KafkaEndpoint[] };
  readonly redis?: { readonly url: string };
  /** The environment variable that holds the bearer token. */
  readonly auth?: { readonly tokenEnv: string };
  readonly policy: TargetPolicy;
  /** Where each name of `policy.protected` stands, for problems that only the target itself shows. */
  readonly protectedAt: readonly Place[];
  /** Which sandbox, for platform `sandbox`; `default` unless named. */
  readonly sandbox?: { readonly name: string };
  /** For platform `kubernetes`, and only then. */
  readonly kubernetes?: KubernetesBlock;
}

const ADDRESS_KEYS = ['gateway', 'specialists', 'kafka', 'redis'] as const;
const KEYS = ['name', 'platform', ...ADDRESS_KEYS, 'auth', 'policy', 'sandbox', 'kubernetes'];

/**
 * @param file the path as the user typed it, for the problems.
 * @throws GauntletError(usage) with every problem of the text at once.
 */
export const parseTargetFile = (file: string, text: string): TargetFile => targetFrom(parseYaml(file, text));

function targetFrom(root: YamlNode): TargetFile {
  const problems = new YamlProblems();
  const map = mapOf(root, 'target', KEYS, problems);
  const name = map && problems.read(map, 'name', parseName);
  const platform = map && readPlatform(map, problems);
  const gateway = readUrl(map?.entries.get('gateway'), 'gateway', urlParser('http:', 8000), problems);
  const redis = readUrl(map?.entries.get('redis'), 'redis', urlParser('redis:', 6379), problems);
  const specialists = readSpecialists(map?.entries.get('specialists'), problems);
  const kafka = mapOf(map?.entries.get('kafka'), 'kafka', ['brokers'], problems);
  const brokers = kafka && readKafkaBrokers(kafka, problems);
  const tokenEnv = readTokenEnv(map?.entries.get('auth'), problems);
  const allowed = mapOf(map?.entries.get('policy'), 'policy', POLICY_KEYS, problems);
  const policy = readPolicy(allowed, problems);
  const own = mapOf(map?.entries.get('sandbox'), 'sandbox', ['name'], problems);
  const sandbox = own && problems.read(own, 'name', parseName);
  const block = map?.entries.get('kubernetes');
  const probed = [
    ...(gateway === undefined ? [] : ['gateway']),
    ...(redis === undefined ? [] : ['redis']),
    ...(brokers ?? []).map((one) => `kafka-${one.id}`),
    ...Object.keys(specialists).map((one) => `specialist-${one}`),
  ];
  const kubernetes = block && readKubernetes(block, probed, problems);
  if (map && platform !== undefined) checkFit(map, platform, problems);
  problems.throwIfAny();
  return {
    name: name ?? '',
    platform: platform ?? 'none',
    specialists,
    policy,
    protectedAt: (allowed?.entries.get('protected')?.items ?? []).map((one) => one.place),
    ...(gateway === undefined ? {} : { gateway: { url: gateway } }),
    ...(brokers === undefined ? {} : { kafka: { brokers } }),
    ...(redis === undefined ? {} : { redis: { url: redis } }),
    ...(tokenEnv === undefined ? {} : { auth: { tokenEnv } }),
    ...(kubernetes === undefined ? {} : { kubernetes }),
    ...(platform === 'sandbox' ? { sandbox: { name: sandbox ?? 'default' } } : {}),
  };
}

/** The node when it is a map with no other than these keys; undefined (and a problem, if it is there) otherwise. */
function mapOf(
  node: YamlNode | undefined,
  subject: string,
  keys: readonly string[],
  problems: YamlProblems,
): YamlNode | undefined {
  if (!node) return undefined;
  if (node.kind !== 'map') {
    // The value is not shown: under `auth` it may be the secret itself.
    return problems.add(node.place, { subject, expected: `a map with ${keys.join(', ')}` });
  }
  problems.onlyKeys(node, `${subject} key`, keys);
  return node;
}

function readPlatform(map: YamlNode, problems: YamlProblems): TargetPlatform | undefined {
  const node = map.entries.get('platform');
  const found = PLATFORMS.find((one) => one === node?.value);
  if (found !== undefined) return found;
  const subject = 'platform';
  const expected = 'sandbox, kubernetes or none';
  if (!node) return problems.add(map.place, { subject, expected, got: 'nothing' });
  const next = didYouMean(String(node.value), PLATFORMS);
  return problems.add(node.place, { subject, expected, got: show(node.value), ...next });
}

/** A key that would be ignored is an error: its author believes that it does something. */
function checkFit(map: YamlNode, platform: TargetPlatform, problems: YamlProblems): void {
  for (const key of ['sandbox', 'kubernetes'] as const) {
    const node = map.entries.get(key);
    if (!node || key === platform) continue;
    problems.add(node.place, { subject: key, expected: `platform ${key} with it`, got: platform });
  }
  if (platform === 'kubernetes') {
    if (map.entries.has('kubernetes')) return;
    const expected = 'a kubernetes block with platform kubernetes';
    problems.add(map.place, { subject: 'target', expected, got: 'none' });
    return;
  }
  if (platform === 'none') {
    if (ADDRESS_KEYS.some((key) => map.entries.has(key))) return;
    const expected = `at least one of ${ADDRESS_KEYS.join(', ')} with platform none`;
    problems.add(map.place, { subject: 'target', expected, got: 'no address' });
    return;
  }
  for (const key of ADDRESS_KEYS) {
    const node = map.entries.get(key);
    if (!node) continue;
    problems.add(node.place, {
      subject: key,
      expected: 'no addresses with platform sandbox, which brings its own',
      got: key,
      next: 'Take the key out, or use platform none.',
    });
  }
}

function readUrl(
  node: YamlNode | undefined,
  subject: string,
  parse: (value: unknown) => Parsed<string>,
  problems: YamlProblems,
): string | undefined {
  const map = mapOf(node, subject, ['url'], problems);
  if (!map) return undefined;
  const url = map.entries.get('url');
  const parsed = parse(url?.value);
  if (parsed.ok) return parsed.value;
  // A URL that is refused may be refused for the password in it.
  const got = url ? 'something else' : 'nothing';
  const { expected, next } = parsed;
  const problem = { subject: `${subject}.url`, expected, got, ...(url && next !== undefined && { next }) };
  return problems.add((url ?? map).place, problem);
}

function readSpecialists(
  node: YamlNode | undefined,
  problems: YamlProblems,
): Partial<Record<Specialist, string>> {
  const map = mapOf(node, 'specialists', SPECIALISTS, problems);
  const found: Partial<Record<Specialist, string>> = {};
  for (const specialist of SPECIALISTS) {
    if (!map?.entries.has(specialist)) continue;
    const address = problems.read(map, specialist, parseAddress);
    if (address !== undefined) found[specialist] = address;
  }
  return found;
}

function readTokenEnv(node: YamlNode | undefined, problems: YamlProblems): string | undefined {
  const map = mapOf(node, 'auth', ['tokenFrom'], problems);
  if (!map) return undefined;
  const token = map.entries.get('tokenFrom');
  const match = typeof token?.value === 'string' ? /^env:([A-Za-z_]\w*)$/.exec(token.value) : null;
  if (match?.[1] !== undefined) return match[1];
  return problems.add((token ?? map).place, {
    subject: 'auth.tokenFrom',
    expected: 'a reference such as env:GATEWAY_TOKEN',
    got: token ? 'something else' : 'nothing',
    next: 'Secrets stand in the environment, never in a file.',
  });
}

/** A name becomes part of file names (locks, run directories). */
const parseName = (value: unknown): Parsed<string> =>
  typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,39}$/.test(value)
    ? { ok: true, value }
    : { ok: false, expected: 'a name of lower-case letters, digits and dashes, at most 40 long' };
