/** Reads the `policy` block of a target file. Without it nothing is allowed. */
import { show } from '../core/errors.ts';
import type { LoadPolicy, TargetPolicy } from '../core/policy.ts';
import { type Parsed, parseRate } from '../core/units.ts';
import { parseText, type YamlNode, type YamlProblems } from '../system/yaml-reader.ts';

export const NOTHING_ALLOWED: TargetPolicy = {
  optIn: false,
  protected: [],
  hours: 'any',
  load: { optIn: false, maxRate: null },
};

/** @param map the block, which is a map with known keys only; undefined when there is none. */
export function readPolicy(map: YamlNode | undefined, problems: YamlProblems): TargetPolicy {
  if (!map) return NOTHING_ALLOWED;
  const optIn = problems.read(map, 'optIn', parseBoolean, false) ?? false;
  return {
    optIn,
    protected: readProtected(map.entries.get('protected'), problems),
    hours: problems.read(map, 'hours', parseHours, 'any') ?? 'any',
    load: readLoadPolicy(map.entries.get('load'), optIn, problems),
  };
}

export const POLICY_KEYS = ['optIn', 'protected', 'hours', 'load'];

function readLoadPolicy(node: YamlNode | undefined, faults: boolean, problems: YamlProblems): LoadPolicy {
  if (!node) return { optIn: faults, maxRate: null };
  if (node.kind !== 'map') {
    const expected = 'a map with optIn, maxRate';
    problems.add(node.place, { subject: 'policy.load', expected, got: show(node.value) });
    return NOTHING_ALLOWED.load;
  }
  problems.onlyKeys(node, 'policy.load key', ['optIn', 'maxRate']);
  const hasRate = node.entries.has('maxRate');
  return {
    optIn: problems.read(node, 'optIn', parseBoolean, faults) ?? false,
    maxRate: (hasRate ? problems.read(node, 'maxRate', parseRate) : undefined) ?? null,
  };
}

function readProtected(node: YamlNode | undefined, problems: YamlProblems): readonly string[] {
  if (!node) return [];
  if (node.kind !== 'list') {
    const problem = { subject: 'policy.protected', expected: 'a list of services', got: show(node.value) };
    problems.add(node.place, problem);
    return [];
  }
  return node.items.flatMap((item) => {
    const parsed = parseText(item.value);
    if (parsed.ok) return [parsed.value];
    const subject = 'policy.protected';
    problems.add(item.place, { subject, expected: 'the name of a service', got: show(item.value) });
    return [];
  });
}

const parseBoolean = (value: unknown): Parsed<boolean> =>
  typeof value === 'boolean' ? { ok: true, value } : { ok: false, expected: 'true or false' };

const CLOCK = '(?:(?:[01]\\d|2[0-3]):[0-5]\\d|24:00)';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const HOURS = new RegExp(`^(?:${DAY}(?:-${DAY})? )?${CLOCK}-${CLOCK}$`);

function parseHours(value: unknown): Parsed<string> {
  return typeof value === 'string' && (value === 'any' || HOURS.test(value))
    ? { ok: true, value }
    : { ok: false, expected: 'any, or hours in UTC such as 09:00-17:00 or Mon-Fri 09:00-17:00' };
}
