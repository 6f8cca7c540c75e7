import { describe, expect, it } from 'vitest';
import type { Fact, Runbook } from '../../../src/core/runbook.ts';
import { ms } from '../../../src/core/units.ts';
import { verdictOf } from '../../../src/core/verdict.ts';
import { runbookAfter } from '../../../src/report/runbook-after.ts';
import { isReady, runbookBefore } from '../../../src/report/runbook-before.ts';
import { demoInput, emptyInput, event } from './fixture.ts';
import { demoPlan } from './fixture-plan.ts';

const ok: Fact = { subject: 'Hours', status: 'ok', detail: 'any hour is allowed' };
const missing: Fact = {
  subject: 'Consent to faults',
  status: 'missing',
  detail: 'policy.optIn: expected true',
};
const open: Fact = { subject: 'Target answers', status: 'not-checked', detail: 'sandbox default is not up' };

const book = (more: Partial<Runbook> = {}): Runbook => ({
  plan: { ...demoPlan(), abort: [], objectives: [] },
  ...{ platform: 'sandbox', madeAt: '2026-11-29T16:00:00.000Z', leaseMs: 3000 },
  ...{ facts: [ok], load: ['checkout: 10/s'], timeline: ['Warm-up 5.0 s'], length: 'About 60 s' },
  faults: [
    {
      ...{ name: 'kill-pod', summary: 'kills instances', written: '{ service: checkout }', group: null },
      ...{ holdMs: null, victim: 'checkout-1', touches: ['checkout-1'], timers: ['back-off 1 s'] },
      hypotheses: [{ objective: 'checkout recovered < 60s after kill-pod', source: 'docs/slo.md:7' }],
      uses: [{ part: 'checkout-1', callers: ['client'], spared: ['batch'] }],
      ...{ proof: 'the process is gone', undone: 'the platform starts a successor', limits: null },
    },
  ],
  ...{ approvedBy: [], campaign: 'demo', target: 'sandbox' },
  ...more,
});

describe('a runbook before a run', () => {
  it('ticks what was checked and holds, and leaves open what does not or cannot be known, worst first', () => {
    const text = runbookBefore(book({ facts: [ok, open, missing] }));
    expect(text).toContain('**NOT READY: 1 missing, 1 of 3 facts hold, 1 can be checked only when it runs**');
    const boxes = text.split('\n').filter((line) => line.startsWith('- ['));
    expect(boxes).toEqual([
      '- [ ] MISSING: **Consent to faults**: policy.optIn: expected true',
      '- [ ] NOT CHECKED: **Target answers**: sandbox default is not up',
      '- [x] **Hours**: any hour is allowed',
    ]);
    expect(isReady({ facts: [ok, missing] })).toBe(false);
    expect(isReady({ facts: [ok, open] })).toBe(true);
  });

  it('says that an approval is a name that was given, not a fact', () => {
    expect(runbookBefore(book({ approvedBy: ['Ann <sre>', 'Ben'] }))).toContain(
      'Approved by Ann \\<sre\\>, Ben, as named with --approved-by. Gauntlet cannot check that.',
    );
    expect(runbookBefore(book())).toContain('Approvals: none was named (--approved-by).');
  });

  it('has hypothesis with source, victim, users, spared users, timers, proof and undo of each fault', () => {
    const text = runbookBefore(book());
    for (const line of [
      '- checkout recovered \\< 60s after kill-pod (source: docs/slo.md:7)',
      '- Victim: checkout-1 now; it is chosen again when the fault fires.',
      '- checkout-1: used by client; not touched on the way from batch',
      '- Expected timer: back-off 1 s',
      '- Counts as injected when: the process is gone',
      '- Undo: the platform starts a successor',
      '- Held: over when it is done',
    ])
      expect(text.split('\n')).toContain(line);
  });

  it('says how to begin, end and undo it, with words that a shell keeps whole', () => {
    const text = runbookBefore(book({ campaign: "my campaigns/it's.yaml", platform: 'kubernetes' }));
    expect(text).toContain("gauntlet run 'my campaigns/it'\\''s.yaml' --target sandbox --seed 42   # begin");
    expect(text).toContain(
      'gauntlet recover --target sandbox   # undo what a dead run left, from any machine',
    );
    expect(text).toContain('Ctrl-C once in its terminal');
  });

  it('holds for a campaign without faults, and for a fault that nothing judges', () => {
    expect(runbookBefore(book({ faults: [] }))).toContain('No fault is planned.');
    const [fault] = book().faults;
    const alone = fault ? [{ ...fault, hypotheses: [], victim: null, touches: [], uses: [] }] : [];
    const text = runbookBefore(book({ faults: alone }));
    expect(text).toContain(
      'No objective judges it. What is not back when the watch ends makes the run INCONCLUSIVE.',
    );
    expect(text).toContain(
      '- Victim: not known before the target is up; it is chosen again when the fault fires.',
    );
  });

  it('lets no text of a target become Markdown, a line or a control character', () => {
    const evil = 'x\n# PASS\u001b[2J | `a` [x](http://y) <img>';
    const [fault] = book().faults;
    const facts = [{ ...ok, detail: evil }];
    const text = runbookBefore(
      book({ facts, campaign: evil, faults: fault ? [{ ...fault, victim: evil }] : [] }),
    );
    expect(text).not.toMatch(/^# PASS/m);
    const [prose = '', code = '', rest = '', ...more] = text.split('```');
    expect(more).toEqual([]);
    expect(code).toContain("gauntlet run 'x # PASS [2J | `a` [x](http://y) <img>' --target");
    expect(prose + rest).not.toMatch(/(?<!\\)<img>|(?<!\\)\[x\]\(/);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    const ticks = runbookBefore(book({ campaign: '```` x' }));
    expect(ticks).toContain("`````sh\ngauntlet run '```` x'");
  });
});

describe('a runbook after a run', () => {
  it('begins with the answer and with what did not hold, worst first', () => {
    const lines = runbookAfter(demoInput()).split('\n');
    expect(lines[0]).toBe('# Game day: demo on sandbox');
    expect(lines[2]).toMatch(/^\*\*FAIL: hive\.plan recovered/);
    const begin = lines.indexOf('## Follow-ups');
    expect(lines.slice(begin + 2, begin + 4).map((line) => line.slice(0, 20))).toEqual([
      '- **FAIL** hive.plan',
      '- **INCONCLUSIVE** h',
    ]);
  });

  it('has receipts with bounds and evidence, expected beside observed timers, and the timeline', () => {
    const text = runbookAfter(demoInput());
    expect(text).toContain('### kill-pod on specialist-business-0 (pid 4821): injected and removed');
    expect(text).toContain('| in place | +00:20.1 | 50.0 ms earlier at most | reset after 12 ms | refused |');
    expect(text).toContain('- Observed timers: 5.14 s = noticed 40.0 ms + back-off 1.00 s');
    expect(text).toContain('- Expected timer: restart back-off 1 s');
    expect(text).toContain('| +00:20.0 | kill-pod: planned on specialist-business-0 (pid 4821) |');
  });

  it('says what was decided: aborts, interruptions, victims', () => {
    const input = demoInput();
    const events = [...input.events, event(100, { kind: 'abort', why: 'hive.plan failed > 50% for 5s' })];
    const text = runbookAfter({ ...input, events });
    expect(text).toContain('- +01:40.0 ABORT: hive.plan failed \\> 50% for 5s');
    expect(text).toContain('- kill-pod was given to specialist-business-0 (pid 4821), drawn when it fired');
  });

  it('says that nothing is to be done only when everything held', () => {
    const input = demoInput();
    const faults = input.result.faults.slice(0, 1);
    const verdict = verdictOf([{ status: 'PASS', text: 'all held' }]);
    const ledger = { ...input.result.ledger, dropped: 0 };
    const good = { ...input, result: { ...input.result, faults, verdict, ledger } };
    const none = 'None: every limit held, every fault was proven in place and gone.';
    expect(runbookAfter(good)).toContain(none);
    expect(runbookAfter(demoInput())).not.toContain(none);
  });

  it('is made of a run that was stopped before anything was measured, too', () => {
    const text = runbookAfter(emptyInput());
    expect(text).toContain('## Follow-ups');
    expect(text).not.toContain('## Receipts');
  });

  it('compares the expected length with the observed one', () => {
    const { plan, ...rest } = demoInput();
    const text = runbookAfter({
      ...rest,
      plan: { ...plan, expectedMs: ms(103_000), longestMs: ms(506_000) },
    });
    expect(text).toContain('Length: expected about 103 s, at most 8 min 26 s; observed 02:38');
  });
});
