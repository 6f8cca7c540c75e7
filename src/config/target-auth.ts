/**
 * The `auth:` block of a target file: one bearer token for the load, the contracts and `${token}`.
 *   auth: { tokenFrom: env:SHOP_TOKEN }
 *   auth: { clientCredentials: { tokenUrl: …, clientId: gauntlet, clientSecret: file:/run/secrets/shop } }
 */
import type { z } from 'zod';
import type { TargetAuth } from '../core/target-auth.ts';
import { block, choice, isMap, oneOf, yesOrNo } from './forms.ts';
import type { Problems } from './problems.ts';
import { accessOf, tls } from './target-tls.ts';
import { text } from './words/name.ts';
import { secretRef } from './words/reference.ts';
import { tokenUrl } from './words/token-url.ts';

const fixed = block({ tokenFrom: secretRef.describe('one token, which is not renewed') });

const clientCredentials = block({
  tokenUrl: tokenUrl.describe('the token endpoint of the authorization server'),
  clientId: text('the id of a client').describe('the client that Gauntlet is there'),
  clientSecret: secretRef,
  scope: text('scopes with blanks between them').optional().describe('default: what the server grants'),
  audience: text('an audience').optional().describe('for servers that ask for one'),
  clientAuth: oneOf(['basic', 'post'], 'basic or post')
    .default('basic')
    .describe('how id and secret are sent: as basic auth, or in the body'),
  insecure: yesOrNo
    .default(false)
    .describe('allow the secret over plain http to another machine, such as inside a cluster'),
  tls: tls.optional(),
}).describe('tokens of OAuth 2.0 client credentials, renewed before they expire');

const renewed = block({ clientCredentials });

const EITHER = 'either tokenFrom or clientCredentials';

export const authBlock = choice({ fixed, renewed }, (value) => {
  // Never with the value, which may be the secret itself.
  if (!isMap(value)) return { expected: 'a map with tokenFrom or clientCredentials', got: 'something else' };
  const [hasFixed, hasRenewed] = [
    Object.hasOwn(value, 'tokenFrom'),
    Object.hasOwn(value, 'clientCredentials'),
  ];
  if (hasFixed && hasRenewed) return { expected: EITHER, got: 'both' };
  return hasRenewed ? 'renewed' : 'fixed';
}).describe('the bearer token of the requests; default: none is sent');

/** A key without effect: its author relies on it. */
export function checkAuth(written: unknown, problems: Problems): void {
  const client = isMap(written) && isMap(written['clientCredentials']) ? written['clientCredentials'] : {};
  if (client['tls'] === undefined || !String(client['tokenUrl'] ?? '').startsWith('http://')) return;
  const next = 'Begin tokenUrl with https://, or remove tls.';
  const path = ['auth', 'clientCredentials', 'tls'];
  problems.add(path, 'a tokenUrl that begins with https:// with it', { got: 'http://', next });
}

/** @param file of the target: paths are relative to it. */
export function authOf(written: z.output<typeof authBlock>, file: string): TargetAuth {
  if ('tokenFrom' in written) return { kind: 'fixed', from: written.tokenFrom };
  const { scope, audience, tls: said, ...given } = written.clientCredentials;
  return {
    kind: 'client-credentials',
    ...given,
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
    ...(said && { tls: accessOf(said === true ? {} : said, file) }),
  };
}
