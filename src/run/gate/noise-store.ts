/**
 * What earlier gates have found out about the noise of places: one file a gate, never a list that two gates
 * would write at once, in `noise/<hash of the load>/<run id>.json` of the state directory. Each appears whole
 * or not at all.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import type { GatePlan, GateResult } from '../../core/gate.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { makeFolder } from '../../system/make-folder.ts';
import type { Places } from '../../system/places.ts';
import { readText } from '../../system/read-text.ts';

const SCHEMA = 'gauntlet.noise/1';

const noiseShape = z.object({
  schema: z.literal(SCHEMA),
  run: z.string(),
  campaign: z.string(),
  measuredAt: z.iso.datetime(),
  kind: z.enum(['aa', 'gate']),
  /** Identities of what was loaded; an A/A gate has one. */
  targets: z.array(z.object({ name: z.string(), identity: z.string() })),
  loadHash: z.string(),
  blockMs: z.number().positive(),
  settleMs: z.number().nonnegative(),
  pairs: z.number().int().positive(),
  metrics: z.array(z.object({ flow: z.string(), quantity: z.string(), sdPair: z.number().nonnegative() })),
});

export type NoiseRecord = z.infer<typeof noiseShape>;

/** Where a gate stands: the noise of another target, load or length of blocks is another. */
export interface NoisePlace extends Pick<GatePlan, 'loadHash' | 'blockMs' | 'settleMs'> {
  readonly identities: readonly string[];
}

/** Everything measured at a place, the latest first. @throws usage with every file that cannot be read. */
export function readNoise(places: Places, place: NoisePlace): readonly NoiseRecord[] {
  const folder = folderOf(places, place.loadHash ?? '');
  if (!existsSync(folder)) return [];
  const problems: Problem[] = [];
  const records = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name): NoiseRecord[] => {
      const read = readRecord(join(folder, name));
      if (!('subject' in read)) return [read];
      problems.push(read);
      return [];
    });
  if (problems.length > 0) throw new GauntletError('usage', problems);
  return records.filter((one) => isAt(one, place)).sort((a, b) => (a.measuredAt < b.measuredAt ? 1 : -1));
}

const folderOf = (places: Places, loadHash: string): string => join(places.state, 'noise', loadHash);

const isAt = (record: NoiseRecord, { identities, blockMs, settleMs }: NoisePlace): boolean =>
  record.blockMs === blockMs &&
  record.settleMs === settleMs &&
  record.targets.some((one) => identities.includes(one.identity));

function readRecord(path: string): NoiseRecord | Problem {
  const next = 'A gate plans from it: use the version of Gauntlet that wrote it, or delete the file.';
  let json: unknown;
  try {
    json = JSON.parse(readText(path));
  } catch (error) {
    const got = error instanceof SyntaxError ? 'no JSON' : messageOf(error);
    return { subject: path, expected: 'the noise of a place as JSON', got, next };
  }
  const schema = (json as { schema?: unknown } | null)?.schema;
  if (schema !== SCHEMA)
    return { subject: path, expected: `schema ${SCHEMA}`, got: JSON.stringify(schema) ?? 'none', next };
  const wrong = shapeProblem(noiseShape, json);
  return wrong === null
    ? noiseShape.parse(json)
    : { subject: path, expected: 'the noise of a place', got: wrong.text, next };
}

export interface MeasuredGate {
  readonly id: string;
  readonly campaign: string;
  readonly endedAt: string;
  readonly plan: GatePlan;
  readonly result: GateResult;
  readonly targets: NoiseRecord['targets'];
}

/**
 * What a gate says about the noise of its place; null where it says nothing: it is INVALID, has no data, or
 * was ended before its first look. A difference between the versions moves the ratios of all pairs alike, so
 * that it is no noise; times of answers that fail are none.
 */
export function noiseOf({ id, campaign, endedAt, plan, result, targets }: MeasuredGate): NoiseRecord | null {
  const isKept = result.status !== 'INVALID' && result.status !== 'NO-DATA';
  if (!isKept || plan.loadHash === undefined || result.pairs.judged < (plan.looks[0] ?? 0)) return null;
  const failing = result.metrics
    .filter((one) => one.quantity === 'failed' && one.status === 'FAIL')
    .map((one) => one.flow);
  const metrics = result.metrics.flatMap(({ flow, quantity, sdPair }) =>
    sdPair === null || failing.includes(flow) ? [] : [{ flow, quantity, sdPair }],
  );
  if (metrics.length === 0) return null;
  return {
    ...{ schema: SCHEMA, run: id, campaign, measuredAt: endedAt },
    kind: plan.aa === true ? 'aa' : 'gate',
    ...{ targets, loadHash: plan.loadHash, blockMs: plan.blockMs, settleMs: plan.settleMs },
    pairs: result.pairs.judged,
    metrics,
  };
}

/** Adding a gate twice is adding it once. @returns the file. @throws the system's error. */
export function storeNoise(places: Places, record: NoiseRecord): string {
  const folder = folderOf(places, record.loadHash);
  makeFolder(folder);
  const path = join(folder, `${record.run}.json`);
  writeWhole(path, `${JSON.stringify(record, null, 2)}\n`);
  return path;
}
