/** The `kubernetes` block of a target file: which cluster, and which pods make up which service. */
import { dirname, resolve } from 'node:path';
import type { KubernetesHandle, KubernetesNetwork, PodSelector } from '../core/acts/kubernetes-handle.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { Parsed } from '../core/units.ts';
import { PROTECTED_NAMESPACES } from '../kube/guard/guard.ts';
import { parseText, type YamlNode, type YamlProblems } from '../system/yaml-reader.ts';
import { readBackend } from './chaos-mesh-choice.ts';

const KEYS = [
  ...['context', 'kubeconfig', 'cluster', 'services', 'journal'],
  ...['network', 'agent', 'proxy', 'backend', 'probesFrom', 'crossedBy'],
];
const NETWORKS = ['agent', 'network-policy'] as const;
const SERVICES_EXPECTED =
  'at least one service, such as gateway: { namespace: neural-hive, selector: "app.kubernetes.io/name=gateway" }';

/** `kubeconfig` null: that of the caller (KUBECONFIG or ~/.kube/config), as kubectl does. */
export type KubernetesBlock = Omit<KubernetesHandle, 'kubeconfig'> & { readonly kubeconfig: string | null };

/**
 * Undefined when it cannot be used; every reason is among the problems then.
 * @param probed the parts of the target that have an address, as probes are called.
 */
export function readKubernetes(
  node: YamlNode,
  probed: readonly string[],
  problems: YamlProblems,
): KubernetesBlock | undefined {
  if (node.kind !== 'map') {
    const expected = `a map with ${KEYS.join(', ')}`;
    return problems.add(node.place, { subject: 'kubernetes', expected, got: show(node.value) });
  }
  problems.onlyKeys(node, 'kubernetes key', KEYS);
  const context = problems.read(node, 'context', parseContext);
  const path = node.entries.has('kubeconfig') ? problems.read(node, 'kubeconfig', parseText) : undefined;
  const cluster = node.entries.has('cluster') ? problems.read(node, 'cluster', parseCluster) : undefined;
  const services = readServices(node, problems);
  const journal = readJournal(node, problems);
  const chaosMesh = readBackend(node, services ?? {}, probed, problems);
  const network = readNetwork(node, problems);
  for (const key of chaosMesh ? ['network', 'proxy'] : []) {
    const written = node.entries.get(key);
    const expected = `either backend: chaos-mesh or ${key}`;
    if (written) problems.add(written.place, { subject: `kubernetes.${key}`, expected, got: 'both' });
  }
  if (context === undefined || services === undefined || journal === undefined) return undefined;
  // Beside the target file, wherever the command is called from.
  const kubeconfig = path === undefined ? null : resolve(dirname(node.place.file), path);
  const means = {
    ...(cluster !== undefined && { cluster }),
    ...(chaosMesh && { chaosMesh }),
    ...(network && { network }),
  };
  return { context, kubeconfig, services, ...journal, ...means };
}

/** `journal: { namespace }`: empty without one, undefined when it cannot be used. */
function readJournal(
  node: YamlNode,
  problems: YamlProblems,
): Pick<KubernetesHandle, 'journalNamespace'> | undefined {
  const block = node.entries.get('journal');
  if (!block) return {};
  if (block.kind !== 'map') {
    const problem = { subject: 'journal', expected: 'a map with namespace', got: show(block.value) };
    return problems.add(block.place, problem);
  }
  problems.onlyKeys(block, 'journal key', ['namespace']);
  const found = problems.read(block, 'namespace', parseJournalNamespace);
  return found === undefined ? undefined : { journalNamespace: found };
}

/** Undefined when nothing is written of it, or something wrong. */
function readNetwork(node: YamlNode, problems: YamlProblems): KubernetesNetwork | undefined {
  const isWritten = ['network', 'agent', 'proxy'].some((key) => node.entries.has(key));
  const by = node.entries.has('network') ? problems.read(node, 'network', parseNetwork) : 'agent';
  const image = readImage(node, 'agent', problems);
  const proxyImage = readImage(node, 'proxy', problems);
  if (!isWritten || by === undefined) return undefined;
  return { by, ...(image !== undefined && { image }), ...(proxyImage !== undefined && { proxyImage }) };
}

/** `agent: { image: ... }`; undefined when it is not written, or wrong. */
function readImage(node: YamlNode, key: 'agent' | 'proxy', problems: YamlProblems): string | undefined {
  const block = node.entries.get(key);
  if (block === undefined) return undefined;
  if (block.kind === 'map') {
    problems.onlyKeys(block, `kubernetes.${key} key`, ['image']);
    return problems.read(block, 'image', parseText);
  }
  const problem = { subject: `kubernetes.${key}`, expected: 'a map with image', got: show(block.value) };
  return problems.add(block.place, problem);
}

const parseNetwork = (value: unknown): Parsed<KubernetesNetwork['by']> => {
  const found = NETWORKS.find((one) => one === value);
  return found
    ? { ok: true, value: found }
    : { ok: false, expected: `one of ${NETWORKS.join(', ')}`, ...didYouMean(String(value), NETWORKS) };
};

function readServices(node: YamlNode, problems: YamlProblems): Record<string, PodSelector> | undefined {
  const list = node.entries.get('services');
  if (list?.kind !== 'map' || list.entries.size === 0) {
    const got = list ? show(list.value) : 'nothing';
    const problem = { subject: 'kubernetes.services', expected: SERVICES_EXPECTED, got };
    return problems.add((list ?? node).place, problem);
  }
  const found: Record<string, PodSelector> = {};
  for (const [service, one] of list.entries) {
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(service)) {
      const expected = 'the name of a service: lower-case letters, digits and dashes';
      problems.add(one.place, { subject: 'kubernetes.services', expected, got: show(service) });
      continue;
    }
    if (one.kind !== 'map') {
      const problem = { subject: service, expected: 'a map with namespace, selector', got: show(one.value) };
      problems.add(one.place, problem);
      continue;
    }
    problems.onlyKeys(one, `${service} key`, ['namespace', 'selector', 'replacedBy']);
    const namespace = problems.read(one, 'namespace', parseNamespace);
    const selector = problems.read(one, 'selector', parseSelector);
    const isReplaced = one.entries.has('replacedBy');
    const replacedBy = isReplaced ? problems.read(one, 'replacedBy', parseKind) : undefined;
    if (namespace !== undefined && selector !== undefined)
      found[service] = { namespace, selector, ...(replacedBy !== undefined && { replacedBy }) };
  }
  return found;
}

/** Never the current context of whoever calls: a fault must not follow a `kubectl config use-context`. */
const parseContext = (value: unknown): Parsed<string> =>
  typeof value === 'string' && value !== ''
    ? { ok: true, value }
    : { ok: false, expected: 'the name of a context of the kubeconfig (there is no default)' };

const parseCluster = (value: unknown): Parsed<string> =>
  typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
    ? { ok: true, value }
    : {
        ok: false,
        expected:
          "the uid of the cluster's namespace kube-system (kubectl get namespace kube-system -o jsonpath='{.metadata.uid}')",
      };

/** RFC 1123 label. */
const parseNamespace = (value: unknown): Parsed<string> =>
  typeof value === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)
    ? { ok: true, value }
    : { ok: false, expected: 'the name of a namespace' };

/** As the API spells kinds. */
const parseKind = (value: unknown): Parsed<string> =>
  typeof value === 'string' && /^[A-Z][A-Za-z0-9]{0,62}$/.test(value)
    ? { ok: true, value }
    : { ok: false, expected: 'the kind of the controller that makes new pods, such as StrimziPodSet' };

/** Not even a journal is written to what holds the cluster together. */
function parseJournalNamespace(value: unknown): Parsed<string> {
  const parsed = parseNamespace(value);
  if (!parsed.ok || !PROTECTED_NAMESPACES.includes(parsed.value)) return parsed;
  return { ok: false, expected: `a namespace that is not protected (${PROTECTED_NAMESPACES.join(', ')})` };
}

/** An empty selector would mean every pod of the namespace. */
const parseSelector = (value: unknown): Parsed<string> =>
  typeof value === 'string' && value.trim() !== ''
    ? { ok: true, value: value.trim() }
    : {
        ok: false,
        expected: 'a label selector such as app.kubernetes.io/name=gateway (as in kubectl get pods -l)',
      };
