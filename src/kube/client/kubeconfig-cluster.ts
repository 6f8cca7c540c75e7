/** One entry of `clusters` in a kubeconfig: every field that kubectl has, or a problem with its place. */
import { show } from '../../core/errors.ts';
import type { YamlNode } from '../../core/placed-yaml.ts';
import { fileField, textField } from './kubeconfig-field.ts';
import type { KubeconfigProblems } from './kubeconfig-problems.ts';

export interface KubeCluster {
  readonly name: string;
  /** `https://host:port`, without a trailing slash. */
  readonly server: string;
  /** An absolute path. */
  readonly caFile?: string;
  /** Base64 of PEM. */
  readonly caData?: string;
  readonly skipTLSVerify: boolean;
  readonly tlsServerName?: string;
  /** http, https or socks5. */
  readonly proxyUrl?: string;
}

/** `disable-compression` has no effect here: Gauntlet never requests compressed answers. */
const KEYS = [
  ...['server', 'certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'],
  ...['tls-server-name', 'proxy-url', 'disable-compression', 'extensions'],
];

export function readCluster(
  name: string,
  node: YamlNode,
  problems: KubeconfigProblems,
): KubeCluster | undefined {
  problems.onlyKeys(node, `cluster ${name}`, KEYS);
  const server = textField(node, 'server', problems);
  const caFile = fileField(node, 'certificate-authority', problems);
  const caData = textField(node, 'certificate-authority-data', problems);
  const tlsServerName = textField(node, 'tls-server-name', problems);
  const proxyUrl = textField(node, 'proxy-url', problems);
  const skip = node.entries.get('insecure-skip-tls-verify');
  const skipTLSVerify = skip?.value === true;
  if (skip && typeof skip.value !== 'boolean' && skip.value !== null)
    problems.add(skip.place, {
      subject: 'insecure-skip-tls-verify',
      expected: 'true or false',
      got: show(skip.value),
    });
  const place = (node.entries.get('server') ?? node).place;
  // A fault is never sent unencrypted.
  if (server === undefined || !/^https:/.test(server) || !URL.canParse(server))
    problems.add(place, {
      subject: 'server',
      expected: 'an https URL',
      got: server === undefined ? 'nothing' : show(server),
    });
  if (proxyUrl !== undefined && !(/^(https?|socks5):/.test(proxyUrl) && URL.canParse(proxyUrl)))
    problems.add(node.entries.get('proxy-url')?.place ?? place, {
      subject: 'proxy-url',
      expected: 'a URL that begins with http:, https: or socks5:',
      got: 'another one',
    });
  if (caFile !== undefined && caData !== undefined)
    problems.add(node.place, {
      subject: `cluster ${name}`,
      expected: 'certificate-authority or certificate-authority-data',
      got: 'both',
    });
  if (skipTLSVerify && (caFile !== undefined || caData !== undefined))
    problems.add(skip?.place ?? node.place, {
      subject: 'insecure-skip-tls-verify',
      expected: 'either this or a certificate authority',
      got: 'both',
    });
  if (server === undefined) return undefined;
  return {
    name,
    server: server.replace(/\/+$/, ''),
    skipTLSVerify,
    ...(caFile !== undefined && { caFile }),
    ...(caData !== undefined && { caData }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(proxyUrl !== undefined && { proxyUrl }),
  };
}
