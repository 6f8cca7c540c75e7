/**
 * Logins whose secret anybody on the way can read: without TLS, to another machine, and by a mechanism that
 * sends it.
 */
import { addressOf, isLoopback } from '../../core/address.ts';
import type { Login } from '../../core/login.ts';
import { hostOf, type SchemaRegistries } from '../../core/schema-registry.ts';
import type { Protocol } from '../../core/system.ts';
import type { AddressAt, Topology } from '../../core/topology.ts';

/** A sentence for each service, for plan and doctor. */
export const plainLogins = (
  topology: Topology | null,
  registries: SchemaRegistries = {},
): readonly string[] => [
  ...(topology?.services ?? []).flatMap(({ name, endpoints }) => {
    const plain = endpoints.flatMap(({ protocol, at }) => at.filter((one) => isReadable(protocol, one)));
    const [first] = plain;
    return first === undefined
      ? []
      : [
          `the secret of ${name} crosses the network unencrypted (${first.address}): set tls, or log in by a mechanism that ` +
            'does not send it',
        ];
  }),
  ...Object.entries(registries).flatMap(([name, at]) => {
    const isPlain = at.access?.login !== undefined && at.url.startsWith('http:');
    if (!isPlain || isLoopback(new URL(at.url).hostname.replace(/^\[|\]$/g, ''))) return [];
    return [
      `the secret of the registry of ${name} crosses the network unencrypted (${hostOf(at)}): begin its address with https://`,
    ];
  }),
];

function isReadable(protocol: Protocol, { address, access }: AddressAt): boolean {
  const { login, tls } = access ?? {};
  if (login === undefined || tls !== undefined || !sendsSecret(protocol, login)) return false;
  return !isLoopback(addressOf(address, 1).host);
}

/** PostgreSQL chooses by itself, and has not sent a password since version 14 unless it is told to. */
const sendsSecret = (protocol: Protocol, { mechanism }: Login): boolean =>
  protocol === 'redis' || mechanism === 'PLAIN' || mechanism === 'OAUTHBEARER';
