/**
 * `services.<a Kafka>.registry` in a target file: the schema registry of its records, entered as every other
 * address.
 */
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { secretsIn } from '../core/login.ts';
import type { SecretRef } from '../core/receivers.ts';
import type { SchemaRegistries, SchemaRegistryAt } from '../core/schema-registry.ts';
import type { Service, System } from '../core/system.ts';
import { block, choice, isMap } from './forms.ts';
import type { Problems } from './problems.ts';
import { accessOf, checkPair, tls } from './target-tls.ts';
import { text } from './words/name.ts';
import { secretRef } from './words/reference.ts';
import { registryUrl } from './words/registry-url.ts';

const password = block({
  user: text('the name of a user').describe('whom it logs in as'),
  password: secretRef,
});
const token = block({ token: secretRef.describe('sent as a bearer token') });

const registry = block({
  address: registryUrl.describe('its address, with the path of its interface where it has one'),
  tls: tls.optional(),
  login: choice({ password, token }, (value) =>
    isMap(value) && Object.hasOwn(value, 'token') ? 'token' : 'password',
  )
    .optional()
    .describe('user and password, or a token; without it nobody in particular'),
});
type Written = z.output<typeof registry>;

const part = registry.optional().describe('of Kafka: the schema registry of its records');

const isKafka = ({ endpoints }: Service): boolean => endpoints.some((one) => one.protocol === 'kafka');

/** The key `registry` of one service; none where it is no Kafka. */
export const registryPart = (service: Service): { readonly registry?: z.ZodType } =>
  isKafka(service) ? { registry: part } : {};

/** Of any service, for editors. */
export const anyRegistry: z.ZodType = part;

const writtenOf = (target: unknown, service: string): Written | undefined => {
  const services = isMap(target) ? target['services'] : undefined;
  const own = isMap(services) ? services[service] : undefined;
  return isMap(own) ? (own['registry'] as Written | undefined) : undefined;
};

/** A key without effect: its author relies on it. */
export function checkRegistries(
  { services }: System,
  target: unknown,
  /** The services that have an address. */
  addressed: readonly string[],
  problems: Problems,
): void {
  const isSandbox = isMap(target) && target['platform'] === 'sandbox';
  for (const { name } of services.filter(isKafka)) {
    const written = writtenOf(target, name);
    if (!isMap(written)) continue;
    if (!isSandbox && !addressed.includes(name)) {
      const next = `Add services.${name}.address, or remove the registry.`;
      problems.add(['services', name, 'registry'], `the address of ${name}, whose records it describes`, {
        got: 'none',
        next,
      });
    }
    if (written.tls === undefined) continue;
    const path = ['services', name, 'registry', 'tls'];
    if (String(written.address ?? '').startsWith('http://')) {
      const next = 'Begin the address with https://, or remove tls.';
      problems.add(path, 'an address that begins with https:// with it', { got: 'http://', next });
    }
    if (isMap(written.tls)) checkPair(written.tls, path, problems);
  }
}

/** @param file of the target: paths of keys, certificates and secrets are relative to it. */
export function registriesOf(
  target: unknown,
  { services }: System,
  file: string,
): { readonly registries?: SchemaRegistries } {
  const found = services.flatMap(({ name }) => {
    const written = writtenOf(target, name);
    return written === undefined ? [] : [[name, registryOf(written, file)] as const];
  });
  return found.length === 0 ? {} : { registries: Object.fromEntries(found) };
}

function registryOf({ address: url, tls: said, login }: Written, file: string): SchemaRegistryAt {
  const absolute = ({ from, name }: SecretRef): SecretRef => ({
    from,
    name: from === 'file' ? resolve(dirname(file), name) : name,
  });
  const secrets = secretsIn(login ?? {}).map(([key, reference]) => [key, absolute(reference)] as const);
  // Of https without the key: the authorities of this machine.
  const access = {
    ...(said !== undefined && { tls: accessOf(said === true ? {} : said, file) }),
    ...(login !== undefined && { login: { ...login, ...Object.fromEntries(secrets) } }),
  };
  return { url, ...(Object.keys(access).length > 0 && { access }) };
}
