/** How load and questions get their bearer token at a target, as its file says: secrets are references. */
import { type SecretRef, writeRef } from './receivers.ts';

export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: SecretRef;
  readonly scope?: string;
  readonly audience?: string;
  /** Id and secret as basic auth (RFC 6749 §2.3.1), or in the body. */
  readonly clientAuth: 'basic' | 'post';
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
export const sayAuth = (auth: TargetAuth): string =>
  auth.kind === 'fixed'
    ? `${writeRef(auth.from)}, fixed`
    : `client credentials of ${auth.clientId} at ${endpointOf(auth)}, renewed before it expires`;
