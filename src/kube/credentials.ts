/**
 * What a request needs to be let in: certificates, tokens, exec plugins, OIDC and the old cloud providers, by the
 * authenticators of @kubernetes/client-node. They are imported one by one: its index also loads 53 MB of generated calls
 * that nobody makes here, which alone takes 78 MB of memory.
 */
import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Authenticator } from '@kubernetes/client-node/dist/auth.js';
import { AzureAuth } from '@kubernetes/client-node/dist/azure_auth.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { GoogleCloudPlatformAuth } from '@kubernetes/client-node/dist/gcp_auth.js';
import { OpenIDConnectAuth } from '@kubernetes/client-node/dist/oidc_auth.js';
import type { ClusterAccess } from './kubeconfig.ts';

/** They keep what they were given until it expires: a plugin is not run for every request. */
const AUTHENTICATORS: readonly Authenticator[] = [
  new ExecAuth(),
  new FileAuth(),
  new OpenIDConnectAuth(),
  new GoogleCloudPlatformAuth(),
  new AzureAuth(),
];

/** Read anew for each request: files are rotated and tokens expire. @throws what a file or a plugin says. */
export async function credentials({ cluster, user }: ClusterAccess): Promise<RequestOptions> {
  const ca = material(cluster.caFile, cluster.caData);
  const cert = material(user.certFile, user.certData);
  const key = material(user.keyFile, user.keyData);
  const headers: Record<string, string> = {};
  if (user.impersonateUser != null) headers['Impersonate-User'] = user.impersonateUser;
  const options: RequestOptions = {
    headers,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(cluster.skipTLSVerify && { rejectUnauthorized: false }),
    ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
    ...(user.username && { auth: `${user.username}:${user.password ?? ''}` }),
  };
  await AUTHENTICATORS.find((one) => one.isAuthProvider(user))?.applyAuthentication(user, options);
  if (user.token) Object.assign(options.headers ?? {}, { Authorization: `Bearer ${user.token}` });
  return options;
}

/** Of a cluster behind a proxy, the agent that knows the way; undefined = no proxy. */
export async function proxyAgent(access: ClusterAccess): Promise<Agent | undefined> {
  if (!access.cluster.proxyUrl) return undefined;
  // Rare enough to pay for the whole client, which has the HTTP and SOCKS agents.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(access.cluster, access.user);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return typeof options.agent === 'object' ? options.agent : undefined;
}

function material(file: string | undefined, data: string | undefined): Buffer | undefined {
  if (file) return readFileSync(file);
  return data ? Buffer.from(data, 'base64') : undefined;
}
