/**
 * The answers of the probes, read one by one, stored without a string each, and checked while reading. A
 * probe that is silent for long during its watch did not watch.
 */
import type { Flaw } from '../../core/flaw.ts';
import type { FaultRecord } from '../../core/result.ts';
import type { ProbeSample } from '../../core/samples.ts';
import { eachRecord } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

/** Probes ask every 100 ms; if the machine hangs for longer than this, no recovery was measured. */
const LONGEST_SILENCE_MS = 30_000;
/**
 * A sample has the instant at which it was sent; a removal ends with a sample, and an interrupted run ends
 * right there.
 */
const UNDER_WAY_MS = 5000;

/** The samples of one probe on one connection. */
interface ProbeTimeline {
  first: number;
  last: number;
  lastLine: number;
}

export interface StoredProbes {
  /** Its name in the run directory. */
  readonly file: string;
  readonly samples: readonly ProbeSample[];
  readonly flaws: readonly Flaw[];
  readonly cut: readonly Flaw[];
  /** Whether each `<probe> <connection>` was watched, and for how long. */
  readonly timelines: ReadonlyMap<string, Readonly<ProbeTimeline>>;
}

/**
 * @param file its name in the run directory.
 * @param span the range in epoch ms that contains every question; undefined: unknown.
 */
export function readProbes(
  runDir: string,
  file: string,
  span: { readonly from: number; readonly to: number } | undefined,
): StoredProbes {
  const samples: ProbeSample[] = [];
  const timelines = new Map<string, ProbeTimeline>();
  const words = new Map<string, string>();
  /** One string for each distinct word. */
  const same = (text: string): string => {
    const known = words.get(text);
    if (known === undefined) words.set(text, text);
    return known ?? text;
  };
  const { flaws, cut } = eachRecord(runDir, file, (value, line) => {
    const why = notASample(value);
    if (why !== null) return why;
    const sample = value as ProbeSample;
    const { probe, connection, at, outcome } = sample;
    if (span !== undefined && (at < span.from || at > span.to))
      return `${at / 1000} s is not a time of this run`;
    samples.push({ ...sample, probe: same(probe), outcome: same(outcome) });
    return noteSample(timelines, `${probe} ${connection}`, sample, line);
  });
  return { file, samples, flaws, cut, timelines };
}

/** The type of each field; a new field of a sample that is not checked here does not compile. */
const FIELDS: { readonly [Field in keyof ProbeSample]-?: readonly [(value: unknown) => boolean, string] } = {
  probe: [isText, 'not a text'],
  connection: [(value) => value === 'held' || value === 'fresh', 'neither held nor fresh'],
  at: [Number.isFinite, 'not a number'],
  tookMs: [isDuration, 'not a time'],
  ok: [(value) => typeof value === 'boolean', 'neither true nor false'],
  outcome: [isText, 'not a text'],
  ownStallMs: [(value) => value === undefined || isDuration(value), 'not a time'],
  everyMs: [(value) => value === undefined || (isDuration(value) && value !== 0), 'not an interval'],
};
const CHECKS = Object.entries(FIELDS);

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isDuration(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}

function notASample(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'is not a sample of a probe';
  const record = value as Record<string, unknown>;
  const wrong = CHECKS.find(([field, [isRight]]) => !isRight(record[field]));
  if (wrong !== undefined) return `${wrong[0]} is ${wrong[1][1]}`;
  const { ok, outcome } = value as ProbeSample;
  return ok && !outcome.startsWith('ok') ? `ok is true, outcome ${outcome}` : null;
}

/** Held samples follow each other. Fresh ones are written when they end: a slow one follows later ones. */
function noteSample(
  timelines: Map<string, ProbeTimeline>,
  key: string,
  { at, connection }: ProbeSample,
  line: number,
): string | null {
  const timeline = timelines.get(key);
  if (timeline === undefined) {
    timelines.set(key, { first: at, last: at, lastLine: line });
    return null;
  }
  const { last } = timeline;
  timeline.first = Math.min(timeline.first, at);
  timeline.last = Math.max(timeline.last, at);
  timeline.lastLine = line;
  if (at === last) return `${key} twice at the same instant`;
  if (at < last && connection === 'held') return `${key} is earlier than the one before it`;
  if (at < last - LONGEST_SILENCE_MS) return `${key} is much earlier than the one before it`;
  if (at - last > LONGEST_SILENCE_MS) return `${key}: nothing for ${((at - last) / 1000).toFixed(1)} s`;
  return null;
}

/**
 * For each proven fault, its probes watched before the act and after its proof, on both connections, until
 * the end.
 * @param until epoch ms at which the run stopped its probes; undefined: it was killed.
 */
export function checkProbes(
  { file, timelines, samples }: StoredProbes,
  records: readonly FaultRecord[],
  until: number | undefined,
): Flaw[] {
  const flaws: Flaw[] = [];
  for (const { name, probes, status, appliedAt, removedAt } of records) {
    if (status !== 'injected' || appliedAt === null) continue;
    for (const key of (probes ?? []).flatMap((probe) => [`${probe} held`, `${probe} fresh`])) {
      const timeline = timelines.get(key);
      const say = (text: string): void =>
        void flaws.push({
          ...{ file, text: `${name}: ${key} ${text}`, against: RUN_FILES.events },
          ...(timeline && { line: timeline.lastLine }),
        });
      const end = Math.max((removedAt ?? appliedAt) - UNDER_WAY_MS, (until ?? 0) - LONGEST_SILENCE_MS);
      if (timeline === undefined) say('was not watched');
      else if (timeline.first >= appliedAt) say('was not watched before the act');
      else if (timeline.last < end) say(`was watched until ${Math.round(end - timeline.last)} ms too early`);
    }
  }
  return samples.length === 0 ? flaws.slice(0, 1) : flaws;
}
