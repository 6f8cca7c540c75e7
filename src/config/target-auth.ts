/**
 * The `auth:` block of a target file: one bearer token for the load, the contracts and `${token}`.
 *   auth: { tokenFrom: env:SHOP_TOKEN }
 *   auth: { clientCredentials: { tokenUrl: …, clientId: gauntlet, clientSecret: file:/run/secrets/shop } }
 */
import type { z } from 'zod';
import type { TargetAuth } from '../core/target-auth.ts';
import { block, choice, isMap, oneOf, yesOrNo } from './forms.ts';
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

export function authOf(written: z.output<typeof authBlock>): TargetAuth {
  if ('tokenFrom' in written) return { kind: 'fixed', from: written.tokenFrom };
  const { scope, audience, ...given } = written.clientCredentials;
  return {
    kind: 'client-credentials',
    ...given,
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
  };
}
