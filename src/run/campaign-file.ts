/**
 * A campaign as its author wrote it, checked and typed, with the places of what later steps may refuse. All problems of
 * the file come at once; nothing is touched. Resolving it against a target is resolve-plan.ts.
 */
import type { Place } from '../core/errors.ts';
import type { LoadShape } from '../core/shape.ts';
import { durationFrom, type Ms, ms, type Parsed, parseDuration } from '../core/units.ts';
import { parseText, readYaml, type YamlNode, YamlProblems } from '../system/yaml-reader.ts';
import { type CampaignFault, readFaults } from './campaign-faults.ts';
import { type CampaignGoals, readGoals } from './campaign-goals.ts';
import { type CampaignLoad, readLoad } from './campaign-load.ts';
import { readShape } from './campaign-shape.ts';

export interface Campaign {
  readonly file: string;
  readonly name: string;
  readonly target: string;
  readonly load: readonly CampaignLoad[];
  readonly shape: LoadShape | null;
  readonly warmupMs: Ms;
  readonly baselineMs: Ms;
  readonly faults: readonly CampaignFault[];
  /** How often the list of faults is gone through, interleaved: A B A B, so that drift does not look like a fault's. */
  readonly repeat: number;
  readonly recovery: { readonly holdMs: Ms; readonly timeoutMs: Ms };
  readonly goals: CampaignGoals;
  /** Where the target's name stands, for problems that only the target shows. */
  readonly targetPlace: Place;
}

const KEYS = [
  ...['name', 'target', 'load', 'shape', 'warmup', 'baseline'],
  ...['faults', 'repeat', 'recovery', 'abort', 'objectives'],
];
/** What a shape says itself, or cannot be joined with yet: recovery is watched at a constant rate. */
const NOT_WITH_SHAPE = ['warmup', 'baseline', 'faults', 'repeat', 'recovery'];
const NAME = /^[a-z0-9][a-z0-9-]*$/;
/** A P99 needs 1,000 samples (docs/measuring.md); at 100/s that is 10 s of baseline. */
const BASELINE_DEFAULT = ms(15_000);
const WARMUP_DEFAULT = ms(5000);
/** A phase holds whole seconds only: below two there may be none. */
const parseBaseline = durationFrom('2s');
/** One slice: what is back for less cannot be told from a lucky answer. */
const parseHold = durationFrom('100ms');
const RECOVERY_DEFAULT = { holdMs: ms(5000), timeoutMs: ms(60_000) };

/** @throws usage error with every problem of the file. */
export function readCampaign(file: string): Campaign {
  const root = readYaml(file);
  const problems = new YamlProblems();
  if (root.kind !== 'map') {
    problems.add(root.place, { subject: 'campaign', expected: `a map with ${KEYS.join(', ')}` });
    problems.throwIfAny();
  }
  problems.onlyKeys(root, 'campaign key', KEYS);
  const name = problems.read(root, 'name', parseText);
  if (name !== undefined && !NAME.test(name)) {
    const place = root.entries.get('name')?.place ?? root.place;
    problems.add(place, { subject: 'name', expected: 'lower-case letters, digits and dashes', got: name });
  }
  const target = problems.read(root, 'target', parseText, 'sandbox');
  const warmupMs = problems.read(root, 'warmup', parseDuration, WARMUP_DEFAULT);
  const baselineMs = problems.read(root, 'baseline', parseBaseline, BASELINE_DEFAULT);
  const load = readLoad(root, problems);
  const flows = load.flatMap((one) => one.flows);
  const shape = readShape(root, problems, flows);
  if (root.entries.has('shape')) refuseBesideShape(root, problems);
  const faults = readFaults(root, problems);
  const repeat = problems.read(root, 'repeat', parseRepeat, 1);
  const recovery = readRecovery(root.entries.get('recovery'), problems);
  const goals = readGoals(root, problems, { flows, faults, shape });
  problems.throwIfAny();
  return {
    file,
    name: name ?? '',
    target: target ?? '',
    load,
    shape: shape ?? null,
    warmupMs: warmupMs ?? WARMUP_DEFAULT,
    baselineMs: baselineMs ?? BASELINE_DEFAULT,
    faults,
    repeat: repeat ?? 1,
    recovery,
    goals,
    targetPlace: root.entries.get('target')?.place ?? root.place,
  };
}

const parseRepeat = (value: unknown): Parsed<number> =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 100
    ? { ok: true, value }
    : { ok: false, expected: 'a whole number of rounds from 1 to 100' };

function refuseBesideShape(root: YamlNode, problems: YamlProblems): void {
  for (const key of NOT_WITH_SHAPE) {
    const node = root.entries.get(key);
    const expected =
      'no such key beside shape: write it as a segment, or run faults in a campaign of their own';
    if (node) problems.add(node.place, { subject: key, expected });
  }
  for (const item of root.entries.get('load')?.items ?? []) {
    const stages = item.entries.get('stages');
    const expected = 'a constant rate beside shape, which the segments scale';
    if (stages) problems.add(stages.place, { subject: 'stages', expected });
  }
}

function readRecovery(node: YamlNode | undefined, problems: YamlProblems): Campaign['recovery'] {
  if (!node) return RECOVERY_DEFAULT;
  problems.onlyKeys(node, 'recovery key', ['hold', 'timeout']);
  const holdMs = problems.read(node, 'hold', parseHold, RECOVERY_DEFAULT.holdMs) ?? RECOVERY_DEFAULT.holdMs;
  const timeoutMs = problems.read(node, 'timeout', parseDuration, RECOVERY_DEFAULT.timeoutMs) ?? holdMs;
  if (timeoutMs < holdMs) {
    problems.add(node.place, {
      subject: 'recovery.timeout',
      expected: `at least the hold time (${holdMs / 1000}s)`,
    });
  }
  return { holdMs, timeoutMs };
}
