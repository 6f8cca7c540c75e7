/** One token of an authorization server, by OAuth 2.0 client credentials (RFC 6749 §4.4). */
import { plain } from '../../core/plain.ts';
import { keepSecret, redact } from '../../core/secrets.ts';
import type { ClientCredentials } from '../../core/target-auth.ts';
import { type Ms, ms } from '../../core/units.ts';
import { postForm } from '../../system/http/post-form.ts';
import { isHeaderValue } from './header-value.ts';

export interface Grant {
  readonly token: string;
  /** Since it was asked for, so at least as early as the server counts. */
  readonly lifetimeMs: Ms;
}

/** The endpoint answered, but with no token: what it said, and what helps. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal';
  /** Whether the same question may be answered otherwise later. */
  readonly mayPass: boolean;
  readonly next: string | undefined;

  constructor(text: string, { mayPass, next }: { readonly mayPass: boolean; readonly next?: string }) {
    super(text);
    this.mayPass = mayPass;
    this.next = next;
  }
}

/** Below this a token may expire between two looks at it. */
export const SHORTEST_LIFE_MS = ms(5000);
const ATTEMPT_MS = ms(5000);
const MOST_SIGNS = 200;

/** @throws TokenRefusal; NoAnswer; the signal's reason. */
export async function askForToken(
  client: ClientCredentials,
  clientSecret: string,
  signal: AbortSignal,
): Promise<Grant> {
  const { tokenUrl, clientId, scope, audience, clientAuth, tls } = client;
  const isBasic = clientAuth === 'basic';
  const { status, body } = await postForm(tokenUrl, {
    form: {
      grant_type: 'client_credentials',
      ...(scope !== undefined && { scope }),
      ...(audience !== undefined && { audience }),
      ...(!isBasic && { client_id: clientId, client_secret: clientSecret }),
    },
    headers: isBasic ? { authorization: basicOf(clientId, clientSecret) } : {},
    ...(tls && { tls }),
    timeoutMs: ATTEMPT_MS,
    signal,
  });
  const said = fieldsOf(body);
  if (status !== 200) throw refusalOf(status, said, body);
  const { access_token: token, token_type: type = 'Bearer', expires_in: seconds } = said;
  if (typeof token !== 'string' || token === '') throw odd('no access_token in its answer');
  keepSecret('token', token);
  if (!isHeaderValue(token)) throw odd('an access_token that no header can hold');
  if (String(type).toLowerCase() !== 'bearer')
    throw odd(`a token of type ${plain(String(type)).slice(0, 40)}`);
  const lifetimeMs = seconds === undefined ? lifeInside(token) : Number(seconds) * 1000;
  if (lifetimeMs === undefined || !Number.isFinite(lifetimeMs))
    throw odd('no expires_in in its answer, so nobody knows when to renew the token');
  if (lifetimeMs < SHORTEST_LIFE_MS)
    throw odd(
      `a token that lives ${lifetimeMs / 1000} s, and at least ${SHORTEST_LIFE_MS / 1000} s are needed`,
    );
  return { token, lifetimeMs: ms(lifetimeMs) };
}

/** Both parts are encoded as form values first: a colon in an id would end it. */
function basicOf(id: string, secret: string): string {
  const [first = '', second = ''] = [id, secret].map((one) =>
    new URLSearchParams({ a: one }).toString().slice(2),
  );
  const pair = Buffer.from(`${first}:${second}`).toString('base64');
  keepSecret('clientSecret', pair);
  return `Basic ${pair}`;
}

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** `error` and `error_description` are the names of RFC 6749 §5.2. */
function refusalOf(status: number, said: Readonly<Record<string, unknown>>, body: string): TokenRefusal {
  const named = [said['error'], said['error_description']].filter((one) => typeof one === 'string');
  // Redacted whole: a secret that is cut in two would not be found.
  const words = plain(redact(named.length > 0 ? named.join(': ') : body));
  const cut = words.length > MOST_SIGNS ? `${words.slice(0, MOST_SIGNS)}…` : words;
  const text = `HTTP ${status}${cut === '' ? '' : `: ${cut}`}`;
  if (status === 429 || status >= 500) return new TokenRefusal(text, { mayPass: true });
  const next =
    status >= 300 && status <= 399
      ? 'Write the address that it redirects to as tokenUrl.'
      : (HELPS[String(said['error'])] ?? (status === 404 ? 'Check the path of tokenUrl.' : undefined));
  return new TokenRefusal(text, { mayPass: false, ...(next !== undefined && { next }) });
}

const HELPS: Readonly<Record<string, string>> = {
  invalid_client: 'Check clientId and clientSecret; some servers want clientAuth: post.',
  unauthorized_client: 'Check clientId and clientSecret, and that the client may use client credentials.',
  invalid_scope: 'Check scope.',
  unsupported_grant_type: 'Check that tokenUrl is the token endpoint, and allows client credentials.',
};

const odd = (text: string): TokenRefusal =>
  new TokenRefusal(text, { mayPass: false, next: 'Check that tokenUrl is the token endpoint.' });

/** Of a JWT that says when it was made and when it expires; its signature is the target's business. */
function lifeInside(token: string): number | undefined {
  const [, payload = ''] = token.split('.');
  const { exp, iat } = fieldsOf(Buffer.from(payload, 'base64url').toString('utf8'));
  return typeof exp === 'number' && typeof iat === 'number' ? (exp - iat) * 1000 : undefined;
}
