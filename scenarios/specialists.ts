/**
 * gRPC EvaluatePlan on the five specialists: one executor each, one connection per VU, as in the consensus
 * engine.
 */
import encoding from 'k6/encoding';
import grpc from 'k6/net/grpc';
import { errnoIn } from './lib/errno.ts';
import { scenarioName } from './lib/here.ts';
import { choicesOf, iterationKey } from './lib/identities.ts';
import { flowOf, optionsFor, readLoad, required } from './lib/load.ts';
import { markAnswered, markConnected, markStarted, preciseMs } from './lib/measured.ts';
import { cognitivePlan } from './lib/plan.ts';
import { iteration } from './lib/reserve.ts';

const METHOD = 'neural_hive.specialist.SpecialistService/EvaluatePlan';
const RECOMMENDATIONS = ['approve', 'reject', 'review_required', 'conditional'];

const load = readLoad();
const addresses = new Map(
  load.flows.map(({ flow, executor }) => [
    executor,
    required(`GAUNTLET_ADDRESS_SPECIALIST_${flow.slice(flow.lastIndexOf('.') + 1).toUpperCase()}`),
  ]),
);
const client = new grpc.Client();
client.load(['../systems/neural-hive-mind/proto'], 'specialist.proto');

/**
 * A VU serves one executor, so it has one connection; grpc-go reconnects a broken one with its own back-off.
 */
let connected = false;

export const options = optionsFor(load, 'evaluate', {
  summary: 'gRPC EvaluatePlan on the five specialists, weights settable',
  flows: { 'specialist.{kind}': { service: 'specialist-{kind}', protocol: 'grpc' } },
  // Twice the documented stage limit (specialist timeout 2 s,
  // neural-hive-mind/docs/PHASE1_TESTING_GUIDE.md) would hide a miss.
  timeLimit: '2s',
  vuMemory: '370kB',
});

export const evaluate = iteration(load, () => {
  const { worstStallMs } = flowOf(load, scenarioName());
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
  const startedAt = preciseMs();
  const failure = connected ? null : connect(worstStallMs);
  const sentAt = preciseMs();
  // The limit applies to connecting and answering together: the number of VUs is derived from it.
  const leftMs = Math.max(1, Math.floor(worstStallMs - (sentAt - startedAt)));
  const outcome = failure ?? invoke(request, leftMs);
  // Connecting has its own sample, and the harness adds the two.
  markAnswered(failure === null ? preciseMs() - sentAt : 0, outcome);
});

function invoke(request: object, timeoutMs: number): string {
  try {
    const answer = client.invoke(METHOD, request, { timeout: `${timeoutMs}ms` });
    if (answer.status !== grpc.StatusOK) return failureOf(answer.status, answer.error);
    const { opinion } = answer.message as { opinion?: { recommendation?: string } };
    return RECOMMENDATIONS.includes(opinion?.recommendation ?? '') ? 'ok' : 'error-body';
  } catch (error) {
    return thrown(error, 'invoke-failed');
  }
}

function failureOf(status: number, error: unknown): string {
  if (status === grpc.StatusDeadlineExceeded) return 'timeout';
  // A connection that grpc-go cannot restore is `unavailable`, with the reason in its text.
  return errnoIn(JSON.stringify(error ?? '')) ?? `grpc-${status}`;
}

const thrown = (error: unknown, otherwise: string): string =>
  errnoIn(String(error)) ?? (/deadline|timeout/i.test(String(error)) ? 'timeout' : otherwise);

/** Null on success, otherwise the outcome of the iteration; the next iteration of this VU tries again. */
function connect(timeoutMs: number): string | null {
  const from = preciseMs();
  try {
    client.connect(addresses.get(scenarioName()) ?? '', { plaintext: true, timeout: `${timeoutMs}ms` });
    connected = true;
    return null;
  } catch (error) {
    return thrown(error, 'connect-failed');
  } finally {
    // A failed attempt took time too.
    markConnected(preciseMs() - from);
  }
}
