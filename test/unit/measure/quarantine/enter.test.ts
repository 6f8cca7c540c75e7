import { describe, expect, it } from 'vitest';
import { GauntletError } from '../../../../src/core/errors.ts';
import type { Night } from '../../../../src/core/night.ts';
import type { QuarantineEntry } from '../../../../src/core/quarantine.ts';
import { type AskedQuarantine, enterQuarantine } from '../../../../src/measure/quarantine/enter.ts';
import { entry, night, nights, timeOf, UNIT } from './nights.ts';

const asked: AskedQuarantine = {
  ...UNIT,
  ...{ owner: 'team-shop', reason: 'issue 42: slow image pull', until: '2026-11-30' },
};

const enter = (
  past: readonly Night[],
  more: Partial<AskedQuarantine> = {},
  entries: readonly QuarantineEntry[] = [],
  day = 12,
): QuarantineEntry => enterQuarantine({ ...asked, ...more }, past, entries, timeOf(day));

function refusal(act: () => unknown): { readonly kind: string; readonly text: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof GauntletError) return { kind: error.kind, text: error.message };
    throw error;
  }
  throw new Error('it was entered');
}

describe('the way into quarantine', () => {
  it('is open to what passed and failed on the same versions, and keeps these nights as evidence', () => {
    const made = enter(nights('ppFp'));
    expect(made).toEqual({
      schema: 'gauntlet.quarantine/1',
      ...UNIT,
      ...{ owner: 'team-shop', reason: 'issue 42: slow image pull' },
      ...{ since: '2026-11-12T02:00:00.000Z', until: '2026-11-30T23:59:59.999Z' },
      evidence: [1, 2, 3, 4].map((day) => `2026-11-0${day}T02-00-00-shop-aaaa-000000000000`),
      lifted: null,
    });
  });

  it('is closed to two failures in a row without a pass between, which are real', () => {
    const { kind, text } = refusal(() => enter(nights('pFFp')));
    expect(kind).toBe('refused');
    expect(text).toBe(
      'kill-pod × checkout failed: expected no two failures in a row on the same versions, ' +
        'got 2026-11-02T02-00-00-shop-aaaa of 2026-11-02 and 2026-11-03T02-00-00-shop-aaaa of 2026-11-03. ' +
        'What fails twice without a pass between is real: mend it.',
    );
  });

  it('sees two failures in a row although a night without an answer was between them', () => {
    expect(refusal(() => enter(nights('pFIFp'))).text).toContain('no two failures in a row');
    expect(refusal(() => enter(nights('pFNFp'))).text).toContain('no two failures in a row');
  });

  it.each([
    ['pppp', '4 passed, 0 failed'],
    ['F', '0 passed, 1 failed'],
  ])('is closed to %s, which is not mixed', (letters, counts) => {
    const { kind, text } = refusal(() => enter(nights(letters)));
    expect(kind).toBe('refused');
    expect(text).toContain(
      'expected at least 1 pass and 1 fail within the last 10 nights on the versions of the newest (checkout sha-1)',
    );
    expect(text).toContain(`got ${counts}`);
  });

  it('is closed to RESIDUE and INVALID: their failures are no failures of a service level', () => {
    const { kind, text } = refusal(() => enter(nights('pRpI')));
    expect(kind).toBe('refused');
    expect(text).toContain(
      '2 passed, 0 failed: 2026-11-01T02-00-00-shop-aaaa of 2026-11-01 pass; ' +
        '2026-11-02T02-00-00-shop-aaaa of 2026-11-02 no answer (the night is RESIDUE)',
    );
    expect(text).toContain('RESIDUE, INVALID and NO-DATA cannot be quarantined: mend what caused them.');
    expect(refusal(() => enter(nights('RR'))).text).toContain(
      'expected a pass and a fail within the last 10 nights',
    );
  });

  it('is closed to a fault that was not injected: NO-DATA is not an outcome', () => {
    expect(refusal(() => enter(nights('pNpN'))).text).toContain('no answer (the night is NO-DATA)');
  });

  it('is closed when the outcomes differ because the versions do', () => {
    const other = [night(1), night(2, { failed: null, subject: { checkout: 'sha-2' } })];
    expect(refusal(() => enter(other)).text).toContain(
      '0 passed, 1 failed: 2026-11-01T02-00-00-shop-aaaa of 2026-11-01 pass (other versions)',
    );
    const campaign = [night(1), night(2, { failed: null, campaignHash: 'c2' })];
    expect(refusal(() => enter(campaign)).text).toContain('(other versions)');
  });

  it('is closed when no night names what was tested', () => {
    const nameless = [night(1, { subject: {} }), night(2, { failed: null, subject: {} })];
    expect(refusal(() => enter(nameless)).text).toContain('nights that name the versions of what was tested');
  });

  it('looks at the last 10 nights only', () => {
    expect(refusal(() => enter(nights('Fpppppppppp'))).text).toContain('10 passed, 0 failed');
    expect(enter(nights('pFppppppppp')).evidence).toHaveLength(10);
  });

  it('names everything that is missing at once, before it looks at nights', () => {
    const { kind, text } = refusal(() =>
      enter(nights('pFF'), { owner: ' ', reason: undefined, until: undefined }),
    );
    expect(kind).toBe('usage');
    expect(text.split('\n')).toEqual([
      '--owner: expected who mends it, such as a team or a person, in at most 300 characters, got " ".',
      '--reason: expected why it fails at times, such as the number of an issue, in at most 300 characters, got nothing.',
      '--until: expected a day from today to 2026-12-12 (30 days), such as 2026-12-12, got nothing.',
    ]);
  });

  it.each(['2026-12-13', '2026-11-11', '2026-02-31', 'tomorrow', '2026-11-12T01:00:00Z'])(
    'is closed until %s',
    (until) => {
      expect(refusal(() => enter(nights('pF'), { until })).text).toBe(
        `--until: expected a day from today to 2026-12-12 (30 days), such as 2026-12-12, got "${until}".`,
      );
    },
  );

  it('is open up to 30 days', () => {
    expect(enter(nights('pF'), { until: '2026-12-12' }).until).toBe('2026-12-12T23:59:59.999Z');
  });

  it('names the known faults and service levels where one is wrong', () => {
    expect(refusal(() => enter(nights('pF'), { fault: 'kil-pod' })).text).toBe(
      '--fault: expected one of kill-pod, partition-kafka, throttle-redis, got "kil-pod". Did you mean kill-pod?',
    );
    expect(refusal(() => enter(nights('pF'), { sli: 'checkout' })).text).toContain(
      '--sli: expected one of checkout failed, checkout slow, got "checkout".',
    );
    expect(
      refusal(() => enter(nights('pF'), { fault: '', sli: '', owner: undefined })).text.split('\n'),
    ).toEqual([
      '--fault: expected one of kill-pod, partition-kafka, throttle-redis, got nothing.',
      '--sli: expected one of checkout failed, checkout slow, got nothing.',
      '--owner: expected who mends it, such as a team or a person, in at most 300 characters, got nothing.',
    ]);
    expect(refusal(() => enter([])).text).toBe('history: expected nights of campaign shop, got none.');
  });

  it('is closed to what is inside already, and to the nights of an entry that has ended', () => {
    expect(refusal(() => enter(nights('pFp'), {}, [entry()])).text).toBe(
      'kill-pod × checkout failed: expected not to be in quarantine already, ' +
        'got an entry of team-shop from 2026-11-10 until 2026-11-20. ' +
        'It cannot be made longer: after its end, mixed outcomes of nights since then may enter it again for 30 days.',
    );
    const old = [entry({ until: timeOf(11).toISOString() })];
    expect(refusal(() => enter(nights('pFpFpFpFp'), {}, old)).text).toContain('got no night');
    expect(enter(nights('pFpFpFpFpFpF'), {}, old, 12).evidence).toHaveLength(3);
  });

  it('holds a quarter of the faults, at least one', () => {
    const other = entry({ fault: 'throttle-redis', owner: 'team-cache' });
    expect(refusal(() => enter(nights('pF'), {}, [other])).text).toBe(
      'kill-pod × checkout failed: expected at most 1 of 3 faults in quarantine (a quarter, at least one), ' +
        'got 1 already: throttle-redis × checkout failed (team-cache, until 2026-11-20). Mend one of them first.',
    );
    const second = entry({ sli: 'checkout slow' });
    expect(enter(nights('pF'), {}, [second]).fault).toBe('kill-pod');
    const elsewhere = entry({ fault: 'throttle-redis', environment: 'prod' });
    expect(enter(nights('pF'), {}, [elsewhere]).fault).toBe('kill-pod');
  });
});
