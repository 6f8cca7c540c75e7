import { describe, expect, it } from 'vitest';
import type { Trend } from '../../../src/core/trend.ts';
import { trendOf } from '../../../src/measure/trend/trend-of.ts';
import { renderTrendMarkdown } from '../../../src/report/trend-markdown.ts';
import { trendText } from '../../../src/report/trend-text.ts';
import { aNight, FAULT, FLOW } from '../measure/trend/nights.ts';

/** Noise that is the same each time, and of which no night tells the next. */
const wave = (at: number): number => 1 + 0.03 * (((at * 7919) % 101) / 101 - 0.5);

/** The P99 steps up, most rounds stop recovering, and the newest night is INVALID. */
function worse(): Trend {
  const last = {
    runStatus: 'INVALID',
    status: 'INVALID',
    reasons: [{ status: 'INVALID', text: 'k6 lost its load' }],
  } as const;
  const nights = Array.from({ length: 36 }, (_, at) =>
    aNight(at, {
      p99: (at < 28 ? 100 : 122) * wave(at),
      rounds: at < 20 ? [18 * wave(at), 20] : at % 3 === 0 ? ['never', 'never'] : [15 * wave(at), 'never'],
      ...(at === 35 && { changes: last }),
    }),
  );
  return trendOf(nights, { pinned: nights[3]?.id ?? '', told: [], seed: 1 });
}
const linesOf = (text: string): string[] => text.split('\n');

describe('the text of a trend', () => {
  it('has the answer first, then headline series, recoveries with the worst first, changes and gaps', () => {
    expect(trendText(worse(), { width: 120, color: false })).toMatchInlineSnapshot(`
      "FAIL: P99 of shop.orders in baseline rose by 22 % on 2026-01-29, confirmed (99.9 ms → 122 ms) (and 4 more); the night of 2026-02-05 is a gap, INVALID: k6 lost its load

      series                                      newest      state                         change        pinned
      shop.orders p99 in baseline                    gap  confirmed                          +22 %  +23.4 % FAIL
      shop.orders failed in baseline                 gap     steady                              –    +0 pt PASS
      kill-pod: shop.orders failed recovery time     gap  confirmed  18.2 s → not reached (> 60 s)             –
      kill-pod: shop.orders failed recovered         gap  confirmed                   −66.7 points             –
      2 more series are folded: gauntlet history export has them.

      recovered                       rounds          share (95 %)            median (95 %)
      kill-pod: shop.orders failed  20 of 40  50% (35.2% to 64.8%)  20 s (18.1 s to > 60 s)

      Changes
        2026-01-29 shop.orders p99 in baseline: +22 %, worse, confirmed, new
        2026-01-29 shop.orders p50 in baseline: +22 %, worse, confirmed, new
        2026-01-29 shop.orders p95 in baseline: +22 %, worse, confirmed, new
        2026-01-21 kill-pod: shop.orders failed recovery time: 18.2 s → not reached (> 60 s), worse, confirmed, new
        2026-01-21 kill-pod: shop.orders failed recovered: −66.7 points, worse, confirmed, new

      Gaps
        2026-02-05 INVALID: k6 lost its load

      36 nights of nightly on staging-1, 2026-01-01 to 2026-02-05; pinned: 2026-01-04"
    `);
  });

  it('has days, intervals and the last nights too where there is room', () => {
    expect(linesOf(trendText(worse(), { width: 170, color: false })).slice(2, 5)).toMatchInlineSnapshot(`
      [
        "series                                      newest      state                                       change                         pinned  last nights",
        "shop.orders p99 in baseline                    gap  confirmed                          +22 % on 2026-01-29  +23.4 % (+16.8 to +30.3) FAIL            –",
        "shop.orders failed in baseline                 gap     steady                                            –          +0 pt (+0 to +0) PASS            –",
      ]
    `);
  });

  it('never exceeds its width', () => {
    for (const width of [80, 100, 150, 200])
      for (const line of linesOf(trendText(worse(), { width, color: false })).slice(1, 12))
        expect([...line].length).toBeLessThanOrEqual(width);
  });
});

describe('the Markdown of a trend', () => {
  it('has the answer as its heading, a row a headline series, and the rest folded', () => {
    expect(renderTrendMarkdown(worse())).toMatchInlineSnapshot(`
      "### FAIL: P99 of shop.orders in baseline rose by 22 % on 2026-01-29, confirmed (99.9 ms → 122 ms) (and 4 more); the night of 2026-02-05 is a gap, INVALID: k6 lost its load

      36 nights of nightly on staging-1, 2026-01-01 to 2026-02-05; pinned: 2026-01-04

      | Series | Newest | State | Change | Pinned | Last nights |
      | --- | ---: | --- | ---: | ---: | ---: |
      | shop.orders p99 in baseline | gap | **confirmed** | +22 % on 2026-01-29 | +23.4 % (+16.8 to +30.3) FAIL | – |
      | shop.orders failed in baseline | gap | **steady** | – | +0 pt (+0 to +0) PASS | – |
      | kill-pod: shop.orders failed recovery time | gap | **confirmed** | 18.2 s → not reached (\\> 60 s) on 2026-01-21 | – | – |
      | kill-pod: shop.orders failed recovered | gap | **confirmed** | −66.7 points on 2026-01-21 | – | – |

      | Recovered | Rounds | Share (95 %) | Median (95 %) |
      | --- | ---: | ---: | ---: |
      | kill-pod: shop.orders failed | 20 of 40 | 50% (35.2% to 64.8%) | 20 s (18.1 s to \\> 60 s) |

      <details><summary>Changes (5)</summary>

      - 2026-01-29 shop.orders p99 in baseline: +22 %, worse, confirmed, new
      - 2026-01-29 shop.orders p50 in baseline: +22 %, worse, confirmed, new
      - 2026-01-29 shop.orders p95 in baseline: +22 %, worse, confirmed, new
      - 2026-01-21 kill-pod: shop.orders failed recovery time: 18.2 s → not reached (\\> 60 s), worse, confirmed, new
      - 2026-01-21 kill-pod: shop.orders failed recovered: −66.7 points, worse, confirmed, new

      </details>

      <details><summary>Gaps (1)</summary>

      - 2026-02-05 INVALID: k6 lost its load

      </details>

      <details><summary>2 more series</summary>

      | Series | Newest | State | Change | Pinned | Last nights |
      | --- | ---: | --- | ---: | ---: | ---: |
      | shop.orders p50 in baseline | gap | **confirmed** | +22 % on 2026-01-29 | +23.4 % (+16.8 to +30.3) FAIL | – |
      | shop.orders p95 in baseline | gap | **confirmed** | +22 % on 2026-01-29 | +23.4 % (+16.8 to +30.3) FAIL | – |

      </details>
      "
    `);
  });
});

const movesTheCursor = (text: string): boolean => text.includes('\u001b') || text.includes('\u202e');

describe('foreign text', () => {
  const foreign = '\u001b[31m|<b>*x*\u202e\n## y';
  const nights = Array.from({ length: 3 }, (_, at) => {
    const night = aNight(at, { rounds: [10] });
    const reasons = [{ status: 'NO-DATA' as const, text: foreign }];
    return {
      ...night,
      campaign: foreign,
      flows: { [foreign]: night.flows[FLOW] ?? {} },
      recoveries: night.recoveries.map((one) => ({ ...one, sli: foreign })),
      environment: { key: foreign, words: { [foreign]: `${at} ${foreign}` } },
      ...(at === 2 && { runStatus: 'NO-DATA' as const, reasons }),
      quarantine: [
        { fault: FAULT, sli: foreign, owner: foreign, reason: foreign, since: foreign, until: foreign },
      ],
    };
  });
  const trend = trendOf(nights, { pinned: null, told: [], seed: 1 });

  it('moves no cursor and begins no line on a terminal', () => {
    const text = trendText(trend, { width: 120, color: false });
    expect(movesTheCursor(text)).toBe(false);
    expect(linesOf(text).filter((line) => line.startsWith('## y'))).toEqual([]);
  });

  it('ends no cell, opens no element and begins no heading in Markdown', () => {
    const text = renderTrendMarkdown(trend);
    expect(movesTheCursor(text)).toBe(false);
    expect(text).not.toMatch(/<b>|(?<!\\)\*x/);
    expect(linesOf(text).filter((line) => line.startsWith('## y'))).toEqual([]);
    const rows = linesOf(text).filter((line) => line.startsWith('| ') && line.includes('in baseline'));
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
    expect(rows.length).toBeGreaterThan(1);
  });
});
