import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attemptText, type GateResult } from '../../../../src/core/gate.ts';
import type { VerdictStatus } from '../../../../src/core/verdict.ts';
import {
  attemptBegun,
  attemptEnded,
  type GateQuestion,
  nextAttempt,
} from '../../../../src/run/gate/attempts.ts';
import type { Places } from '../../../../src/system/places.ts';

const QUESTION: GateQuestion = { campaign: 'c', baseline: 'none:1', candidate: 'none:2', version: 'a1b2' };
const FIRST_LOOK = 16;

const placesOf = (): Places => {
  const state = mkdtempSync(join(tmpdir(), 'gauntlet-attempts-'));
  return { cache: state, state };
};

const result = (status: VerdictStatus, kept: number): GateResult => ({
  ...{ status, sentence: '', pairs: { run: kept, kept, judged: kept }, dropped: [], looks: [], metrics: [] },
  checks: { slotEffect: null, lag1: null, cliffs: [] },
});

let gates = 0;
function gate(places: Places, end: GateResult | undefined, wasStopped = false, question = QUESTION): void {
  gates += 1;
  attemptBegun(places, `run-${gates}`, question);
  attemptEnded(places, `run-${gates}`, question, { result: end, wasStopped, firstLook: FIRST_LOOK });
}
const numberOf = (places: Places, question = QUESTION): number => nextAttempt(places, question, 0.05).number;

describe('attempts', () => {
  it('are counted for the same campaign, baseline, candidate and version, whatever they ended with', () => {
    const places = placesOf();
    expect(numberOf(places)).toBe(1);
    gate(places, result('FAIL', 16));
    gate(places, result('PASS', 24));
    expect(nextAttempt(places, QUESTION, 0.05)).toEqual({
      ...{ number: 3, alpha: 0.05, version: 'a1b2' },
      earlier: [
        { run: `run-${gates - 1}`, status: 'FAIL' },
        { run: `run-${gates}`, status: 'PASS' },
      ],
    });
  });

  it('start anew for another version, candidate, baseline or campaign, and the old ones stay counted', () => {
    const places = placesOf();
    gate(places, result('FAIL', 16));
    for (const other of [
      { version: 'c3' },
      { version: null },
      { candidate: 'x' },
      { baseline: 'x' },
      { campaign: 'x' },
    ])
      expect(numberOf(places, { ...QUESTION, ...other })).toBe(1);
    gate(places, result('PASS', 16), false, { ...QUESTION, version: 'c3' });
    expect(numberOf(places)).toBe(2);
  });

  it('that ended by themselves before their first look do not count; those that a person stopped do', () => {
    const places = placesOf();
    gate(places, result('INVALID', 15));
    gate(places, result('INVALID', 0), true);
    expect(numberOf(places)).toBe(1);
    gate(places, result('INVALID', 1), true);
    expect(numberOf(places)).toBe(2);
  });

  it('that were killed count: nobody knows what was seen of them', () => {
    const places = placesOf();
    gate(places, undefined);
    expect(nextAttempt(places, QUESTION, 0.05).earlier).toEqual([{ run: `run-${gates}`, status: null }]);
  });

  it('refuse a file that cannot be read, instead of beginning at 1 again', () => {
    const places = placesOf();
    gate(places, result('FAIL', 16));
    const [folder = ''] = readdirSync(join(places.state, 'gates'));
    const path = join(places.state, 'gates', folder, `run-${gates}.json`);
    writeFileSync(path, '{');
    expect(() => numberOf(places)).toThrow(
      `${path}: expected an earlier attempt at this gate, got no JSON. The level is divided by the number of attempts: mend the file, or delete it with its attempt.`,
    );
    writeFileSync(path, '{}');
    expect(() => numberOf(places)).toThrow(`${path}: expected an earlier attempt at this gate, got schema: `);
  });

  it('are told with the level that is left, but for the first', () => {
    const attempt = (number: number) => ({ ...nextAttempt(placesOf(), QUESTION, 0.05), number });
    expect(attemptText({ alpha: 0.05, attempt: attempt(1) })).toBe(null);
    expect(attemptText({ alpha: 0.05 / 3, attempt: attempt(3) })).toBe('attempt 3: level 1.7 %');
    expect(attemptText({ alpha: 0.05 })).toBe(null);
  });
});
