/**
 * gRPC EvaluatePlan on the five specialists: one executor each, one connection per VU, as in the consensus
 * engine.
 */
import encoding from 'k6/encoding';
import grpc from 'k6/net/grpc';
import { defineScenario, iteration, iterationId, measureCall, seeded, timeLimitMs } from './gauntlet.ts';
import { cognitivePlan } from './lib/plan.ts';

const METHOD = 'neural_hive.specialist.SpecialistService/EvaluatePlan';
const RECOMMENDATIONS = ['approve', 'reject', 'review_required', 'conditional'];

const client = new grpc.Client();
client.load(['../systems/neural-hive-mind/proto'], 'specialist.proto');

export const options = defineScenario({
  summary: 'gRPC EvaluatePlan on the five specialists, weights settable',
  flows: { 'specialist.{kind}': { service: 'specialist-{kind}', protocol: 'grpc' } },
  // Twice the documented stage limit (specialist timeout 2 s,
  // neural-hive-mind/docs/PHASE1_TESTING_GUIDE.md) would hide a miss.
  timeLimit: '2s',
  vuMemory: '370kB',
});

export default iteration(() => {
  const id = iterationId();
  const ids = { planId: `plan-${id}`, intentId: `intent-${id}` };
  const request = {
    plan_id: ids.planId,
    intent_id: ids.intentId,
    correlation_id: `gauntlet-${id}`,
    cognitive_plan: encoding.b64encode(cognitivePlan(ids, seeded(), 'BUSINESS')),
    plan_version: '1.0.0',
    context: {},
    timeout_ms: timeLimitMs(),
  };
  measureCall(client, METHOD, request, recommendation);
});

function recommendation({ message }: { readonly message: object }): string {
  const { opinion } = message as { readonly opinion?: { readonly recommendation?: string } };
  return RECOMMENDATIONS.includes(opinion?.recommendation ?? '') ? 'ok' : 'error-body';
}
