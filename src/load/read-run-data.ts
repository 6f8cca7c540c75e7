/**
 * The numbers of a run from its directory alone. Promises the same answers as the run had live. A line that was cut off by
 * a kill is left out and told; nothing else is forgiven in silence.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import type { CountIncrement, SliceIncrement } from '../core/samples.ts';
import { HlogDecoder } from '../measure/hlog.ts';
import { RunData } from '../measure/run-data.ts';
import { type LoadEnd, readLoadEnd } from './load-end.ts';
import { LOAD_FILES } from './run-files.ts';

export interface StoredLoad {
  readonly data: RunData;
  /** Undefined: the run was killed before its load had ended. */
  readonly end: LoadEnd | undefined;
  /** Lines that are missing or cannot be read, with file and line. */
  readonly problems: readonly string[];
}

export function readRunData(runDir: string): StoredLoad {
  const data = new RunData();
  const problems: string[] = [];
  const decoder = new HlogDecoder();
  const each = (name: string, use: (line: string) => void): void => eachLine(runDir, name, problems, use);
  each(LOAD_FILES.latency, (line) => {
    const read = decoder.read(line);
    if (read.kind === 'unreadable') throw new Error(read.why);
    if (read.kind === 'interval') data.addLatency(read.increment);
  });
  each(LOAD_FILES.counts, (line) => data.addCounts(countsOf(line)));
  each(LOAD_FILES.slices, (line) => data.addSlice(recordOf<SliceIncrement>(line, SLICE_FIELDS)));
  return { data, end: readLoadEnd(runDir), problems };
}

const COUNT_FIELDS = ['second', 'due', 'started', 'dropped', 'completed', 'interrupted', 'failed'];
const SLICE_FIELDS = ['at', 'due', 'bad', 'slow', 'maxUs'];

function countsOf(line: string): CountIncrement {
  const counts = recordOf<CountIncrement>(line, COUNT_FIELDS);
  const told = Object.values(counts.outcomes ?? {});
  if (!told.every(Number.isFinite)) throw new Error('an outcome is not a number');
  const sum = told.reduce((total, one) => total + one, 0);
  if (counts.outcomes !== undefined && sum !== counts.failed) {
    throw new Error(`the outcomes sum to ${sum}, failed is ${counts.failed}`);
  }
  return counts;
}

function recordOf<T extends { readonly flow: string }>(line: string, fields: readonly string[]): T {
  const record = JSON.parse(line) as Record<string, unknown>;
  if (typeof record['flow'] !== 'string') throw new Error('no flow');
  for (const field of fields) {
    if (!Number.isFinite(record[field])) throw new Error(`${field} is not a number`);
  }
  return record as unknown as T;
}

function eachLine(runDir: string, name: string, problems: string[], use: (line: string) => void): void {
  const path = join(runDir, name);
  if (!existsSync(path)) {
    problems.push(`${name} is missing`);
    return;
  }
  let number = 0;
  const tail = readLines(path, (line) => {
    number += 1;
    try {
      use(line);
    } catch (error) {
      problems.push(`${name}:${number} cannot be read (${messageOf(error)})`);
    }
  });
  if (tail !== '') problems.push(`${name}:${number + 1} is cut off, its second is incomplete`);
}

/** In pieces of 1 MiB: the log of a night does not fit into one string. Returns what follows the last newline. */
function readLines(path: string, use: (line: string) => void): string {
  const fd = openSync(path, 'r');
  const piece = Buffer.alloc(1024 * 1024);
  let rest = Buffer.alloc(0);
  try {
    for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece)) {
      const bytes = Buffer.concat([rest, piece.subarray(0, size)]);
      const end = bytes.lastIndexOf(10) + 1;
      if (end > 0) for (const line of bytes.toString('utf8', 0, end - 1).split('\n')) use(line);
      rest = bytes.subarray(end);
    }
  } finally {
    closeSync(fd);
  }
  return rest.toString('utf8');
}
