/**
 * The `faults:` part of a campaign: each one parsed by its own file, its problems placed where its author can see them. An item
 * is one fault, or a group of faults that make one step.
 */

import { FAULTS } from '../chaos/faults/registry.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import { groupName } from '../core/fault-steps.ts';
import type { FaultGroup, PlannedFault } from '../core/plan.ts';
import type { YamlNode, YamlProblems } from '../system/yaml-reader.ts';

export interface CampaignFault extends PlannedFault {
  readonly at: YamlNode['place'];
  readonly group?: FaultGroup;
}

const GROUPS = ['together', 'then'] as const;
type How = (typeof GROUPS)[number];
const isGroup = (key: string): key is How => GROUPS.some((one) => one === key);

const EXAMPLE = 'one fault such as `kill-pod: { service: specialist-business }`';

/** All members of all groups in the order of the campaign, each with its group. */
export function readFaults(root: YamlNode, problems: YamlProblems): readonly CampaignFault[] {
  const node = root.entries.get('faults');
  if (!node) return [];
  if (node.kind !== 'list') {
    problems.add(node.place, { subject: 'faults', expected: 'a list of faults', got: show(node.value) });
    return [];
  }
  const seen = new Map<string, number>();
  const named = (fault: CampaignFault): CampaignFault => {
    const count = (seen.get(fault.kind) ?? 0) + 1;
    seen.set(fault.kind, count);
    return { ...fault, name: count === 1 ? fault.kind : `${fault.kind}#${count}` };
  };
  return node.items.flatMap((item) => {
    const [key, ...others] = [...item.entries.keys()];
    if (key !== undefined && others.length === 0 && isGroup(key)) {
      const members = readGroup(key, item, problems).map(named);
      const name = groupName(
        key,
        members.map((one) => one.name),
      );
      return members.map((one) => ({ ...one, group: { name, how: key } }));
    }
    const fault = readOne(item, problems, [...FAULTS.map((one) => one.name), ...GROUPS]);
    return fault === undefined ? [] : [named(fault)];
  });
}

function readGroup(how: How, item: YamlNode, problems: YamlProblems): readonly CampaignFault[] {
  const list = item.entries.get(how) ?? item;
  if (list.kind !== 'list' || list.items.length < 2) {
    const expected = 'a list of at least two faults';
    problems.add(list.place, { subject: how, expected, got: show(list.value) });
    return [];
  }
  const names = FAULTS.map((one) => one.name);
  return list.items.flatMap((member) => {
    const inner = [...member.entries.keys()].find(isGroup);
    if (inner !== undefined) {
      const expected = 'faults only: a group cannot hold another group';
      problems.add(member.place, { subject: how, expected, got: inner });
      return [];
    }
    return readOne(member, problems, names) ?? [];
  });
}

function readOne(
  item: YamlNode,
  problems: YamlProblems,
  allowed: readonly string[],
): CampaignFault | undefined {
  const [first, ...others] = [...item.entries];
  if (first === undefined || others.length > 0) {
    return problems.add(item.place, { subject: 'fault', expected: EXAMPLE, got: show(item.value) });
  }
  const [kind, body] = first;
  const fault = FAULTS.find((one) => one.name === kind);
  if (!fault) {
    const problem = { subject: 'fault', expected: `one of ${allowed.join(', ')}`, got: show(kind) };
    return problems.add(item.place, { ...problem, ...didYouMean(kind, allowed) });
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
