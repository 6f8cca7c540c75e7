/** The `faults:` part of a campaign: each one parsed by its own file, its problems placed where its author can see them. */

import { FAULTS } from '../chaos/registry.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { PlannedFault } from '../core/plan.ts';
import type { YamlNode, YamlProblems } from '../system/yaml-reader.ts';

export interface CampaignFault extends PlannedFault {
  readonly at: YamlNode['place'];
}

export function readFaults(root: YamlNode, problems: YamlProblems): readonly CampaignFault[] {
  const node = root.entries.get('faults');
  if (!node) return [];
  if (node.kind !== 'list') {
    problems.add(node.place, { subject: 'faults', expected: 'a list of faults', got: show(node.value) });
    return [];
  }
  const seen = new Map<string, number>();
  return node.items.flatMap((item) => {
    const fault = readOne(item, problems);
    if (fault === undefined) return [];
    const count = (seen.get(fault.kind) ?? 0) + 1;
    seen.set(fault.kind, count);
    return [{ ...fault, name: count === 1 ? fault.kind : `${fault.kind}#${count}` }];
  });
}

function readOne(item: YamlNode, problems: YamlProblems): CampaignFault | undefined {
  const [first, ...others] = [...item.entries];
  if (first === undefined || others.length > 0) {
    return problems.add(item.place, {
      subject: 'fault',
      expected: 'one fault such as `kill-pod: { service: specialist-business }`',
      got: show(item.value),
    });
  }
  const [kind, body] = first;
  const fault = FAULTS.find((one) => one.name === kind);
  if (!fault) {
    const names = FAULTS.map((one) => one.name);
    const problem = { subject: 'fault', expected: `one of ${names.join(', ')}`, got: show(kind) };
    return problems.add(item.place, { ...problem, ...didYouMean(kind, names) });
  }
  const parsed = fault.parse(body.value ?? {});
  if (parsed.ok) {
    const spec = parsed.spec as Readonly<Record<string, unknown>>;
    return { name: kind, kind, spec, written: show(body.value), holdMs: parsed.holdMs, at: item.place };
  }
  for (const problem of parsed.problems) {
    const place = body.entries.get(problem.path)?.place ?? body.place;
    problems.add(place, { ...problem, subject: problem.path === '' ? kind : `${kind}.${problem.path}` });
  }
  return undefined;
}
