/**
 * A target file: how to reach a system under test, how to act on it, and what it allows. Parsed into plain data;
 * a secret in it is the name of an environment variable and never a value.
 */
import { type KafkaEndpoint, SPECIALISTS, type Specialist } from '../core/topology.ts';
import type { Parsed } from '../core/units.ts';
import { parseAddress } from './address.ts';
import { readYaml, type YamlMap, type YamlValue } from './yaml-reader.ts';

export interface TargetPolicy {
  /** False unless the file says so: nothing happens to a target that did not opt in. */
  readonly optIn: boolean;
  /** Services that no fault may touch. */
  readonly protected: readonly string[];
  /** `any`, or `HH:MM-HH:MM` of local time, over midnight when the end is before the start. */
  readonly hours: string;
}

export interface TargetFile {
  readonly name: string;
  readonly platform: 'sandbox' | 'none';
  readonly gateway?: { readonly url: string };
  readonly specialists: Readonly<Partial<Record<Specialist, string>>>;
  readonly kafka?: { readonly brokers: readonly KafkaEndpoint[] };
  readonly redis?: { readonly url: string };
  /** The environment variable that holds the bearer token. */
  readonly auth?: { readonly tokenEnv: string };
  readonly policy: TargetPolicy;
  /** Which sandbox, for platform `sandbox`; `default` unless named. */
  readonly sandbox?: { readonly name: string };
}

const ADDRESS_KEYS = ['gateway', 'specialists', 'kafka', 'redis'] as const;
const KEYS = ['name', 'platform', ...ADDRESS_KEYS, 'auth', 'policy', 'sandbox'];

/**
 * @param file the path as the user typed it, for the problems.
 * @throws GauntletError(usage) with every problem of the file at once.
 */
export function parseTargetFile(file: string, text: string): TargetFile {
  const yaml = readYaml(file, text);
  const root = yaml.root.map(KEYS);
  const name = root?.required('name')?.string('a name');
  const platform = root && readPlatform(root);
  const gateway = root?.optional('gateway')?.map(['url']);
  const redis = root?.optional('redis')?.map(['url']);
  const gatewayUrl = gateway?.required('url')?.parsed(urlOf('http://', 'http://127.0.0.1:8000'));
  const redisUrl = redis?.required('url')?.parsed(urlOf('redis://', 'redis://127.0.0.1:6379'));
  const specialists = readSpecialists(root?.optional('specialists'));
  const brokers = readBrokers(root?.optional('kafka'));
  const tokenEnv = root?.optional('auth')?.map(['tokenFrom'])?.required('tokenFrom');
  const token = tokenEnv && readSecretReference(tokenEnv);
  const policy = readPolicy(root?.optional('policy'));
  const sandbox = root?.optional('sandbox')?.map(['name'])?.required('name')?.parsed(sandboxName);
  if (root && platform !== undefined) checkFit(root, platform);
  yaml.finish();
  return {
    name: name ?? '',
    platform: platform ?? 'none',
    specialists,
    policy,
    ...(gatewayUrl === undefined ? {} : { gateway: { url: gatewayUrl } }),
    ...(brokers === undefined ? {} : { kafka: { brokers } }),
    ...(redisUrl === undefined ? {} : { redis: { url: redisUrl } }),
    ...(token === undefined ? {} : { auth: { tokenEnv: token } }),
    ...(platform === 'sandbox' ? { sandbox: { name: sandbox ?? 'default' } } : {}),
  };
}

function readPlatform(root: YamlMap): 'sandbox' | 'none' | undefined {
  const value = root.required('platform', 'sandbox or none');
  if (value?.raw() === 'kubernetes') {
    return value.problem({
      expected: 'sandbox or none',
      next: 'Faults on Kubernetes are not offered yet; with platform none, load and probes work against any addresses.',
    });
  }
  return value?.oneOf(['sandbox', 'none']);
}

/** A key that would be ignored is an error: its author believes that it does something. */
function checkFit(root: YamlMap, platform: 'sandbox' | 'none'): void {
  if (platform === 'none') {
    if (root.has('sandbox'))
      root.key('sandbox').problem({ expected: 'platform sandbox with it', got: 'none' });
    if (ADDRESS_KEYS.some((key) => root.has(key))) return;
    root.key('platform').problem({
      expected: `at least one of ${ADDRESS_KEYS.join(', ')}`,
      got: 'no address',
    });
    return;
  }
  for (const key of ADDRESS_KEYS.filter((one) => root.has(one))) {
    root.key(key).problem({
      expected: 'no addresses with platform sandbox',
      next: 'The sandbox brings its own; remove the key, or use platform none.',
    });
  }
}

function readSpecialists(value: YamlValue | undefined): Partial<Record<Specialist, string>> {
  const map = value?.map(SPECIALISTS);
  const found: Partial<Record<Specialist, string>> = {};
  for (const specialist of SPECIALISTS) {
    const address = map?.optional(specialist)?.parsed(addressText);
    if (address !== undefined) found[specialist] = address;
  }
  return found;
}

/** Brokers are `host:port`, with ids counted from 1, or maps that say the id and the CONTROLLER listener. */
function readBrokers(value: YamlValue | undefined): readonly KafkaEndpoint[] | undefined {
  const list = value?.map(['brokers'])?.required('brokers');
  const items = list?.list();
  if (list && items?.length === 0) list.problem({ expected: 'at least one broker' });
  const ids = new Set<number>();
  return items?.flatMap((item, index) => {
    const broker = readBroker(item, index);
    if (broker && ids.has(broker.id))
      item.problem({ expected: 'each broker id once', got: `${broker.id} twice` });
    if (broker) ids.add(broker.id);
    return broker ?? [];
  });
}

function readBroker(item: YamlValue, index: number): KafkaEndpoint | undefined {
  if (typeof item.raw() === 'string') {
    const client = item.parsed(addressText);
    return client === undefined ? undefined : { id: index + 1, client };
  }
  const map = item.map(['id', 'address', 'controller']);
  const id = map?.required('id')?.integer(0, 2 ** 31 - 1);
  const client = map?.required('address')?.parsed(addressText);
  const controller = map?.optional('controller')?.parsed(addressText);
  if (id === undefined || client === undefined) return undefined;
  return { id, client, ...(controller === undefined ? {} : { controller }) };
}

function readPolicy(value: YamlValue | undefined): TargetPolicy {
  const map = value?.map(['optIn', 'protected', 'hours']);
  return {
    optIn: map?.optional('optIn')?.boolean() ?? false,
    protected: (map?.optional('protected')?.list() ?? []).flatMap((one) => one.string('a service') ?? []),
    hours: map?.optional('hours')?.parsed(hours) ?? 'any',
  };
}

/** What was written instead is not shown: it may be the secret itself. */
function readSecretReference(value: YamlValue): string | undefined {
  const raw = value.raw();
  const match = typeof raw === 'string' ? /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(raw) : null;
  return (
    match?.[1] ?? value.problem({ expected: 'a reference such as env:GATEWAY_TOKEN', got: 'something else' })
  );
}

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });

function addressText(raw: unknown): Parsed<string> {
  const parsed = parseAddress(raw);
  return parsed.ok ? good(String(raw)) : parsed;
}

const urlOf =
  (scheme: string, example: string) =>
  (raw: unknown): Parsed<string> => {
    const expected = `a URL such as ${example}, without user, password or path`;
    if (typeof raw !== 'string' || !raw.startsWith(scheme) || !URL.canParse(raw))
      return { ok: false, expected };
    const { username, password, pathname, search, hash, hostname } = new URL(raw);
    const bare = username + password + search + hash === '' && (pathname === '' || pathname === '/');
    return bare && hostname !== '' ? good(raw.replace(/\/$/, '')) : { ok: false, expected };
  };

function sandboxName(raw: unknown): Parsed<string> {
  return typeof raw === 'string' && /^[a-z0-9][a-z0-9-]{0,30}$/.test(raw)
    ? good(raw)
    : { ok: false, expected: 'a name of lower-case letters, digits and hyphens, at most 31 long' };
}

function hours(raw: unknown): Parsed<string> {
  const clock = '([01]\\d|2[0-3]):[0-5]\\d';
  return raw === 'any' || (typeof raw === 'string' && new RegExp(`^${clock}-${clock}$`).test(raw))
    ? good(raw)
    : { ok: false, expected: 'any, or local times such as 09:00-17:00' };
}
