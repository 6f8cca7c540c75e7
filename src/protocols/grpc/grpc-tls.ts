/** TLS of a channel: its credentials, and the name that it asks for. */
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { TlsAccess } from '../../core/access.ts';
import { addressOf } from '../../core/address.ts';
import { pemsOf, tlsOptions } from '../../system/tls/tls-options.ts';

/** @throws usage for a file of the access that cannot be read. */
export function grpcTls(
  tls: TlsAccess,
  address: string,
): { readonly credentials: ChannelCredentials; readonly options: Readonly<Record<string, string>> } {
  const { host } = addressOf(address);
  const { rejectUnauthorized = true, checkServerIdentity } = tlsOptions(tls, host);
  const { serverName = '' } = tls;
  return {
    credentials: credentials.createFromSecureContext(createSecureContext(pemsOf(tls)), {
      rejectUnauthorized,
      ...(checkServerIdentity && { checkServerIdentity }),
    }),
    options:
      serverName === '' || isIP(serverName) !== 0
        ? {}
        : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName },
  };
}
