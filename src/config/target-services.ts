/**
 * Where the services of a system are, in a target file: `services.<name>.address`, or the keys of older files
 * (`<service>: { url }`, `kafka: { brokers }`, `<group>: { <one>: address }`).
 */
import { z } from 'zod';
import type { Endpoint, Protocol, Service, System } from '../core/system.ts';
import type { AddressAt, Addresses } from '../core/topology.ts';
import { REGISTRY } from '../protocols/registry.ts';
import { block, choice, isMap, listOf, wholeNumber } from './forms.ts';
import type { Partly } from './partly.ts';
import { anyLogin, loginIn, loginPart } from './target-logins.ts';
import { overrideParts } from './target-overrides.ts';
import { isNodes, nodesForm, nodesForms, nodesOf, redisAddress } from './target-redis.ts';
import { anyRegistry, registryPart } from './target-registry.ts';
import { tlsOf } from './target-tls.ts';
import { address, httpUrl, redisUrl } from './words/address.ts';

const LARGEST_ID = 2 ** 31 - 1;
const BROKERS = 'a list of addresses such as ["127.0.0.1:9092"]';

const numbered = block({
  id: wholeNumber(0, LARGEST_ID, `a broker id from 0 to ${LARGEST_ID}`).describe("the broker's own id"),
  address: address.describe('its address for clients'),
  controller: address.optional().describe('its CONTROLLER listener, asked for the active controller'),
});
const broker = choice({ plain: address, numbered }, (value) => (isMap(value) ? 'numbered' : 'plain'));
const brokers = listOf(broker, BROKERS, 1).describe(
  'addresses, numbered from 1 in their order, or each with its own id',
);

/** Of every other protocol `host:port`. */
const URLS: Readonly<Record<string, z.ZodType>> = { http: httpUrl, redis: redisAddress };

const addressFor = (protocol: Protocol): z.ZodType =>
  protocol === 'kafka' ? brokers : (URLS[protocol] ?? address);

/** One address, of the main endpoint; or a map with one for each protocol. */
function addressOfService({ name, endpoints: [main, ...others] }: Service): z.ZodType {
  if (main === undefined) return z.never({ error: `no address: ${name} has no endpoint` });
  const mainForm = addressFor(main.protocol);
  if (others.length === 0) return mainForm;
  const each = block(
    Object.fromEntries([main, ...others].map(({ protocol }) => [protocol, addressFor(protocol).optional()])),
  );
  return choice({ main: mainForm, each }, (value) => (isMap(value) && !isNodes(value) ? 'each' : 'main'));
}

const WHERE = 'where its services are, by name, and what differs from the system there; a name may end in *';

/**
 * The block `services` of one system: only its names.
 * @param patterns what keys that end in `*` may say.
 */
export function addressParts(
  system: System,
  patterns: Readonly<Record<string, z.ZodType>> = {},
): z.ZodType<WrittenServices | undefined> {
  const parts = system.services.map((service) => [
    service.name,
    block({
      address: addressOfService(service).optional(),
      ...loginPart(service),
      ...registryPart(service),
      ...overrideParts,
    }).optional(),
  ]);
  return block({ ...(Object.fromEntries(parts) as Record<string, z.ZodOptional<z.ZodType>>), ...patterns })
    .optional()
    .describe(WHERE) as z.ZodType<WrittenServices | undefined>;
}

/** The same of any system, for editors, which do not know which one it is. */
export function anyAddressParts(): z.ZodType<WrittenServices | undefined> {
  const each = block(Object.fromEntries(REGISTRY.map(({ name }) => [name, addressFor(name).optional()])));
  const written = choice(
    { one: z.union([httpUrl, redisUrl, address]), ...nodesForms, brokers, each },
    (value) =>
      isNodes(value) ? nodesForm(value) : isMap(value) ? 'each' : Array.isArray(value) ? 'brokers' : 'one',
  ).describe(
    'where it is reached: an address, a list of brokers, nodes of a Redis, or one for each protocol',
  );
  return z
    .record(
      z.string(),
      block({ address: written.optional(), login: anyLogin, registry: anyRegistry, ...overrideParts }),
    )
    .optional()
    .describe(WHERE) as z.ZodType<WrittenServices | undefined>;
}

export type WrittenServices = Readonly<
  Record<
    string,
    { readonly address?: unknown; readonly find?: unknown; readonly restart?: unknown } | undefined
  >
>;

/** The keys of files without `schema`. */
export function olderParts(system: System): Readonly<Record<string, z.ZodType>> {
  const parts: Record<string, z.ZodType> = {};
  const groups = new Map<string, Record<string, z.ZodType>>();
  for (const { name, endpoints, formerly } of system.services) {
    const [main] = endpoints;
    if (main === undefined) continue;
    const [group, one] = formerly?.split('.') ?? [];
    if (group !== undefined && one !== undefined)
      groups.set(group, { ...groups.get(group), [one]: addressFor(main.protocol).optional() });
    else parts[name] = olderForm(main).optional().describe(`the address of ${name}`);
  }
  for (const [group, ones] of groups)
    parts[group] = block(ones).optional().describe(`the address of each of the ${group}`);
  return parts;
}

function olderForm({ protocol }: Endpoint): z.ZodType {
  if (protocol === 'kafka') return block({ brokers });
  if (protocol === 'redis') return block({ url: redisUrl });
  return protocol === 'http' ? block({ url: addressFor(protocol) }) : addressFor(protocol);
}

export interface Written {
  /** Of the address, in its file. */
  readonly path: readonly (string | number)[];
  readonly service: string;
  readonly protocol: Protocol;
  readonly value: unknown;
}

/** Every address of a file, whichever way it is written. */
export function writtenAddresses(
  target: Partly<Record<string, unknown>>,
  system: System,
): readonly Written[] {
  const read = target as Readonly<Record<string, unknown>>;
  return system.services.flatMap(({ name, endpoints, formerly }): Written[] => {
    const [main] = endpoints;
    if (main === undefined) return [];
    const now = valueAt(read, ['services', name, 'address']);
    if (isMap(now) && !isNodes(now))
      return endpoints.flatMap(({ protocol }) =>
        now[protocol] === undefined
          ? []
          : [
              {
                path: ['services', name, 'address', protocol],
                service: name,
                protocol,
                value: now[protocol],
              },
            ],
      );
    const places: (readonly string[])[] = [
      ['services', name, 'address'],
      formerly?.split('.') ?? [name, ...olderKey(main.protocol)],
    ];
    const path = places.find((one) => valueAt(read, one) !== undefined);
    return path === undefined
      ? []
      : [{ path, service: name, protocol: main.protocol, value: valueAt(read, path) }];
  });
}

const olderKey = (protocol: Protocol): readonly string[] =>
  protocol === 'kafka' ? ['brokers'] : protocol === 'http' || protocol === 'redis' ? ['url'] : [];

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    value,
  );
}

export interface Broker {
  readonly id: number;
  readonly client: string;
  readonly controller?: string;
}

/** Plain addresses are numbered from 1 in their order. Omits those that could not be read. */
export function numberedBrokers(list: unknown): readonly (Broker & { readonly index: number })[] {
  if (!Array.isArray(list)) return [];
  return (list as (string | Partly<z.output<typeof numbered>> | undefined)[]).flatMap((one, index) => {
    if (typeof one === 'string') return [{ id: index + 1, client: one, index }];
    if (one?.id === undefined || one.address === undefined) return [];
    const { id, address: client, controller } = one;
    return [{ id, client, ...(controller !== undefined && { controller }), index }];
  });
}

/** @param file of the target: paths of keys, certificates and secrets are relative to it. */
export function addressesOf(
  target: Partly<Record<string, unknown>>,
  system: System,
  file: string,
): Addresses {
  const found: Record<string, Partial<Record<Protocol, readonly AddressAt[]>>> = {};
  for (const { service, protocol, value } of writtenAddresses(target, system)) {
    const access = (address: string) => accessIn(target, system, { service, protocol, address }, file);
    const at: readonly AddressAt[] =
      protocol === 'kafka'
        ? numberedBrokers(value).map(({ id, client, controller }) => ({
            ...{ id, address: client },
            ...(controller !== undefined && { controller }),
            ...access(client),
          }))
        : [placeOf(value, access, file)];
    found[service] = { ...found[service], [protocol]: at };
  }
  return found;
}

function placeOf(
  value: unknown,
  access: (address: string) => Pick<AddressAt, 'access'>,
  file: string,
): AddressAt {
  const own = access(String(value));
  return { ...(nodesOf(value, own.access, file) ?? { address: String(value) }), ...own };
}

function accessIn(
  target: unknown,
  { services }: System,
  at: { readonly service: string; readonly protocol: Protocol; readonly address: string },
  file: string,
): Pick<AddressAt, 'access'> {
  const named = services.find((one) => one.name === at.service);
  const login = named && loginIn(target, named, at.protocol, file);
  const tls = tlsOf(at, valueAt(target, ['services']), file);
  if (login === undefined && tls === undefined) return {};
  return { access: { ...(tls && { tls }), ...(login && { login }) } };
}
