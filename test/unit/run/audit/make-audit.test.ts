import { describe, expect, it } from 'vitest';
import type { AuditView } from '../../../../src/core/acts/audit-acts.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { makeAudit } from '../../../../src/run/audit/make-audit.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { NOW, pod, RULES, view } from '../../measure/audit/shop-view.ts';

const starting = (at: AuditView['at']): AuditView =>
  view({ pods: [pod('web-1', { phase: 'Pending', isReady: false, createdAt: NOW }), pod('web-2')] }, at);

/** @param answers one a listing; the last one is repeated. */
async function made(...answers: ((at: AuditView['at']) => AuditView)[]) {
  const clock = new VirtualClock();
  const begin = clock.now();
  const told: string[] = [];
  let lists = 0;
  const side = makeAudit({
    acts: {
      async list() {
        lists += 1;
        const answer = answers[Math.min(lists, answers.length) - 1];
        return (answer as NonNullable<typeof answer>)(epochMs(NOW + clock.now() - begin));
      },
    },
    ...{ rules: RULES, clock, signal: new AbortController().signal },
    tell: (text) => told.push(text),
  });
  let isOver = false;
  void side.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await Promise.resolve();
    await clock.advance(ms(1000));
  }
  return { side: await side, lists, told };
}

describe('an audit', () => {
  it('is one list where everything is settled', async () => {
    const { side, lists, told } = await made((at) => view({}, at));
    expect(side).toMatchObject({ kind: 'read', findings: [] });
    expect({ lists, told }).toEqual({ lists: 1, told: [] });
  });

  it('waits for a pod that starts, and says so once', async () => {
    const { side, lists, told } = await made(starting, starting, (at) => view({}, at));
    expect(side).toMatchObject({ kind: 'read', findings: [] });
    expect(lists).toBe(3);
    expect(told).toEqual(['the audit waits up to 60 s for Deployment/web (pending)']);
  });

  it('counts what it still sees at the end', async () => {
    const { side, lists } = await made(starting);
    expect(side).toMatchObject({ findings: [{ kind: 'pending', owner: 'Deployment/web' }] });
    expect(lists).toBe(31);
  });

  it('counts what always began a moment ago: a pod that flaps', async () => {
    const flapping = (at: AuditView['at']): AuditView =>
      view({ pods: [pod('web-1', { isReady: false, readySince: at }), pod('web-2')] }, at);
    const { side, lists } = await made(flapping);
    expect(side).toMatchObject({ findings: [{ kind: 'not-ready' }] });
    expect(lists).toBe(31);
  });

  it('that could not be made says why', async () => {
    const problem = { subject: 'list pods in shop', expected: 'an answer', got: 'none' };
    const { side } = await made(() => {
      throw new GauntletError('unavailable', [problem]);
    });
    expect(side).toEqual({ kind: 'failed', why: 'list pods in shop: expected an answer, got none' });
  });
});
