/** `exec` of a kubeconfig's user: the program that supplies credentials (client.authentication.k8s.io). */
import { dirname, resolve } from 'node:path';
import { show } from '../../core/errors.ts';
import type { YamlNode } from '../../core/placed-yaml.ts';
import { textField, textsField } from './kubeconfig-field.ts';
import type { KubeconfigProblems } from './kubeconfig-problems.ts';

export interface ExecPlugin {
  readonly apiVersion: string;
  /** A name on the PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A hint of its author, for when it is not installed. */
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
}

const GROUP = 'client.authentication.k8s.io';
const VERSIONS = ['v1', 'v1beta1'].map((version) => `${GROUP}/${version}`);
const KEYS = [
  ...['apiVersion', 'command', 'args', 'env', 'installHint', 'provideClusterInfo', 'interactiveMode'],
];

export function readExecPlugin(user: YamlNode, problems: KubeconfigProblems): ExecPlugin | undefined {
  const node = user.entries.get('exec');
  if (!node || node.value === null) return undefined;
  problems.onlyKeys(node, 'exec key', KEYS);
  const given = textField(node, 'command', problems);
  const apiVersion = textField(node, 'apiVersion', problems);
  const mode = textField(node, 'interactiveMode', problems);
  const installHint = textField(node, 'installHint', problems);
  const at = (key: string) => (node.entries.get(key) ?? node).place;
  if (given === undefined)
    return problems.add(node.place, { subject: 'exec.command', expected: 'a program', got: 'nothing' });
  if (apiVersion === undefined || !VERSIONS.includes(apiVersion))
    return problems.add(at('apiVersion'), {
      subject: 'exec.apiVersion',
      expected: `one of ${VERSIONS.join(', ')}`,
      got: show(apiVersion),
    });
  if (mode !== undefined && !['Never', 'IfAvailable'].includes(mode))
    return problems.add(at('interactiveMode'), {
      subject: 'exec.interactiveMode',
      expected: 'Never or IfAvailable: a run has no terminal to ask on',
      got: show(mode),
    });
  // As in kubectl: only a name without a slash is looked up on the PATH.
  const command = given.includes('/') ? resolve(dirname(node.place.file), given) : given;
  return {
    apiVersion,
    command,
    args: textsField(node, 'args', problems),
    env: readEnv(node, problems),
    provideClusterInfo: node.entries.get('provideClusterInfo')?.value === true,
    ...(installHint !== undefined && { installHint }),
  };
}

function readEnv(node: YamlNode, problems: KubeconfigProblems): Record<string, string> {
  const list = node.entries.get('env');
  const pairs = (list?.items ?? []).flatMap((item) => {
    const name = textField(item, 'name', problems);
    if (name !== undefined) return [[name, textField(item, 'value', problems) ?? ''] as const];
    problems.add(item.place, {
      subject: 'exec.env',
      expected: 'entries with name and value',
      got: 'one without a name',
    });
    return [];
  });
  return Object.fromEntries(pairs);
}
