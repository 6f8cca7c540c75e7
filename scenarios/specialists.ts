/** gRPC EvaluatePlan on the five specialists: one executor each, one connection per VU, as the consensus engine keeps it. */
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import grpc from 'k6/net/grpc';
import { choicesOf, iterationKey } from './lib/identities.ts';
import { flowOf, optionsFor, readLoad, required } from './lib/load.ts';
import { markAnswered, markConnected, markStarted, monotonicMs } from './lib/measured.ts';
import { cognitivePlan } from './lib/plan.ts';

const METHOD = 'neural_hive.specialist.SpecialistService/EvaluatePlan';
const RECOMMENDATIONS = ['approve', 'reject', 'review_required', 'conditional'];

const load = readLoad();
const addresses = new Map(
  load.flows.map(({ flow, executor }) => [
    executor,
    required(`SPECIALIST_${flow.slice(flow.lastIndexOf('.') + 1).toUpperCase()}`),
  ]),
);
const client = new grpc.Client();
client.load(['../proto'], 'specialist.proto');

/** A VU serves one executor, so it has one connection; grpc-go reconnects a broken one with its own back-off. */
let connected = false;

export const options = optionsFor(load, 'evaluate');

export function evaluate(): void {
  const { worstStallMs } = flowOf(load, exec.scenario.name);
  const choose = choicesOf(load.seed);
  const key = iterationKey(load.seed);
  const ids = { planId: `plan-${key}`, intentId: `intent-${key}` };
  const request = {
    plan_id: ids.planId,
    intent_id: ids.intentId,
    correlation_id: `gauntlet-${key}`,
    cognitive_plan: encoding.b64encode(cognitivePlan(ids, choose, 'BUSINESS')),
    plan_version: '1.0.0',
    context: {},
    timeout_ms: worstStallMs,
  };
  markStarted();
  const sentAt = monotonicMs();
  const outcome = call(request, worstStallMs);
  markAnswered(monotonicMs() - sentAt, outcome);
}

function call(request: object, timeoutMs: number): string {
  const timeout = `${timeoutMs}ms`;
  try {
    if (!connected) connect(timeout);
    const answer = client.invoke(METHOD, request, { timeout });
    if (answer.status !== grpc.StatusOK)
      return answer.status === grpc.StatusDeadlineExceeded ? 'timeout' : `grpc-${answer.status}`;
    const { opinion } = answer.message as { opinion?: { recommendation?: string } };
    return RECOMMENDATIONS.includes(opinion?.recommendation ?? '') ? 'ok' : 'error-body';
  } catch (error) {
    // k6 throws when it cannot connect; the next iteration of this VU tries again.
    return /deadline|timeout/i.test(String(error)) ? 'timeout' : 'connect-failed';
  }
}

function connect(timeout: string): void {
  const from = monotonicMs();
  client.connect(addresses.get(exec.scenario.name) ?? '', { plaintext: true, timeout });
  markConnected(monotonicMs() - from);
  connected = true;
}
