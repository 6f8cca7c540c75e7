/**
 * `tls` of a service in a target file. `https://` and `rediss://` are TLS without it, with the authorities of
 * this machine; every other protocol is TLS where the key is there.
 */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { TlsAccess } from '../core/access.ts';
import type { SecretRef } from '../core/receivers.ts';
import type { Protocol } from '../core/system.ts';
import { block, choice, isMap, yesOrNo } from './forms.ts';
import { matching } from './name-pattern.ts';
import type { Problems } from './problems.ts';
import { text } from './words/name.ts';
import { pemRef } from './words/pem.ts';

const EXAMPLE = 'true, or a map such as { ca: tls/ca.pem }';
/** With a letter for TLS behind the plain one. */
const SCHEMES: Readonly<Partial<Record<Protocol, string>>> = { http: 'http', redis: 'redis' };

const details = block({
  ca: pemRef
    .optional()
    .describe('the authorities that are trusted, and no others; default: those of this machine'),
  cert: pemRef.optional().describe('our own certificate with its chain, for a server that requires one'),
  key: pemRef.optional().describe('the key of our own certificate'),
  serverName: text('the name of a host')
    .optional()
    .describe('the name that its certificate must have; default: the host of its address'),
  insecure: yesOrNo.optional().describe('its certificate is not checked; plan and report say so'),
});
type Details = z.output<typeof details>;

export const tls = choice({ on: z.literal(true, { error: EXAMPLE }), details }, (value) =>
  isMap(value) ? 'details' : 'on',
).describe('TLS of its addresses, true for all defaults; not needed for https:// and rediss://');

/** What is said of a service, by its name or a pattern, the longer one first. */
const saidOf = (services: unknown, name: string): readonly (readonly [string, true | Partial<Details>])[] =>
  Object.entries(isMap(services) ? services : {})
    .flatMap(([key, one]): [string, true | Partial<Details>][] => {
      const said = isMap(one) ? one['tls'] : undefined;
      const isSaid = said === true || isMap(said);
      return isSaid && matching(key, [name]).length > 0 ? [[key, said as true | Partial<Details>]] : [];
    })
    .sort(([a], [b]) => Number(a.endsWith('*')) - Number(b.endsWith('*')) || b.length - a.length);

/** Whether an address says itself that it is TLS, or plain. Null: it does not say, as a list of nodes. */
function schemeOf(protocol: Protocol, address: string): 'tls' | 'plain' | null {
  if (SCHEMES[protocol] === undefined || !address.includes('://')) return null;
  return /^(https|rediss):/i.test(address) ? 'tls' : 'plain';
}

/** Undefined: plain. @param folder of the target file. */
export function tlsOf(
  {
    service,
    protocol,
    address,
  }: { readonly service: string; readonly protocol: Protocol; readonly address: string },
  services: unknown,
  file: string,
): TlsAccess | undefined {
  const said = saidOf(services, service);
  const scheme = schemeOf(protocol, address);
  if (scheme === 'plain' || (scheme === null && said.length === 0)) return undefined;
  // Maps key by key, as every override of a target.
  const merged: Partial<Details> = Object.assign(
    {},
    ...said.map(([, one]) => (one === true ? {} : one)).reverse(),
  );
  return accessOf(merged, file);
}

/** @param file of the target: paths are relative to it. */
export function accessOf({ ca, cert, key, serverName, insecure }: Partial<Details>, file: string): TlsAccess {
  const found = (reference: SecretRef): SecretRef =>
    reference.from === 'env' ? reference : { from: 'file', name: resolve(dirname(file), reference.name) };
  return {
    ...(ca && { ca: found(ca) }),
    ...(cert && { cert: found(cert) }),
    ...(key && { key: found(key) }),
    ...(serverName !== undefined && { serverName }),
    ...(insecure === true && { insecure }),
  };
}

export interface WrittenAddress {
  readonly service: string;
  readonly protocol: Protocol;
  /** Of the address, in its file. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** A key without effect, and halves of a pair. */
export function checkTls(services: unknown, written: readonly WrittenAddress[], problems: Problems): void {
  for (const [name, one] of Object.entries(isMap(services) ? services : {})) {
    const said = isMap(one) ? one['tls'] : undefined;
    if (said === undefined || (said !== true && !isMap(said))) continue;
    const path = ['services', name, 'tls'];
    const meant = written.filter(({ service }) => matching(name, [service]).length > 0);
    const plain = meant.filter(({ protocol, value }) => schemeOf(protocol, String(value)) === 'plain');
    const [first] = plain;
    const isWritten = problems.file.valueAt(['services', name, 'address']) !== undefined;
    if (meant.length === 0 && !isWritten) {
      problems.add(path, 'an address with it', {
        got: 'none',
        next: `Write services.${name}.address, or remove tls.`,
      });
    } else if (first !== undefined && plain.length === meant.length) {
      const scheme = SCHEMES[first.protocol] ?? '';
      const next = `Begin the address with ${scheme}s://, or remove tls.`;
      problems.add(first.path, `an address that begins with ${scheme}s://, because of tls`, {
        got: `${scheme}://`,
        next,
      });
    }
    if (isMap(said)) checkPair(said, path, problems);
  }
}

export function checkPair(
  said: Readonly<Record<string, unknown>>,
  path: readonly string[],
  problems: Problems,
): void {
  for (const [one, other] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const) {
    if (
      problems.file.valueAt([...path, one]) === undefined ||
      problems.file.valueAt([...path, other]) !== undefined
    )
      continue;
    problems.add([...path, one], `${other} with it`, { got: `${one} alone`, next: `Add tls.${other}.` });
  }
  if (said['insecure'] === true && said['ca'] !== undefined)
    problems.add([...path, 'insecure'], 'either ca or insecure', {
      got: 'both',
      next: 'Remove insecure: with ca the certificate can be checked.',
    });
}
