/** How load and questions get their bearer token at a target, as its file says: secrets are references. */
import type { TlsAccess } from './access.ts';
import { type SecretRef, writeRef } from './receivers.ts';

export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: SecretRef;
  readonly scope?: string;
  readonly audience?: string;
  /** Id and secret as basic auth (RFC 6749 §2.3.1), or in the body. */
  readonly clientAuth: 'basic' | 'post';
  /** Absent: https with the authorities of this machine. */
  readonly tls?: TlsAccess;
  /** The secret may go over plain HTTP to another machine. */
  readonly insecure: boolean;
}

export type TargetAuth =
  | { readonly kind: 'fixed'; readonly from: SecretRef }
  | ({ readonly kind: 'client-credentials' } & ClientCredentials);

/** The host of a token endpoint, for messages: a path may name a realm that is nobody's business. */
export const endpointOf = ({ tokenUrl }: Pick<ClientCredentials, 'tokenUrl'>): string =>
  new URL(tokenUrl).host;

/** For people: where the token comes from. */
export function sayAuth(auth: TargetAuth): string {
  if (auth.kind === 'fixed') return `${writeRef(auth.from)}, fixed`;
  const unchecked = auth.tls?.insecure === true ? '; ITS CERTIFICATE IS NOT CHECKED (tls.insecure)' : '';
  return `client credentials of ${auth.clientId} at ${endpointOf(auth)}, renewed before it expires${unchecked}`;
}
