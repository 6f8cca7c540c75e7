import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Intention,
  planFor,
} from '../../../systems/neural-hive-mind/stand-ins/src/hive/cognitive-plan.ts';
import {
  decide,
  type SpecialistVote,
} from '../../../systems/neural-hive-mind/stand-ins/src/hive/decision.ts';
import { ticketsFor } from '../../../systems/neural-hive-mind/stand-ins/src/hive/ticket.ts';
import { readCognitivePlan } from '../../../systems/neural-hive-mind/stand-ins/src/specialist/plan-schema.ts';
import { TOPICS } from '../../../systems/neural-hive-mind/stand-ins/src/topics.ts';

const NOW = 1_800_000_000_000;
const intention = (text = 'gerar relatório', constraints: Intention['constraints'] = null): Intention => ({
  id: 'intent',
  correlationId: 'corr',
  intent: { text, domain: 'BUSINESS' },
  confidence: 0.9,
  constraints,
});
const vote = (recommendation: string, confidence = 0.8): SpecialistVote => ({
  specialist_type: 'business',
  opinion_id: 'o',
  confidence_score: confidence,
  risk_score: 0.2,
  recommendation,
  processing_time_ms: 3,
});
const time = { nowMs: NOW, tookMs: 12 };

describe('semantic translation', () => {
  it('makes plans that every specialist accepts, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 3, maxLength: 500 }), (text) => {
        const plan = planFor(intention(text), NOW);
        const checked = readCognitivePlan(Buffer.from(JSON.stringify(plan)));
        expect(checked.ok ? [] : checked.problems).toEqual([]);
        expect(plan.tasks.length).toBeGreaterThanOrEqual(3);
        expect(plan.tasks.length).toBeLessThanOrEqual(5);
        expect(plan.risk_score).toBeLessThan(0.7);
      }),
    );
  });

  it('asks for approval when the risk is high', () => {
    const risky = planFor(intention('x y', { priority: 'CRITICAL', securityLevel: 'RESTRICTED' }), NOW);
    expect(risky).toMatchObject({ requires_approval: true, approval_status: 'pending' });
    expect(['high', 'critical']).toContain(risky.risk_band);
  });
});

describe('consensus', () => {
  const plan = planFor(intention(), NOW);

  it('approves what all approve, unanimously', () => {
    expect(decide(plan, [vote('approve'), vote('approve'), vote('approve')], time)).toMatchObject({
      final_decision: 'approve',
      consensus_method: 'unanimous',
      requires_human_review: false,
      guardrails_triggered: [],
    });
  });

  it('follows the majority, and the careful side of a tie', () => {
    const decisionOf = (...words: string[]) =>
      decide(
        plan,
        words.map((word) => vote(word)),
        time,
      ).final_decision;
    expect(decisionOf('approve', 'approve', 'reject')).toBe('approve');
    expect(decisionOf('approve', 'reject', 'approve', 'reject')).toBe('reject');
  });

  it('wants a person below 0.65 confidence or above 0.25 divergence', () => {
    const unsure = decide(plan, [vote('approve', 0.6), vote('approve', 0.6), vote('approve', 0.6)], time);
    expect(unsure).toMatchObject({
      final_decision: 'review_required',
      requires_human_review: true,
      guardrails_triggered: ['min_confidence'],
    });
    const split = decide(plan, [vote('approve', 1), vote('approve', 1), vote('approve', 0.2)], time);
    expect(split.guardrails_triggered).toEqual(['max_divergence']);
  });
});

describe('orchestration', () => {
  it('makes one ticket per task whose dependencies are tickets of the same plan', () => {
    const plan = planFor(intention(), NOW);
    const decision = decide(plan, [vote('approve'), vote('approve'), vote('approve')], time);
    const tickets = ticketsFor(decision, NOW);
    expect(tickets).toHaveLength(plan.tasks.length);
    const ids = tickets.map((ticket) => ticket.ticket_id);
    expect(new Set(ids).size).toBe(tickets.length);
    for (const [index, ticket] of tickets.entries()) {
      expect(ticket['dependencies']).toEqual(index === 0 ? [] : [ids[index - 1]]);
      expect(ticket).toMatchObject({ plan_id: plan.plan_id, intent_id: 'intent', status: 'PENDING' });
    }
  });
});

describe('the list of topics', () => {
  it('names every topic of the flow once', () => {
    expect(TOPICS.map((topic) => topic.name)).toEqual([
      'intentions.business',
      'intentions.technical',
      'intentions.infrastructure',
      'intentions.security',
      'intentions.validation',
      'plans.ready',
      'plans.consensus',
      'execution.tickets',
      'cognitive-plans-approval-requests',
    ]);
  });
});
