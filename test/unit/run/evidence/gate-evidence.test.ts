import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordedBlock } from '../../../../src/core/gate.ts';
import { gateFileShape } from '../../../../src/core/shapes/gate-shape.ts';
import { shapeProblem } from '../../../../src/core/shapes/shape-check.ts';
import { assembleRun } from '../../../../src/run/verdict/assemble.ts';
import { writeReports } from '../../../../src/run/verdict/write-reports.ts';
import { PAIRS, writeGateRun } from './gate-run.ts';

function gateRun(kept?: number): string {
  const runDir = join(mkdtempSync(join(tmpdir(), 'gauntlet-gate-evidence-')), 'run');
  writeGateRun(runDir, kept);
  return runDir;
}

const reasonsOf = (runDir: string): readonly string[] =>
  assembleRun(runDir).result.verdict.reasons.map(({ status, text }) => `${status} ${text}`);

const linesOf = (runDir: string): string[] =>
  readFileSync(join(runDir, 'blocks.ndjson'), 'utf8').trimEnd().split('\n');

/** Without the seal, so that what is asked is the check of the blocks themselves. */
function changed(change: (lines: string[]) => readonly string[]): readonly string[] {
  const runDir = gateRun();
  writeFileSync(join(runDir, 'blocks.ndjson'), `${change(linesOf(runDir)).join('\n')}\n`);
  rmSync(join(runDir, 'evidence.json'));
  const events = join(runDir, 'events.ndjson');
  writeFileSync(events, readFileSync(events, 'utf8').replace(',"evidence":"evidence.json"', ''));
  return reasonsOf(runDir);
}

const altered = (line: number, change: (block: RecordedBlock) => object): readonly string[] =>
  changed((lines) =>
    lines.map((text, index) =>
      index + 1 === line ? JSON.stringify(change(JSON.parse(text) as RecordedBlock)) : text,
    ),
  );

describe('the blocks of a gate', () => {
  it('are judged from their file, of which each line is a block that says whether it is kept', () => {
    const runDir = gateRun();
    const { result } = assembleRun(runDir);
    expect(reasonsOf(runDir)).toEqual([
      'PASS no metric is worse by 50 % or more after 6 pairs (P50 ratio 1.01 (0.99–1.03))',
    ]);
    expect(result.gate).toMatchObject({ status: 'PASS', pairs: { run: PAIRS, kept: PAIRS, judged: PAIRS } });
    const [head, first, ...others] = linesOf(runDir).map((line) => JSON.parse(line) as object);
    expect(head).toEqual({ schema: 'gauntlet.blocks/1', run: 'small-gate' });
    expect(first).toMatchObject({ pair: 1, slot: 1, side: 'baseline', kept: true, why: null });
    expect(others).toHaveLength(2 * PAIRS - 1);
  });

  it('of a gate that was killed are those that were whole: INVALID, with the pairs kept', () => {
    const runDir = gateRun(4);
    expect(reasonsOf(runDir)).toContain('INVALID ended in the middle; 4 pairs kept');
    expect(reasonsOf(runDir)).toContain('INVALID interrupted: the run ended without its last event');
    writeFileSync(
      join(runDir, 'blocks.ndjson'),
      readFileSync(join(runDir, 'blocks.ndjson'), 'utf8').slice(0, -40),
    );
    expect(reasonsOf(runDir)).toContain('INVALID ended in the middle; 3 pairs kept');
    expect(reasonsOf(runDir)).toContain('INVALID blocks.ndjson:9 is cut off');
  });

  it('are sealed like the other evidence', () => {
    const runDir = gateRun();
    const path = join(runDir, 'blocks.ndjson');
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n`);
    expect(reasonsOf(runDir)).toContain('INVALID evidence: blocks.ndjson:14 is not JSON');
  });

  it('are INVALID when they say something else than the files of the load', () => {
    const flow = (block: RecordedBlock) => block.flows['shop.orders'];
    expect(
      altered(3, (block) => ({
        ...block,
        flows: { 'shop.orders': { ...flow(block), failed: 1 } },
      })),
    ).toEqual([
      'INVALID evidence: blocks.ndjson:3 pair 1, block 2: shop.orders has failed 1, counts.ndjson 0',
    ]);
    expect(
      altered(4, (block) => ({
        ...block,
        flows: { 'shop.orders': { ...flow(block), goodMs: { p50: 1 } } },
      }))[0],
    ).toMatch(
      /^INVALID evidence: blocks\.ndjson:4 pair 2, block 1: shop\.orders has p50 1 ms, latency\.hlog 2\d\.\d+ ms$/,
    );
    expect(altered(4, (block) => ({ ...block, kept: false, why: 'slow' }))).toEqual([
      'INVALID evidence: blocks.ndjson:4 pair 2, block 1: whether it is kept does not follow from it',
    ]);
  });

  it('are INVALID when they are not where plan and timeline have them', () => {
    expect(altered(2, (block) => ({ ...block, side: 'candidate' }))).toEqual([
      'INVALID evidence: blocks.ndjson:2 pair 1, block 1 is of the candidate, against the order in plan.json',
    ]);
    expect(altered(2, (block) => ({ ...block, from: block.from + 5000, to: block.to + 5000 }))).toEqual([
      'INVALID evidence: blocks.ndjson:2 pair 1, block 1 is not at the time that events.ndjson tells of its pair',
    ]);
    expect(changed((lines) => lines.filter((_, index) => index !== 4))[0]).toBe(
      'INVALID evidence: blocks.ndjson:5 pair 3, block 1 stands where pair 2, block 2 belongs',
    );
    expect(changed((lines) => lines.slice(0, 5))).toEqual([
      'INVALID evidence: blocks.ndjson has 2 whole pairs of at least 4 that events.ndjson tells of',
    ]);
  });

  it('are INVALID when a line has another form, or the file is of another run', () => {
    expect(altered(2, (block) => ({ ...block, pair: 0 }))[0]).toMatch(/^INVALID evidence: blocks\.ndjson:2 /);
    expect(changed(([, ...lines]) => ['{"schema":"gauntlet.blocks/1","run":"other"}', ...lines])).toEqual([
      'INVALID evidence: blocks.ndjson:1 is of run other, plan.json of small-gate',
    ]);
  });
});

describe('gate.json', () => {
  it('is made from the evidence, with its schema, and made again when it was altered', () => {
    const runDir = gateRun();
    const { result } = writeReports(runDir);
    const text = readFileSync(join(runDir, 'gate.json'), 'utf8');
    const file: unknown = JSON.parse(text);
    expect(shapeProblem(gateFileShape, file)).toBe(null);
    expect(file).toMatchObject({
      ...{ schema: 'gauntlet.gate/1', run: 'small-gate', campaign: 'small', seed: 7, mode: 'interleaved' },
      baseline: { target: 'blue', replicas: null },
      candidate: { target: 'green', replicas: null, version: null },
      asked: { looks: [PAIRS], blockMs: 2000, order: ['AB', 'BA', 'BA', 'AB', 'BA', 'AB'] },
      result: { status: 'PASS', sentence: result.gate?.sentence },
    });
    writeFileSync(join(runDir, 'gate.json'), text.replace('PASS', 'FAIL'));
    writeReports(runDir);
    expect(readFileSync(join(runDir, 'gate.json'), 'utf8')).toBe(text);
  });

  it('of a gate that was killed says INVALID', () => {
    const runDir = gateRun(4);
    writeReports(runDir);
    expect(JSON.parse(readFileSync(join(runDir, 'gate.json'), 'utf8'))).toMatchObject({
      result: { status: 'INVALID', sentence: 'ended in the middle; 4 pairs kept' },
    });
  });
});
