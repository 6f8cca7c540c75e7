/**
 * The credentials of a request: certificates, tokens, exec plugins, impersonation; OIDC and the old cloud
 * providers through the authenticators of @kubernetes/client-node. They are imported one by one: its index
 * also loads 53 MB of generated calls that are not used here, which alone takes 78 MB of memory.
 */
import { readFileSync } from 'node:fs';
import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Authenticator } from '@kubernetes/client-node/dist/auth.js';
import { AzureAuth } from '@kubernetes/client-node/dist/azure_auth.js';
import { GoogleCloudPlatformAuth } from '@kubernetes/client-node/dist/gcp_auth.js';
import { OpenIDConnectAuth } from '@kubernetes/client-node/dist/oidc_auth.js';
import { keepSecret } from '../../core/secrets.ts';
import { execCredential } from './exec-plugin.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { type AuthProvider, type Impersonation, isHeaderToken, type KubeUser } from './kubeconfig-user.ts';

/** One for each user: they keep their credentials until these expire. */
const providers = new WeakMap<KubeUser, Authenticator>();
const PROVIDERS: Readonly<Record<AuthProvider['name'], new () => Authenticator>> = {
  oidc: OpenIDConnectAuth,
  gcp: GoogleCloudPlatformAuth,
  azure: AzureAuth,
};

/**
 * Read again for each request: files are rotated and tokens expire. Sends what kubectl would send, in its
 * order: a token file, a token, name and password, then a plugin or provider.
 * @throws the error of a file or a plugin, with how to fix it; nothing is sent without the credentials that
 * the kubeconfig names.
 */
export async function credentials(access: ClusterAccess): Promise<RequestOptions> {
  const { cluster, user } = access;
  await access.before?.();
  const ca = material(cluster.caFile, cluster.caData);
  const plugin = user.exec && (await execCredential(access, user.exec));
  const cert = material(user.certFile, user.certData) ?? plugin?.certificate;
  const key = material(user.keyFile, user.keyData) ?? plugin?.key;
  const authorization =
    bearer(user.tokenFile === undefined ? user.token : readFileSync(user.tokenFile, 'utf8').trim()) ??
    basic(user) ??
    bearer(plugin?.token) ??
    (user.authProvider && (await provided(user, user.authProvider)));
  return {
    headers: {
      ...(authorization !== undefined && { Authorization: authorization }),
      ...impersonation(user.impersonate),
    },
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(cluster.skipTLSVerify && { rejectUnauthorized: false }),
    ...(cluster.tlsServerName !== undefined && { servername: cluster.tlsServerName }),
  };
}

/** Node's own error for a header would contain the token. */
function bearer(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  keepSecret('token of the kubeconfig', token);
  if (isHeaderToken(token)) return `Bearer ${token}`;
  throw new Error('the token is empty or contains characters that a header cannot hold (not shown)');
}

function basic({ username, password }: KubeUser): string | undefined {
  if (username === undefined && password === undefined) return undefined;
  if (password !== undefined) keepSecret('password of the kubeconfig', password);
  return `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`;
}

async function provided(user: KubeUser, { name, config }: AuthProvider): Promise<string> {
  const known = providers.get(user) ?? new PROVIDERS[name]();
  providers.set(user, known);
  const options: RequestOptions & { headers: OutgoingHttpHeaders } = { headers: {} };
  // They write renewed tokens into it.
  const theirs = { name: user.name, authProvider: { name, config: { ...config } } };
  await known.applyAuthentication(theirs, options);
  const found = options.headers['Authorization'];
  if (typeof found === 'string') return found;
  throw new Error(`auth-provider ${name} gave no token: log in again, or use an exec plugin`);
}

/**
 * Header names contain only these characters (RFC 9110, token); the rest is percent-encoded, as in client-go.
 */
const extraName = (key: string): string =>
  [...Buffer.from(key.toLowerCase())]
    .map((byte) => [byte, String.fromCharCode(byte)] as const)
    .map(([byte, sign]) =>
      /[a-z0-9!#$&'*+.^_`|~-]/.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

function impersonation(given: Impersonation | undefined): OutgoingHttpHeaders {
  if (given === undefined) return {};
  const { user, uid, groups, extra } = given;
  return {
    'Impersonate-User': user,
    ...(uid !== undefined && { 'Impersonate-Uid': uid }),
    ...(groups.length > 0 && { 'Impersonate-Group': [...groups] }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`Impersonate-Extra-${extraName(key)}`, [...values]]),
    ),
  };
}

/** For a cluster behind a proxy, the proxy's agent; undefined = no proxy. */
export async function proxyAgent({ cluster }: ClusterAccess): Promise<Agent | undefined> {
  if (cluster.proxyUrl === undefined) return undefined;
  // Rare enough to load the whole client, which has the HTTP and SOCKS agents.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  // Without the user: credentials are ours, and its plugin must not run a second time.
  config.loadFromClusterAndUser({ ...cluster, name: 'c' }, { name: 'u' });
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return typeof options.agent === 'object' ? options.agent : undefined;
}

function material(file: string | undefined, data: string | undefined): Buffer | undefined {
  if (file !== undefined) return readFileSync(file);
  return data === undefined ? undefined : Buffer.from(data, 'base64');
}
