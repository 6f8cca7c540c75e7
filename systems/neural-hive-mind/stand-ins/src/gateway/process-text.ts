/**
 * The steps of one intention, in the contract's order (docs/systems/neural-hive-mind.md, "One intention"):
 * understand, route, publish in one Kafka transaction, cache, count, answer. The answer is sent only after
 * Kafka has acknowledged the commit.
 */
import { messageOf } from '../../../../../src/core/errors.ts';
import type { ProducerPool } from '../kafka/producer-pool.ts';
import type { CachedNlu } from './cached-nlu.ts';
import type { GatewayConfig } from './config.ts';
import { unlessBroken } from './deduplication.ts';
import { encodeEnvelope, recordHeaders, routeOf, type Status } from './envelope.ts';
import { COMPONENT_LABELS, type GatewayMetrics } from './gateway-metrics.ts';
import { HttpError } from './http-error.ts';
import { IDENTITY } from './identity.ts';
import type { Constraints, Qos } from './intent-request.ts';
import type { LoopGate } from './loop-gate.ts';
import { confidenceStatusOf, type NluResult, textQualityProblem } from './nlu.ts';
import type { RedisCache } from './redis-cache.ts';

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly metrics: GatewayMetrics;
  readonly cache: RedisCache;
  readonly nlu: CachedNlu;
  readonly pool: ProducerPool;
  readonly gate: LoopGate;
}

export interface TextIntention {
  readonly intentId: string;
  readonly correlationId: string;
  readonly text: string;
  readonly language: string;
  readonly constraints: Constraints | null;
  readonly qos: Qos | null;
  readonly sourceIp: string;
  /** Present for voice: the answer's confidence is the lower of both. */
  readonly asrConfidence?: number;
  /** performance.now() at the start of the handler: earlier waiting is not part of processing_time_ms. */
  readonly began: number;
}

export interface Processed {
  readonly body: Readonly<Record<string, unknown>>;
  readonly nluConfidence: number;
}

export const INTENT_TTL_SECONDS = 600;
const SLO_MS = 200;

/** @throws HttpError 413 or 500, already counted as an error once. */
export async function processText(parts: GatewayParts, input: TextIntention): Promise<Processed> {
  const channel = input.asrConfidence === undefined ? 'text' : 'voice';
  try {
    return await publishAndAnswer(parts, input, channel);
  } catch (error) {
    const { metrics } = parts;
    const labels = { ...COMPONENT_LABELS, domain: 'unknown', channel };
    metrics.requests.add({ ...labels, status: 'error' });
    if (error instanceof HttpError && error.status === 413) {
      metrics.requests.add({ ...labels, status: 'record_too_large' });
      metrics.tooLarge.add();
      throw error;
    }
    throw new HttpError(500, `Erro processando intenção: ${messageOf(error)}`, { cause: error });
  }
}

async function publishAndAnswer(
  parts: GatewayParts,
  input: TextIntention,
  channel: 'text' | 'voice',
): Promise<Processed> {
  const { config, metrics, pool, gate } = parts;
  const refused = textQualityProblem(input.text);
  if (refused !== undefined) throw new Error(refused);
  const nlu = await parts.nlu.understand(input.text, input.language);
  const confidence = Math.min(nlu.confidence, input.asrConfidence ?? 1);
  const confidenceStatus =
    input.asrConfidence === undefined ? nlu.confidenceStatus : confidenceStatusOf(confidence);
  const route = routeOf(confidence, nlu.domain, config.routing);
  const nowMs = Date.now();
  const value = encodeEnvelope({
    ...input,
    channel: channel === 'voice' ? 'VOICE' : null,
    nlu,
    confidence,
    nowMs,
  });
  metrics.envelopeBytes.observe(value.length);
  const headers = recordHeaders({
    ...input,
    status: route.status,
    confidence,
    confidenceStatus,
    bytes: value.length,
    producerId: `gateway-intencoes-${config.instance}`,
    nowMs,
    monotonicMs: performance.now(),
  });
  await gate.block(() => pool.publish({ topic: route.topic, key: nlu.domain, value, headers }));
  await cacheIntent(parts.cache, input, { nlu, confidence, confidenceStatus, nowMs });
  await gate.pass();
  const tookMs = performance.now() - input.began;
  count(metrics, {
    status: route.status,
    topic: route.topic,
    domain: nlu.domain,
    channel,
    confidence,
    tookMs,
  });
  const body = answerBody(input, { nlu, confidence, confidenceStatus, status: route.status, tookMs, config });
  return { body, nluConfidence: nlu.confidence };
}

async function cacheIntent(
  cache: RedisCache,
  input: TextIntention,
  seen: { nlu: NluResult; confidence: number; confidenceStatus: string; nowMs: number },
): Promise<void> {
  const entry = {
    id: input.intentId,
    correlation_id: input.correlationId,
    actor: { id: IDENTITY.userId, actor_type: 'HUMAN', name: null },
    intent: {
      text: input.text.slice(0, 500),
      domain: seen.nlu.domain,
      classification: seen.nlu.classification,
      original_language: input.language,
    },
    confidence: seen.confidence,
    confidence_status: seen.confidenceStatus,
    timestamp: new Date(seen.nowMs).toISOString(),
    cached_at: new Date().toISOString(),
  };
  await unlessBroken(() =>
    cache.setex(`intent:${input.intentId}`, INTENT_TTL_SECONDS, JSON.stringify(entry)),
  );
}

function count(
  metrics: GatewayMetrics,
  done: {
    status: Status;
    topic: string;
    domain: string;
    channel: string;
    confidence: number;
    tookMs: number;
  },
): void {
  const word = {
    processed: 'success',
    processed_low_confidence: 'processed_low_confidence',
    routed_to_validation: 'low_confidence_routed',
  }[done.status];
  const labels = { ...COMPONENT_LABELS, domain: done.domain, channel: done.channel };
  metrics.requests.add({ ...labels, status: word });
  metrics.confidence.observe(done.confidence, labels);
  metrics.captura.observe(done.tookMs / 1000, labels);
  if (done.status !== 'processed') metrics.lowConfidence.add({ ...labels, route_target: done.topic });
  if (done.tookMs > SLO_MS) metrics.sloViolations.add({ slo_threshold_ms: String(SLO_MS) });
}

function answerBody(
  input: TextIntention,
  done: {
    nlu: NluResult;
    confidence: number;
    confidenceStatus: string;
    status: Status;
    tookMs: number;
    config: GatewayConfig;
  },
): Readonly<Record<string, unknown>> {
  const { high, low } = done.config.routing;
  const toValidation = done.status === 'routed_to_validation';
  const notes = {
    processed: [],
    processed_low_confidence: ['Processado com baixa confiança'],
    routed_to_validation: ['Encaminhado para validação manual'],
  }[done.status];
  return {
    intent_id: input.intentId,
    correlation_id: input.correlationId,
    status: done.status,
    confidence: done.confidence,
    confidence_status: done.confidenceStatus,
    domain: done.nlu.domain,
    classification: done.nlu.classification,
    processing_time_ms: done.tookMs,
    requires_manual_validation: toValidation,
    routing_thresholds: { high, low, adaptive_used: false },
    traceId: null,
    spanId: null,
    ...(notes.length > 0 ? { processing_notes: notes } : {}),
    // True whenever NLU_ADAPTIVE_THRESHOLD_ENABLED, its default; unrelated to
    // routing_thresholds.adaptive_used.
    adaptive_threshold_used: true,
    ...(toValidation ? { validation_reason: 'confidence_below_threshold', confidence_threshold: low } : {}),
  };
}
