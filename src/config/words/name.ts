/** Names: of campaigns and segments, of targets (which become file names), and those of Kubernetes. */
import { PROTECTED_NAMESPACES } from '../../core/acts/kubernetes-handle.ts';
import { textWord, word } from './word.ts';

/** Any text with at least one character. */
export const text = (expected = 'a text that is not empty', examples: readonly string[] = []) =>
  textWord({ description: expected, examples, expected, pattern: /\S/ });

export const campaignName = textWord({
  description: 'lower-case letters, digits and dashes',
  examples: ['demo'],
  expected: 'lower-case letters, digits and dashes',
  pattern: /^[a-z0-9][a-z0-9-]*$/,
});

export const segmentName = textWord({
  description: 'the name of a phase: lower-case letters, digits and dashes',
  examples: ['baseline', 'soak'],
  expected: 'lower-case letters, digits and dashes',
  pattern: /^[a-z][a-z0-9-]*$/,
});

/** It becomes part of file names (locks, run directories). */
export const targetName = textWord({
  id: 'target-name',
  description: 'lower-case letters, digits and dashes, at most 40 long',
  examples: ['staging'],
  expected: 'a name of lower-case letters, digits and dashes, at most 40 long',
  pattern: /^[a-z0-9][a-z0-9-]{0,39}$/,
});

/** RFC 1123 label. */
export const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const namespace = textWord({
  id: 'namespace',
  description: 'a namespace of Kubernetes',
  examples: ['shop'],
  expected: 'the name of a namespace',
  pattern: LABEL,
});

/** Not even a journal is written to a namespace that holds the cluster itself. */
export const journalNamespace = word<string>({
  description: 'a namespace that is not protected',
  examples: ['gauntlet'],
  expected: 'the name of a namespace',
  pattern: LABEL,
  read(name) {
    if (!LABEL.test(name)) return { ok: false, expected: 'the name of a namespace' };
    if (!PROTECTED_NAMESPACES.includes(name)) return { ok: true, value: name };
    return { ok: false, expected: `a namespace that is not protected (${PROTECTED_NAMESPACES.join(', ')})` };
  },
  write: (name) => name,
});

/** Never the caller's current context: a fault must not follow a `kubectl config use-context`. */
export const context = textWord({
  description: 'a context of the kubeconfig, or in-cluster for the account of the pod; there is no default',
  examples: ['staging', 'in-cluster'],
  expected: 'the name of a context of the kubeconfig (there is no default)',
  pattern: /[\s\S]/,
});

export const clusterUid = textWord({
  description: "the uid of the cluster's namespace kube-system; every other cluster is then refused",
  examples: ['6f1c0a52-6f1c-4f1c-8f1c-6f1c0a526f1c'],
  expected:
    "the uid of the cluster's namespace kube-system (kubectl get namespace kube-system -o jsonpath='{.metadata.uid}')",
  pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
});

const SELECTOR_EXPECTED = 'a label selector such as app.kubernetes.io/name=web (as in kubectl get pods -l)';

/** An empty selector would match every pod of the namespace. */
export const selector = word<string>({
  id: 'selector',
  description: 'a label selector, as in kubectl get pods -l',
  examples: ['app.kubernetes.io/name=web'],
  expected: SELECTOR_EXPECTED,
  pattern: /\S/,
  read: (written) =>
    written.trim() === '' ? { ok: false, expected: SELECTOR_EXPECTED } : { ok: true, value: written.trim() },
  write: (written) => written,
});

/** As the API spells kinds. */
export const controllerKind = textWord({
  description: 'the kind of a controller unknown to Gauntlet that creates new pods',
  examples: ['StrimziPodSet'],
  expected: 'the kind of the controller that creates new pods, such as StrimziPodSet',
  pattern: /^[A-Z][A-Za-z0-9]{0,62}$/,
});

const CLOCK = '(?:(?:[01]\\d|2[0-3]):[0-5]\\d|24:00)';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';

export const hours = textWord({
  id: 'hours',
  description: 'any, or hours in UTC',
  examples: ['any', '09:00-17:00', 'Mon-Fri 09:00-17:00'],
  expected: 'any, or hours in UTC such as 09:00-17:00 or Mon-Fri 09:00-17:00',
  pattern: new RegExp(`^(?:any|(?:${DAY}(?:-${DAY})? )?${CLOCK}-${CLOCK})$`),
});
