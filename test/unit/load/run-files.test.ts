import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Flaw } from '../../../src/core/flaw.ts';
import type { Increments } from '../../../src/core/samples.ts';
import { epochMs } from '../../../src/core/units.ts';
import { writeLoadEnd } from '../../../src/load/load-end.ts';
import { readRunData } from '../../../src/load/read-run-data.ts';
import { RunFiles } from '../../../src/load/run-files.ts';
import { bucketOf } from '../../../src/measure/buckets.ts';
import { RunData } from '../../../src/measure/run-data.ts';

const SECOND = 1_800_000_000;
let runDir: string;

beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'gauntlet-files-'));
  mkdirSync(join(runDir, 'k6'));
});
afterEach(() => rmSync(runDir, { recursive: true }));

const increments = (second: number): Increments => ({
  latency: [
    { flow: 'a', clock: 'connect', second, counts: Uint32Array.of(bucketOf(300), 1) },
    { flow: 'a', clock: 'response', second, counts: Uint32Array.of(bucketOf(900), 2, bucketOf(45_000), 1) },
    { flow: 'a', clock: 'service', second, counts: Uint32Array.of(bucketOf(800), 3) },
  ],
  counts: [
    {
      ...{ flow: 'a', second, due: 3, started: 3, dropped: 0, completed: 3, interrupted: 0, failed: 1 },
      outcomes: { 'grpc-14': 1 },
    },
  ],
  slices: [{ flow: 'a', at: epochMs(second * 1000 + 200), due: 3, bad: 1, slow: 0, maxUs: 45_000 }],
});

function write(...seconds: readonly number[]): RunData {
  const files = new RunFiles(runDir, SECOND);
  const live = new RunData();
  for (const second of seconds) {
    files.write(increments(second));
    live.add(increments(second));
  }
  files.close();
  return live;
}
const told = ({ file, line, text }: Flaw): string => `${file}${line === undefined ? '' : `:${line}`} ${text}`;
const phase = { name: 'steady', from: epochMs(SECOND * 1000), to: epochMs((SECOND + 10) * 1000) };

describe('the files of a run', () => {
  it('are read back to the same answers as the run had live', () => {
    const live = write(SECOND + 1, SECOND + 3, SECOND + 1);
    const stored = readRunData(runDir);
    expect(stored.problems).toEqual([]);
    expect(stored.data.flowPhase('a', phase)).toEqual(live.flowPhase('a', phase));
    expect(stored.data.flowPhase('a', phase)).toMatchObject({
      ...{ count: 9, connects: 3, outcomes: { 'grpc-14': 3 } },
    });
    expect(stored.data.series('a')).toEqual(live.series('a'));
    expect(stored.data.slices('a', phase.from, phase.to)).toEqual(live.slices('a', phase.from, phase.to));
  });

  it('lose a line that a kill cut off, and say so', () => {
    write(SECOND + 1, SECOND + 2);
    const size = readFileSync(join(runDir, 'latency.hlog')).length;
    truncateSync(join(runDir, 'latency.hlog'), size - 20);
    appendFileSync(join(runDir, 'counts.ndjson'), '{"flow":"a","sec');
    const stored = readRunData(runDir);
    expect(stored.problems).toEqual([]);
    expect(stored.cut.map(told)).toEqual([
      'latency.hlog:11 is cut off, its second is incomplete',
      'counts.ndjson:3 is cut off, its second is incomplete',
    ]);
    expect(stored.data.totals('a').completed).toBe(6);
    expect(stored.data.histogram('a', 'service', [SECOND + 1, SECOND + 2]).count).toBe(3);
  });

  it('name a line that cannot be read, and files that are missing', () => {
    write(SECOND + 1);
    writeFileSync(join(runDir, 'counts.ndjson'), '{"flow":"a","second":null}\n');
    rmSync(join(runDir, 'slices.ndjson'));
    expect(readRunData(runDir).problems.map(told)).toEqual([
      'counts.ndjson:1 cannot be read (second is not a number)',
      'slices.ndjson is missing',
    ]);
  });

  it('are read without outcomes too, as they were before there were any, and not with wrong ones', () => {
    write();
    const old = {
      flow: 'a',
      second: SECOND,
      due: 3,
      started: 3,
      dropped: 0,
      completed: 3,
      interrupted: 0,
      failed: 2,
    };
    const lines = [old, { ...old, outcomes: { timeout: 1 } }, { ...old, outcomes: { timeout: 'x' } }];
    writeFileSync(join(runDir, 'counts.ndjson'), lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const stored = readRunData(runDir);
    expect(stored.problems.map(told)).toEqual([
      'counts.ndjson:2 cannot be read (the outcomes sum to 1, failed is 2)',
      'counts.ndjson:3 cannot be read (an outcome is not a number)',
    ]);
    expect(stored.data.flowPhase('a', phase).outcomes).toEqual({ 'not-recorded': 2 });
  });

  it('tell a load that ended from one that was killed', () => {
    write(SECOND + 1);
    expect(readRunData(runDir).end).toBeUndefined();
    const end = {
      flows: { a: { expected: { least: 1, most: 3 }, problems: [] } },
      exitCodes: { s: 0 },
      problems: [],
    };
    writeLoadEnd(runDir, end);
    expect(readRunData(runDir).end).toEqual(end);
  });
});
