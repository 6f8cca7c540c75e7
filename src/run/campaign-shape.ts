/**
 * The `shape:` part of a campaign: named segments that scale all rates together, each a phase of the run. One of them may be
 * a staircase that searches for the highest rate at which its conditions hold.
 *   - { name: smoke, at: 10%, for: 15s }
 *   - { name: ramp, to: 150%, in: 20s }
 *   - { name: breakpoint, from: 100%, to: 250%, by: 25%, each: 12s, while: "gateway.intentions p99 < 500ms" }
 */
import { show } from '../core/errors.ts';
import type { Objective } from '../core/objective.ts';
import type { CapacitySearch, LoadShape, ShapeStep } from '../core/shape.ts';
import { type Ms, type Parsed, parseDuration } from '../core/units.ts';
import { parseObjective } from '../measure/objective-text.ts';
import { parseText, type YamlNode, type YamlProblems } from '../system/yaml-reader.ts';
import { placed } from './campaign-text.ts';

const KINDS = {
  hold: ['name', 'at', 'for'],
  ramp: ['name', 'to', 'in'],
  search: ['name', 'from', 'to', 'by', 'each', 'while'],
} as const;
/** By the keys that only one kind has, so that a slip in one of them (`whlie`) is told by the others of its kind. */
function kindOf(item: YamlNode): keyof typeof KINDS {
  const has = (...keys: readonly string[]): boolean => keys.some((key) => item.entries.has(key));
  return has('while', 'from', 'by', 'each') ? 'search' : has('at', 'for') ? 'hold' : 'ramp';
}
const NAME = /^[a-z][a-z0-9-]*$/;
const LEVEL_EXPECTED = 'a share of the rates from 1% to 10000%, such as 150%';
/** More steps than this is a slip of the pen: `by: 1%` for `by: 10%`. */
const MOST_STEPS = 50;

/** @param flows that the campaign loads. Undefined without a shape. */
export function readShape(
  root: YamlNode,
  problems: YamlProblems,
  flows: readonly string[],
): LoadShape | undefined {
  const node = root.entries.get('shape');
  if (!node) return undefined;
  if (node.kind !== 'list' || node.items.length === 0) {
    const expected = 'a list of segments such as { name: baseline, at: 100%, for: 30s }';
    return problems.add(node.place, { subject: 'shape', expected, got: show(node.value) });
  }
  const steps: ShapeStep[] = [];
  let search: CapacitySearch | null = null;
  for (const item of node.items) {
    const name = readName(item, steps, problems);
    const before = steps.at(-1)?.to ?? 0;
    const kind = kindOf(item);
    if (kind === 'search') {
      const found = readSearch(item, name, flows, problems);
      if (search !== null) {
        problems.add(item.place, { subject: 'shape', expected: 'at most one segment with `while`' });
      }
      steps.push(...found.steps);
      search = found.search;
    } else if (kind === 'hold') {
      problems.onlyKeys(item, 'segment key', KINDS.hold);
      const at = problems.read(item, 'at', parseLevel);
      const lengthMs = problems.read(item, 'for', parseLength);
      if (at !== undefined && lengthMs !== undefined) steps.push({ phase: name, from: at, to: at, lengthMs });
    } else {
      problems.onlyKeys(item, 'segment key', KINDS.ramp);
      const to = problems.read(item, 'to', parseLevel);
      const lengthMs = problems.read(item, 'in', parseLength);
      if (to !== undefined && lengthMs !== undefined) steps.push({ phase: name, from: before, to, lengthMs });
    }
  }
  if (!node.items.some((item) => item.entries.get('name')?.value === 'baseline')) {
    problems.add(node.place, {
      subject: 'shape',
      expected: 'a segment named baseline, by which the generator is judged',
      got: 'none',
    });
  }
  return { steps, search };
}

function readName(item: YamlNode, before: readonly ShapeStep[], problems: YamlProblems): string {
  const name = problems.read(item, 'name', parseText) ?? '';
  const place = item.entries.get('name')?.place ?? item.place;
  if (name !== '' && !NAME.test(name)) {
    const expected = 'lower-case letters, digits and dashes';
    problems.add(place, { subject: 'name', expected, got: show(name) });
  }
  if (before.some((step) => step.phase === name || step.phase.startsWith(`${name}:`))) {
    problems.add(place, { subject: 'name', expected: 'each segment once', got: show(name) });
  }
  return name;
}

function readSearch(
  item: YamlNode,
  name: string,
  flows: readonly string[],
  problems: YamlProblems,
): { readonly steps: readonly ShapeStep[]; readonly search: CapacitySearch | null } {
  problems.onlyKeys(item, 'segment key', KINDS.search);
  const [from, to, by] = ['from', 'to', 'by'].map((key) => problems.read(item, key, parseLevel));
  const lengthMs = problems.read(item, 'each', parseLength);
  const conditions = readConditions(item, name, flows, problems);
  const flow = conditions[0]?.flow;
  if (from === undefined || to === undefined || by === undefined || lengthMs === undefined) {
    return { steps: [], search: null };
  }
  const count = Math.floor((to - from) / by + 1e-9) + 1;
  if (count < 2 || count > MOST_STEPS) {
    const expected = `2 to ${MOST_STEPS} steps between from and to`;
    problems.add(item.place, { subject: name, expected, got: String(Math.max(0, count)) });
    return { steps: [], search: null };
  }
  const steps = Array.from({ length: count }, (_, index): ShapeStep => {
    const level = from + index * by;
    return { phase: `${name}:${Number((level * 100).toFixed(2))}%`, from: level, to: level, lengthMs };
  });
  if (flow === undefined) return { steps, search: null };
  return { steps, search: { segment: name, flow, conditions, phases: steps.map((step) => step.phase) } };
}

/** Written like objectives, without their phase: they hold for each step. */
function readConditions(
  item: YamlNode,
  segment: string,
  flows: readonly string[],
  problems: YamlProblems,
): readonly Objective[] {
  const node = item.entries.get('while');
  if (node === undefined) {
    const expected = 'the conditions of the search, such as "gateway.intentions p99 < 500ms"';
    problems.add(item.place, { subject: 'while', expected, got: 'nothing' });
  }
  const lines = node === undefined ? [] : node.kind === 'list' ? node.items : [node];
  const read = lines.flatMap((line): Objective[] => {
    const names = { flows, phases: [segment], faults: [], searches: [] };
    const parsed = parseObjective(`${String(line.value)} in ${segment}`, names);
    if (parsed.ok) return [{ ...parsed.value, name: String(line.value).trim(), source: null }];
    placed(line, problems, 'while', parsed.problems);
    return [];
  });
  if (new Set(read.map((one) => one.flow)).size > 1) {
    const expected = 'conditions on one flow: the capacity is that of this flow';
    problems.add(node?.place ?? item.place, { subject: 'while', expected });
  }
  return read;
}

function parseLevel(value: unknown): Parsed<number> {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
  const percent = Number(match?.[1]);
  return percent >= 1 && percent <= 10_000
    ? { ok: true, value: percent / 100 }
    : { ok: false, expected: LEVEL_EXPECTED };
}

/** A phase holds whole seconds only: below two there may be none. */
function parseLength(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  const fits = parsed.ok && parsed.value >= 2000;
  return fits ? parsed : { ok: false, expected: 'a duration of at least 2s, such as 30s' };
}
