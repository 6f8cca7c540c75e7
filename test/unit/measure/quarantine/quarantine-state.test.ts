import { describe, expect, it } from 'vitest';
import { quarantineStates } from '../../../../src/measure/quarantine/quarantine-state.ts';
import { quarantineText } from '../../../../src/report/quarantine-text.ts';
import { entry, nights, timeOf } from './nights.ts';

const at = (day: number): string => timeOf(day).toISOString();

describe('the list of a quarantine', () => {
  it('says owner, reason, end, and what the nights since said', () => {
    const states = quarantineStates([entry()], nights('pFpppppppFpRp'), timeOf(14));
    expect(quarantineText('history', states)).toBe(
      [
        'kill-pod × checkout failed, shop on staging: in quarantine since 2026-11-10, until 2026-11-20',
        '  owner team-shop: issue 42: slow image pull',
        '  nights since 2026-11-10: FAIL, pass, no answer, pass',
        '  2 passes in a row',
      ].join('\n'),
    );
  });

  it('says what may leave, and what has expired', () => {
    const [state] = quarantineStates([entry()], nights('pFpppppppppppppp'), timeOf(21));
    expect(state).toMatchObject({ state: 'expired', passesRunning: 7, mayLeave: true });
    const text = quarantineText('history', state ? [state] : []);
    expect(text).toContain('EXPIRED on 2026-11-20: every night fails until it is lifted or entered again');
    expect(text).toContain('7 passes in a row: it may leave, with --lift');
  });

  it('keeps lifted entries and those that were entered again', () => {
    const lifted = entry({ sli: 'checkout slow', lifted: { at: at(18), passes: [] } });
    const again = entry({ since: at(21), until: at(30) });
    const states = quarantineStates([entry(), lifted, again], nights('pF'), timeOf(22));
    expect(states.map((one) => one.state)).toEqual(['replaced', 'lifted', 'in-force']);
    const lines = quarantineText('history', states).split('\n');
    expect(lines[0]).toContain('from 2026-11-10 until 2026-11-20, entered again since');
    expect(lines[3]).toContain('lifted on 2026-11-18');
  });

  it('lets no text of a history move the cursor', () => {
    const bad = entry({ owner: 'eve\u001b[2J', reason: 'x\ny' });
    const text = quarantineText('history', quarantineStates([bad], [], timeOf(12)));
    expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
    expect(text.split('\n')).toHaveLength(4);
    expect(quarantineText('history', [])).toBe('history: nothing is or was in quarantine.');
  });
});
