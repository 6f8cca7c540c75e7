/**
 * One entry of `users` in a kubeconfig: every field that kubectl has, or a problem with its place. A silently
 * ignored field would give the user another identity, with other permissions.
 */

import type { YamlNode } from '../../core/placed-yaml.ts';
import { type ExecPlugin, readExecPlugin } from './exec-plugin-config.ts';
import { fileField, textField, textsField } from './kubeconfig-field.ts';
import type { KubeconfigProblems } from './kubeconfig-problems.ts';

export interface KubeUser {
  readonly name: string;
  readonly certFile?: string;
  /** Base64 of PEM, like all `Data` fields. */
  readonly certData?: string;
  readonly keyFile?: string;
  readonly keyData?: string;
  readonly token?: string;
  /** An absolute path; it is read again for each request, and precedes `token`, as in kubectl. */
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly impersonate?: Impersonation;
  readonly exec?: ExecPlugin;
  readonly authProvider?: AuthProvider;
}

/** The identity to impersonate: `as`, `as-uid`, `as-groups`, `as-user-extra`. */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** From before exec plugins; kubectl itself has only oidc left. */
export interface AuthProvider {
  readonly name: (typeof PROVIDERS)[number];
  readonly config: Readonly<Record<string, string>>;
}

const PROVIDERS = ['oidc', 'gcp', 'azure'] as const;
const KEYS = [
  ...['client-certificate', 'client-certificate-data', 'client-key', 'client-key-data'],
  ...['token', 'tokenFile', 'username', 'password', 'as', 'as-uid', 'as-groups', 'as-user-extra'],
  ...['exec', 'auth-provider', 'extensions'],
];

export function readUser(name: string, node: YamlNode, problems: KubeconfigProblems): KubeUser | undefined {
  problems.onlyKeys(node, `user ${name}`, KEYS);
  const text = (key: string): string | undefined => textField(node, key, problems);
  const file = (key: string): string | undefined => fileField(node, key, problems);
  const found = {
    certFile: file('client-certificate'),
    certData: text('client-certificate-data'),
    keyFile: file('client-key'),
    keyData: text('client-key-data'),
    token: text('token'),
    tokenFile: file('tokenFile'),
    username: text('username'),
    password: text('password'),
    impersonate: readImpersonation(node, problems),
    exec: readExecPlugin(node, problems),
    authProvider: readProvider(node, problems),
  };
  const tokens = [found.token, found.tokenFile].filter((one) => one !== undefined);
  const either = (wanted: string, ...sides: readonly boolean[]): void => {
    if (sides.filter(Boolean).length < 2) return;
    problems.add(node.place, { subject: `user ${name}`, expected: wanted, got: 'both' });
  };
  const has = (value: unknown): boolean => value !== undefined;
  either('client-certificate or client-certificate-data', has(found.certFile), has(found.certData));
  either('client-key or client-key-data', has(found.keyFile), has(found.keyData));
  either('a token or username and password', tokens.length > 0, has(found.username) || has(found.password));
  either('exec or auth-provider', has(found.exec), has(found.authProvider));
  if ((has(found.certFile) || has(found.certData)) !== (has(found.keyFile) || has(found.keyData)))
    problems.add(node.place, {
      subject: `user ${name}`,
      expected: 'a client certificate with its key',
      got: 'one of them',
    });
  if (found.token !== undefined && !isHeaderToken(found.token))
    problems.add(node.entries.get('token')?.place ?? node.place, {
      subject: 'token',
      expected: 'visible ASCII without blanks, as a header requires',
      got: 'something else (not shown)',
    });
  return Object.assign({ name }, Object.fromEntries(Object.entries(found).filter(([, value]) => has(value))));
}

/** Node's own error would contain the token. */
export const isHeaderToken = (token: string): boolean => /^[\x21-\x7e]+$/.test(token);

function readImpersonation(node: YamlNode, problems: KubeconfigProblems): Impersonation | undefined {
  const user = textField(node, 'as', problems);
  const uid = textField(node, 'as-uid', problems);
  const groups = textsField(node, 'as-groups', problems);
  const extra: Record<string, readonly string[]> = {};
  const block = node.entries.get('as-user-extra');
  for (const key of block?.entries.keys() ?? []) if (block) extra[key] = textsField(block, key, problems);
  if (user !== undefined) return { user, groups, extra, ...(uid !== undefined && { uid }) };
  if (uid === undefined && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
  const written =
    ['as-uid', 'as-groups', 'as-user-extra'].find((key) => node.entries.has(key)) ?? 'as-groups';
  const place = node.entries.get(written)?.place ?? node.place;
  return problems.add(place, { subject: written, expected: 'a user to impersonate (as)', got: 'none' });
}

function readProvider(node: YamlNode, problems: KubeconfigProblems): AuthProvider | undefined {
  const block = node.entries.get('auth-provider');
  if (!block || block.value === null) return undefined;
  problems.onlyKeys(block, 'auth-provider key', ['name', 'config']);
  const name = textField(block, 'name', problems);
  const known = PROVIDERS.find((one) => one === name);
  const config = block.entries.get('config');
  if (known === undefined) {
    const place = (block.entries.get('name') ?? block).place;
    return problems.add(place, {
      subject: 'auth-provider',
      expected: `one of ${PROVIDERS.join(', ')}`,
      got: name ?? 'nothing',
      next: 'Use an exec plugin.',
    });
  }
  const entries = [...(config?.entries.keys() ?? [])].flatMap((key) => {
    const value = config && textField(config, key, problems);
    return value === undefined ? [] : [[key, value] as const];
  });
  return { name: known, config: Object.fromEntries(entries) };
}
