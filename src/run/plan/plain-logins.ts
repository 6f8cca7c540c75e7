/**
 * Logins whose secret anybody on the way can read: without TLS, to another machine, and by a mechanism that
 * sends it.
 */
import type { Access } from '../../core/access.ts';
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

/** Of several servers that one address stands for, any will do; Sentinels have a login of their own. */
function isReadable(protocol: Protocol, { address, access, nodes }: AddressAt): boolean {
  if (nodes === undefined) return isSent(protocol, access, [address]);
  if (nodes.kind === 'cluster') return isSent(protocol, access, nodes.seeds);
  return [access, nodes.access].some((one) => isSent(protocol, one, nodes.sentinels));
}

function isSent(protocol: Protocol, access: Access | undefined, where: readonly string[]): boolean {
  const { login, tls } = access ?? {};
  if (login === undefined || tls !== undefined || !sendsSecret(protocol, login)) return false;
  return where.some((one) => !isLoopback(addressOf(one, 1).host));
}

/** PostgreSQL chooses by itself, and has not sent a password since version 14 unless it is told to. */
const sendsSecret = (protocol: Protocol, { mechanism }: Login): boolean =>
  protocol === 'redis' || mechanism === 'PLAIN' || mechanism === 'OAUTHBEARER';
