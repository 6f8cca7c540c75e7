/**
 * The record of an intention: the JSON form of `org.neural_hive_mind.intent.IntentEnvelope`, its route and
 * its headers.
 */
import { INTENT_TOPICS, VALIDATION_TOPIC } from '../topics.ts';
import { HttpError } from './http-error.ts';
import { IDENTITY } from './identity.ts';
import type { Constraints, Qos } from './intent-request.ts';
import type { NluResult } from './nlu.ts';

/** message.max.bytes. */
export const LARGEST_ENVELOPE_BYTES = 4_194_304;

export interface EnvelopeInput {
  readonly intentId: string;
  readonly correlationId: string;
  readonly text: string;
  readonly language: string;
  readonly constraints: Constraints | null;
  readonly qos: Qos | null;
  readonly channel: 'VOICE' | null;
  readonly nlu: NluResult;
  readonly confidence: number;
  readonly nowMs: number;
}

export type Status = 'processed' | 'processed_low_confidence' | 'routed_to_validation';

/** @throws HttpError 413 above the limit; Error for `restricted` without strong consistency. */
export function encodeEnvelope(input: EnvelopeInput): Buffer {
  const { constraints, qos, nlu } = input;
  if (constraints?.securityLevel === 'restricted' && qos?.consistency !== 'strong') {
    throw new Error("security_level 'restricted' exige qos.consistency 'strong'");
  }
  const bytes = Buffer.from(
    JSON.stringify({
      id: input.intentId,
      version: '1.0.0',
      correlationId: input.correlationId,
      traceId: null,
      spanId: null,
      actor: { id: IDENTITY.userId, actorType: 'HUMAN', name: null },
      intent: {
        text: input.text,
        domain: nlu.domain,
        classification: nlu.classification,
        originalLanguage: input.language,
        processedText: nlu.processedText,
        entities: nlu.entities,
        keywords: nlu.keywords,
      },
      confidence: input.confidence,
      // Nearly all are null in the real gateway too: its keys differ from the schema's.
      context: {
        sessionId: null,
        userId: null,
        tenantId: null,
        channel: input.channel,
        userAgent: null,
        clientIp: null,
        geolocation: null,
      },
      constraints: constraints && constraintsRecord(constraints),
      qos: qos && {
        // Hyphenated upper case, as in the JSON mode of the real gateway (its Avro mode fails on it).
        deliveryMode: qos.deliveryMode.toUpperCase(),
        durability: qos.durability.toUpperCase(),
        consistency: qos.consistency.toUpperCase(),
      },
      timestamp: input.nowMs,
      schemaVersion: 1,
      metadata: {},
    }),
  );
  if (bytes.length > LARGEST_ENVELOPE_BYTES) {
    throw new HttpError(
      413,
      `Envelope de ${bytes.length} bytes excede o limite de ${LARGEST_ENVELOPE_BYTES}`,
    );
  }
  return bytes;
}

function constraintsRecord(constraints: Constraints): Record<string, unknown> {
  const { deadline } = constraints;
  return {
    priority: constraints.priority.toUpperCase(),
    deadline: deadline === null ? null : new Date(deadline).getTime(),
    maxRetries: constraints.maxRetries,
    timeoutMs: constraints.timeoutMs,
    requiredCapabilities: constraints.requiredCapabilities,
    securityLevel: constraints.securityLevel.toUpperCase(),
  };
}

export function routeOf(
  confidence: number,
  domain: NluResult['domain'],
  thresholds: { readonly high: number; readonly low: number },
): { readonly status: Status; readonly topic: string } {
  if (confidence >= thresholds.high) return { status: 'processed', topic: INTENT_TOPICS[domain] };
  if (confidence >= thresholds.low)
    return { status: 'processed_low_confidence', topic: INTENT_TOPICS[domain] };
  return { status: 'routed_to_validation', topic: VALIDATION_TOPIC };
}

export interface HeaderInput {
  readonly intentId: string;
  readonly correlationId: string;
  readonly status: Status;
  readonly confidence: number;
  readonly confidenceStatus: string;
  readonly bytes: number;
  readonly sourceIp: string;
  readonly producerId: string;
  readonly nowMs: number;
  /** The clock of the event loop, not the epoch, as in the contract. */
  readonly monotonicMs: number;
}

export function recordHeaders(input: HeaderInput): Readonly<Record<string, string>> {
  const seconds = Math.trunc(input.nowMs / 1000);
  return {
    'intent-id': input.intentId,
    'correlation-id': input.correlationId,
    'idempotency-key': `${IDENTITY.userId}:${input.correlationId}:${seconds}`,
    'schema-version': '1.0.0',
    'content-type': 'application/json',
    'message-size': String(input.bytes),
    'source-ip': input.sourceIp,
    'user-id': IDENTITY.userId,
    timestamp: String(Math.trunc(input.monotonicMs)),
    'producer-id': input.producerId,
    'confidence-score': String(input.confidence),
    'confidence-status': input.status === 'processed' ? input.confidenceStatus : 'low',
    'requires-validation': input.status === 'routed_to_validation' ? 'True' : 'False',
    'adaptive-threshold-used': 'False',
    'fast-producer': 'False',
  };
}
