/**
 * The numbers of a run from its directory alone, equal to those of the live run. A last line that a kill has
 * truncated is left out and reported; no other flaw is ignored silently, and no line, however altered, makes
 * it throw.
 */
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { type Flaw, missing } from '../core/flaw.ts';
import { type CountIncrement, flowOfSeries, SLICE_MS, type SliceIncrement } from '../core/samples.ts';
import { HlogDecoder } from '../measure/hlog.ts';
import { LoadTally } from '../measure/load-tally.ts';
import { RunData } from '../measure/run-data.ts';
import { readLines } from '../system/line-reader.ts';
import { type LoadEnd, readLoadEnd } from './load-end.ts';
import { LOAD_FILES } from './run-files.ts';

export interface StoredLoad {
  readonly data: RunData;
  /** Undefined: the run was killed before its load had ended. */
  readonly end: LoadEnd | undefined;
  /** Missing and unreadable files, and disagreements between files. */
  readonly problems: readonly Flaw[];
  /** Incomplete last lines, as a kill leaves them. */
  readonly cut: readonly Flaw[];
}

export interface LoadFacts {
  /**
   * The range in epoch ms in which every arrival was due; default: within 31 days of the first one that is
   * read.
   */
  readonly span?: { readonly from: number; readonly to: number } | undefined;
  /** Flows of the plan; default: any. */
  readonly flows?: readonly string[] | undefined;
}

/**
 * No run is longer. Without a limit, one altered digit of a second would create a table of centuries of
 * seconds.
 */
const LONGEST_RUN_MS = 31 * 86_400_000;

/** For each file; a reader of the verdict needs the first one. */
const MOST_FLAWS = 1000;

export function readRunData(runDir: string, facts: LoadFacts = {}): StoredLoad {
  const data = new RunData();
  const problems: Flaw[] = [];
  const cut: Flaw[] = [];
  const decoder = new HlogDecoder();
  const tally = new LoadTally(LOAD_FILES);
  const fits = fitting(facts);
  const each = (name: string, use: (line: string, number: number) => void): void =>
    eachLine(runDir, name, { problems, cut }, use);
  each(LOAD_FILES.latency, (line, number) => {
    const read = decoder.read(line);
    if (read.kind === 'unreadable') throw new Error(read.why);
    if (read.kind === 'comment') return;
    const { flow, second } = read.increment;
    fits(flowOfSeries(flow), second * 1000);
    data.addLatency(read.increment);
    tally.latency(read.increment, number, flowOfSeries(flow) !== flow);
  });
  each(LOAD_FILES.counts, (line, number) => {
    const counts = countsOf(line);
    fits(counts.flow, counts.second * 1000);
    data.addCounts(counts);
    tally.counts(counts, number);
  });
  each(LOAD_FILES.slices, (line, number) => {
    const slice = sliceOf(line);
    fits(slice.flow, slice.at);
    data.addSlice(slice);
    tally.slice(slice, number);
  });
  const { end, flaw } = readLoadEnd(runDir);
  if (flaw !== undefined) problems.push(flaw);
  // In a load that was cut off, the last arrivals are counted and have no end: their files cannot agree.
  if (end !== undefined) problems.push(...tally.flaws());
  return { data, end, problems, cut };
}

/** @throws when a line belongs to another run, by its flow or its time. */
function fitting({ span, flows }: LoadFacts): (flow: string, at: number) => void {
  let within = span;
  return (flow, at) => {
    within ??= { from: at - LONGEST_RUN_MS, to: at + LONGEST_RUN_MS };
    if (flows !== undefined && !flows.includes(flow)) throw new Error(`flow ${flow} is not in the plan`);
    if (at < within.from || at > within.to) throw new Error(`${at / 1000} s is not a time of this run`);
  };
}

const COUNT_FIELDS = ['second', 'due', 'started', 'dropped', 'completed', 'interrupted', 'failed'];
const SLICE_FIELDS = ['at', 'due', 'bad', 'slow', 'maxUs'];

function countsOf(line: string): CountIncrement {
  const counts = recordOf<CountIncrement>(line, COUNT_FIELDS);
  const { due, started, dropped, completed, failed } = counts;
  if (due !== started + dropped) throw new Error(`due ${due} is not started ${started} + dropped ${dropped}`);
  if (failed > completed) throw new Error(`failed ${failed} of completed ${completed}`);
  if (!isCount(counts.stale ?? 0)) throw new Error('stale is not a number');
  const outcomes: unknown = counts.outcomes ?? {};
  const told = outcomes instanceof Object ? Object.values(outcomes) : [outcomes];
  if (!told.every(isCount)) throw new Error('an outcome is not a number');
  const sum = told.reduce((total: number, one) => total + one, 0);
  if (counts.outcomes !== undefined && sum !== counts.failed) {
    throw new Error(`the outcomes sum to ${sum}, failed is ${counts.failed}`);
  }
  return counts;
}

function sliceOf(line: string): SliceIncrement {
  const slice = recordOf<SliceIncrement>(line, SLICE_FIELDS);
  if (slice.at % SLICE_MS !== 0) throw new Error(`at is not a multiple of ${SLICE_MS} ms`);
  return slice;
}

function recordOf<T extends { readonly flow: string }>(line: string, fields: readonly string[]): T {
  const record: unknown = JSON.parse(line);
  if (!isObject(record) || typeof record['flow'] !== 'string') throw new Error('no flow');
  for (const field of fields) {
    if (!isCount(record[field])) throw new Error(`${field} is not a number`);
  }
  return record as unknown as T;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Whole and exact: sums of them stay exact. */
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function eachLine(
  runDir: string,
  file: string,
  found: { readonly problems: Flaw[]; readonly cut: Flaw[] },
  use: (line: string, number: number) => void,
): void {
  let left = MOST_FLAWS;
  const unreadable = (line: number, why: string): void => {
    if (left > 0) found.problems.push({ file, line, text: `cannot be read (${why})` });
    left -= 1;
  };
  const end = readLines(
    join(runDir, file),
    (line, number) => {
      try {
        use(line, number);
      } catch (error) {
        unreadable(number, messageOf(error));
      }
    },
    (number) => unreadable(number, 'it is not UTF-8 text'),
  );
  if (end.kind === 'missing') found.problems.push(missing(file));
  if (end.kind === 'unreadable') found.problems.push({ file, text: `cannot be read: ${end.why}` });
  if (end.kind === 'cut') {
    found.cut.push({ file, line: end.lines + 1, text: 'is cut off, its second is incomplete' });
  }
}
