/** The recoveries of a gate in all reports. */
import { describe, expect, it } from 'vitest';
import type { RecoveryTime } from '../../../src/core/gate-recovery.ts';
import { judgeRecovery } from '../../../src/measure/gate/judge-recovery.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { FLOW, gateInput } from './gate-fixture.ts';

const back = (ms: number): RecoveryTime => ({ status: 'recovered', ms, boundMs: 10 });
const never: RecoveryTime = { status: 'censored', ms: 60_000, boundMs: 0 };

/** Seven pairs in which the candidate takes 3 % longer, one that was dropped, and the last one as given. */
function input(last: readonly [RecoveryTime, RecoveryTime]): ReportInput {
  const given = gateInput();
  const { gate } = given.plan;
  const { gate: found } = given.result;
  if (gate === undefined || found === undefined) throw new Error('the fixture is a gate');
  const times = Array.from({ length: 7 }, (_, at) => [back(4000 + at), back(4120 + at)] as const);
  const recovery = judgeRecovery(
    {
      kept: [...times, last].map(([baseline, candidate], at) => ({ pair: at + 1, baseline, candidate })),
      dropped: [{ pair: 9, why: 'candidate: kill-pod@candidate@9 was not injected (no <probe> saw it)' }],
      ...{ torn: 0, clock: 'applied' },
    },
    { fault: 'kill-pod', flow: FLOW, pairs: 9, find: 0.2, allow: 0, passLevel: 0.05, failLevel: 0.01 },
  );
  const plan = {
    ...{ find: 0.2, allow: 0, pairs: 9, flows: [FLOW], order: [] },
    faults: [{ name: 'kill-pod', members: ['kill-pod'], isHeld: false }],
  };
  return {
    ...given,
    plan: { ...given.plan, gate: { ...gate, recovery: plan } },
    result: { ...given.result, gate: { ...found, recoveries: [recovery] } },
  };
}

const PASSED = input([back(4000), back(4100)]);
const LOST = input([back(4000), never]);
const assets = { uplotJs: '', uplotCss: '' };

describe('the recoveries of a gate', () => {
  it('are a row each on a terminal, with what was dropped', () => {
    const text = renderSummary(PASSED, { width: 120, color: false });
    expect(text).toMatch(/\nrecovered +baseline +candidate +ratio +pairs +answer\n/);
    expect(text).toMatch(
      /\nafter kill-pod, gateway\.intentions +4\.0 s +4\.1 s +1\.030 \(1\.0\d\d to 1\.030\) +8 of 9 +PASS\n/,
    );
    expect(text).toContain(
      'fault pair 9 of kill-pod dropped: candidate: kill-pod@candidate@9 was not injected',
    );
  });

  it('are a table in Markdown, open to the top where the candidate was not back', () => {
    expect(renderMarkdown(LOST)).toMatch(
      /\| gateway\.intentions \| kill-pod \| 4\.0 s \| 4\.1 s \| 1\.030 \(\d\.\d{3} to ∞\) \| 8 of 9 \| \*\*(FAIL|INCONCLUSIVE)\*\* \|/,
    );
  });

  it('are a section of the page, with an arrow for what was not back, and foreign text escaped', () => {
    const page = renderHtml(LOST, assets);
    expect(page).toContain('<a href="#recoveries">Recoveries</a>');
    expect(page).toContain('pair 8: baseline 4.0 s, candidate &gt; 60.0 s');
    expect(page).toContain('class="g-open"');
    expect(page).toContain('no &lt;probe&gt; saw it');
    expect(renderHtml(gateInput(), assets)).not.toContain('#recoveries"');
  });

  it('are a case each in JUnit', () => {
    const xml = renderJunit(PASSED);
    expect(xml).toContain('name="gateway.intentions recovered after kill-pod"');
    expect(xml).toContain('pair 8: baseline 4.0 s, candidate 4.1 s');
    expect(xml).not.toContain('the run ended before it');
  });
});
