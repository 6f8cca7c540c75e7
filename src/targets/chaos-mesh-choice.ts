/** `backend` of a target's `kubernetes` block, and what its owner knows about who crosses which link: `probesFrom`, `crossedBy`. */
import { isIP } from 'node:net';
import type { ChaosMeshChoice, PodSelector } from '../core/acts/kubernetes-handle.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { Parsed } from '../core/units.ts';
import type { YamlNode, YamlProblems } from '../system/yaml-reader.ts';

const BACKENDS = ['native', 'chaos-mesh'];
const OF_CHAOS_MESH = ['probesFrom', 'crossedBy'];

/** Undefined: Gauntlet itself acts there. */
export function readBackend(
  node: YamlNode,
  services: Readonly<Record<string, PodSelector>>,
  /** The parts of the target that have an address, as probes are called. */
  probed: readonly string[],
  problems: YamlProblems,
): ChaosMeshChoice | undefined {
  const backend = problems.read(node, 'backend', parseBackend, 'native');
  if (backend === 'chaos-mesh') {
    return {
      probesFrom: readProbesFrom(node.entries.get('probesFrom'), problems),
      crossedBy: readCrossedBy(node.entries.get('crossedBy'), Object.keys(services), probed, problems),
    };
  }
  for (const key of OF_CHAOS_MESH) {
    const found = node.entries.get(key);
    // A key that would be ignored is an error: its author believes that it does something.
    if (found)
      problems.add(found.place, {
        subject: `kubernetes.${key}`,
        expected: 'backend: chaos-mesh with it',
        got: 'native',
      });
  }
  return undefined;
}

const parseBackend = (value: unknown): Parsed<string> =>
  typeof value === 'string' && BACKENDS.includes(value)
    ? { ok: true, value }
    : { ok: false, expected: BACKENDS.join(' or '), ...didYouMean(String(value), BACKENDS) };

function readProbesFrom(node: YamlNode | undefined, problems: YamlProblems): readonly string[] {
  if (!node) return [];
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    if (isCidr(item.value)) return [item.value];
    const expected = 'addresses as pods see them, such as 10.20.0.7/32';
    problems.add(item.place, { subject: 'kubernetes.probesFrom', expected, got: show(item.value) });
    return [];
  });
}

function isCidr(value: unknown): value is string {
  const [, address = '', bits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(String(value)) ?? [];
  const version = isIP(address);
  // 0 bits would be everybody, and then a cut of the probes a cut of the pod.
  return version !== 0 && Number(bits) >= 8 && Number(bits) <= (version === 4 ? 32 : 128);
}

function readCrossedBy(
  node: YamlNode | undefined,
  services: readonly string[],
  probed: readonly string[],
  problems: YamlProblems,
): Readonly<Record<string, string>> {
  if (!node) return {};
  const subject = 'kubernetes.crossedBy';
  if (node.kind !== 'map') {
    problems.add(node.place, {
      subject,
      expected: 'a map such as { "gateway->redis": gateway }',
      got: show(node.value),
    });
    return {};
  }
  const found: Record<string, string> = {};
  for (const [link, one] of node.entries) {
    const ends = link.split('->').map((end) => end.trim());
    const unknown = ends.filter((end) => !services.includes(end));
    if (ends.length !== 2 || unknown.length > 0) {
      const expected = `two of ${services.join(', ')} with -> between them`;
      problems.add(one.place, {
        subject,
        expected,
        got: link,
        ...(ends.length === 2 ? didYouMean(unknown[0] ?? link, services) : {}),
      });
      continue;
    }
    const by = probed.find((name) => name === one.value);
    if (by !== undefined) found[ends.join('->')] = by;
    else
      problems.add(one.place, {
        subject: `${subject}.${link}`,
        expected: `the dependency whose probe needs it: one of ${probed.join(', ') || 'none, for the target has no address'}`,
        got: show(one.value),
        ...didYouMean(String(one.value), probed),
      });
  }
  return found;
}
