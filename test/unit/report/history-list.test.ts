import { describe, expect, it } from 'vitest';
import { historyList } from '../../../src/report/history-list.ts';
import { aNight } from '../run/history/a-night.ts';

const STYLE = { width: 100, color: false };

describe('the nights of a history on a terminal', () => {
  const good = aNight();
  const bad = aNight({
    startedAt: '2026-11-29T02:00:10.000Z',
    status: 'RESIDUE',
    reasons: [
      { status: 'FAIL', text: 'p99 missed' },
      { status: 'RESIDUE', text: 'throttle-redis\u001b[2J is not undone' },
    ],
  });
  const of = { campaign: 'nightly', environment: 'staging-3f1c' };

  it('are one line each, with the worst reason, below the answer of all', () => {
    const headline =
      'PASS: no series became worse, of all that could be compared, however long this sentence is';
    const parts = [{ ...of, nights: [good, bad], hidden: 3, pinned: good.id, headline }];
    const digits = (id: string): string => id.slice(-12);
    expect(historyList('h', parts, STYLE).split('\n')).toEqual([
      'nightly on staging-3f1c, 5 nights: PASS: no series became worse, of all that could be compared, however long this sentence is',
      'night (UTC)       verdict  first reason                      id',
      '3 older',
      `2026-11-28 02:00  PASS     all held                          ${digits(good.id)} pinned`,
      `2026-11-29 02:00  RESIDUE  throttle-redis [2J is not undone  ${digits(bad.id)}`,
    ]);
  });

  it('say so when there is none', () => {
    expect(historyList('h', [], STYLE)).toBe('h: no night yet.');
  });
});
