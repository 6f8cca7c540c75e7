import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withNightId } from '../../../../src/run/history/night-id.ts';
import { openHistory } from '../../../../src/run/history/open-history.ts';
import { newChanges, trendOfHistory } from '../../../../src/run/nightly/trend-of-history.ts';
import { aNight } from '../../measure/trend/nights.ts';

const OF = { campaign: 'nightly', environment: 'staging-1' };
/** 40 nights, the last 10 half slower: no chance could be that. */
const nightAt = (at: number) => {
  const { id: _, ...fields } = aNight(at, { p99: (at < 30 ? 100 : 150) * (1 + ((at * 7) % 5) / 100) });
  return withNightId(fields);
};

it('sees what the newest night saw, though that night has told it; a later night has nothing new', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-trend-'));
  const history = await openHistory(join(folder, 'h'), {
    places: { state: folder, cache: folder },
    env: {},
    bootstrap: true,
  });
  try {
    for (let at = 0; at < 40; at += 1) history.add(nightAt(at));
    const seen = trendOfHistory(history, OF);
    expect(seen.status).toBe('FAIL');
    const newest = history.nights(OF).at(-1)?.id ?? '';
    history.tell(newChanges(seen).map((one) => ({ ...OF, ...one, toldIn: newest })));
    expect(trendOfHistory(history, OF)).toEqual(seen);
    history.add(nightAt(40));
    expect(trendOfHistory(history, OF).status).toBe('PASS');
    expect(newChanges(trendOfHistory(history, OF))).toEqual([]);
  } finally {
    await history.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
