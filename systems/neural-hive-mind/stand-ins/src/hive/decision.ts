/**
 * Consensus: combines the opinions of specialists into one decision (JSON form of `ConsolidatedDecision`).
 * Pure except for its ids.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { CognitivePlan } from './cognitive-plan.ts';

export interface SpecialistVote {
  readonly specialist_type: string;
  readonly opinion_id: string;
  readonly confidence_score: number;
  readonly risk_score: number;
  readonly recommendation: string;
  readonly processing_time_ms: number;
}

export type FinalDecision = 'approve' | 'reject' | 'review_required' | 'conditional';

export interface ConsolidatedDecision {
  readonly decision_id: string;
  readonly plan_id: string;
  readonly intent_id: string;
  readonly correlation_id: string | null;
  readonly final_decision: FinalDecision;
  readonly aggregated_confidence: number;
  readonly aggregated_risk: number;
  /** The plan as JSON text. */
  readonly cognitive_plan: string;
  readonly requires_human_review: boolean;
  readonly [field: string]: unknown;
}

export const FEWEST_OPINIONS = 3;
/** The code defaults of the consensus engine (Helm says 0.8 and 0.05). */
const LEAST_CONFIDENCE = 0.65;
const LARGEST_DIVERGENCE = 0.25;

/** @param votes at least FEWEST_OPINIONS of them. */
export function decide(
  plan: CognitivePlan,
  votes: readonly SpecialistVote[],
  time: { readonly nowMs: number; readonly tookMs: number },
): ConsolidatedDecision {
  const mean = (of: (vote: SpecialistVote) => number): number =>
    votes.reduce((sum, vote) => sum + of(vote), 0) / votes.length;
  const confidence = mean((vote) => vote.confidence_score);
  const risk = mean((vote) => vote.risk_score);
  const divergence = Math.sqrt(mean((vote) => (vote.confidence_score - confidence) ** 2));
  const unanimous = new Set(votes.map((vote) => vote.recommendation)).size === 1;
  const guardrails = [
    ...(confidence < LEAST_CONFIDENCE ? ['min_confidence'] : []),
    ...(divergence > LARGEST_DIVERGENCE ? ['max_divergence'] : []),
  ];
  const finalDecision = guardrails.length > 0 ? 'review_required' : majority(votes);
  const decision = {
    decision_id: randomUUID(),
    plan_id: plan.plan_id,
    intent_id: plan.intent_id,
    correlation_id: plan.correlation_id,
    trace_id: null,
    span_id: null,
    final_decision: finalDecision,
    consensus_method: unanimous ? 'unanimous' : 'voting',
    aggregated_confidence: confidence,
    aggregated_risk: risk,
    specialist_votes: votes.map((vote) => ({ ...vote, weight: 1 / votes.length })),
    consensus_metrics: {
      divergence_score: divergence,
      convergence_time_ms: Math.round(time.tookMs),
      unanimous,
      fallback_used: false,
      pheromone_strength: 0,
      bayesian_confidence: confidence,
      voting_confidence: confidence,
    },
    explainability_token: randomUUID(),
    reasoning_summary: `${votes.length} opiniões: ${finalDecision}`,
    compliance_checks: {},
    guardrails_triggered: guardrails,
    cognitive_plan: JSON.stringify(plan),
    requires_human_review: finalDecision === 'review_required',
    created_at: time.nowMs,
    valid_until: null,
    metadata: {},
    schema_version: 1,
  };
  return { ...decision, hash: createHash('sha256').update(JSON.stringify(decision)).digest('hex') };
}

/** The recommendation with most votes; of equal ones the more cautious. */
function majority(votes: readonly SpecialistVote[]): FinalDecision {
  const careful = ['reject', 'review_required', 'conditional', 'approve'] as const;
  const count = (word: FinalDecision): number => votes.filter((vote) => vote.recommendation === word).length;
  return careful.reduce((best, word) => (count(word) > count(best) ? word : best));
}
