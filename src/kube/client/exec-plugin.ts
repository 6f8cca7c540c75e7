/**
 * Runs the exec plugin of a kubeconfig for credentials, as kubectl does: at most once until they expire or
 * the API server answers 401. @kubernetes/client-node would run it for each request when it reports no
 * expiry.
 */
import { spawn } from 'node:child_process';
import { messageOf } from '../../core/errors.ts';
import { readBody } from '../../system/bounded-body.ts';
import { ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import type { ExecPlugin } from './exec-plugin-config.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import type { KubeUser } from './kubeconfig-user.ts';

export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly certificate?: string;
  readonly key?: string;
  /** ms since 1970; Infinity = it reported none. */
  readonly expiresAt: number;
}

/** A browser login takes a person some time; without a limit a run would hang on it. */
const TIMEOUT_MS = 120_000;
/** Bytes of its stderr. */
const WORDS = 500;

/** By user: two contexts with one login share it. */
const kept = new WeakMap<KubeUser, Promise<ExecCredential>>();

/** @throws Error with the plugin's own message; then the next call asks again. */
export async function execCredential(access: ClusterAccess, plugin: ExecPlugin): Promise<ExecCredential> {
  const before = await kept.get(access.user)?.catch(() => undefined);
  if (before !== undefined && before.expiresAt > Date.now()) return before;
  const asked = ask(access, plugin);
  kept.set(access.user, asked);
  try {
    return await asked;
  } catch (error) {
    kept.delete(access.user);
    throw error;
  }
}

/** The API server rejected it. */
export const forgetExecCredential = (access: ClusterAccess): void => void kept.delete(access.user);

async function ask({ server, cluster }: ClusterAccess, plugin: ExecPlugin): Promise<ExecCredential> {
  const { apiVersion, command, args, env, installHint, provideClusterInfo } = plugin;
  const about = {
    server,
    ...(cluster.caData !== undefined && { 'certificate-authority-data': cluster.caData }),
    ...(cluster.tlsServerName !== undefined && { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.proxyUrl !== undefined && { 'proxy-url': cluster.proxyUrl }),
    ...(cluster.skipTLSVerify && { 'insecure-skip-tls-verify': true }),
  };
  const spec = { interactive: false, ...(provideClusterInfo && { cluster: about }) };
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  const text = await outputOf(command, args, { ...env, KUBERNETES_EXEC_INFO: info }).catch((error) => {
    const hint = installHint === undefined ? '' : ` ${installHint.trim()}`;
    throw new Error(`exec plugin ${command}: ${messageOf(error)}${hint}`, { cause: error });
  });
  return credentialIn(text, command, apiVersion);
}

/** None of its output is shown: it is a secret. */
function credentialIn(text: string, command: string, apiVersion: string): ExecCredential {
  let answer: {
    readonly kind?: unknown;
    readonly apiVersion?: unknown;
    readonly status?: Record<string, unknown>;
  };
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`exec plugin ${command}: it printed text that is not JSON`);
  }
  if (answer?.kind !== 'ExecCredential' || answer.apiVersion !== apiVersion)
    throw new Error(`exec plugin ${command}: it printed no ExecCredential of ${apiVersion}`);
  const word = (key: string): string | undefined => {
    const value = answer.status?.[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [token, certificate, key] = [word('token'), word('clientCertificateData'), word('clientKeyData')];
  if ((certificate === undefined) !== (key === undefined) || (token ?? certificate) === undefined)
    throw new Error(`exec plugin ${command}: it gave neither a token nor a certificate with its key`);
  const expiry = word('expirationTimestamp');
  const expiresAt = expiry === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiry);
  return {
    expiresAt: Number.isNaN(expiresAt) ? 0 : expiresAt,
    ...(token !== undefined && { token }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  };
}

/**
 * Through env(1): it gets the caller's environment, as from kubectl, because its own login may depend on it.
 */
function outputOf(command: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const child = spawn('env', ['--', ...pairs, command, ...args], {
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout = readBody(child.stdout, ANSWER_BYTES);
    stdout.catch(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-WORDS);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const failure = new Error(`${signal ?? `exit code ${code}`}: ${stderr.trim() || 'no words'}`);
      stdout.then((text) => (code === 0 ? resolve(text) : reject(failure)), reject);
    });
  });
}
