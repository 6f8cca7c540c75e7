/** POST /intentions and GET /intentions/{id}. */
import { randomUUID } from 'node:crypto';
import { messageOf } from '../../../../../src/core/errors.ts';
import { type Call, type Reply, readBody } from '../http-app.ts';
import { findFirstCall } from './deduplication.ts';
import { COMPONENT_LABELS } from './gateway-metrics.ts';
import { readIntentRequest } from './intent-request.ts';
import { type GatewayParts, processText } from './process-text.ts';

export async function postIntention(parts: GatewayParts, { request }: Call): Promise<Reply> {
  const checked = readIntentRequest(await readBody(request));
  if (!checked.ok) return { status: 422, body: { detail: checked.detail } };
  await parts.gate.pass();
  const began = performance.now();
  const intent = checked.value;
  const intentId = randomUUID();
  if (intent.correlationId) {
    const me = { intentId, timestamp: new Date().toISOString() };
    const first = await findFirstCall(parts.cache, intent.correlationId, me);
    if (first) return duplicate(intent.correlationId, first);
  } else {
    parts.metrics.correlationMissing.add({ source: 'text' });
  }
  try {
    const { body } = await processText(parts, {
      ...intent,
      intentId,
      correlationId: intent.correlationId || randomUUID(),
      sourceIp: request.socket.remoteAddress ?? 'unknown',
      began,
    });
    return { status: 200, body };
  } catch (error) {
    // The outer handler of the real gateway catches its inner HTTPException again: the prefix is doubled, the
    // error is counted twice, and every status, also 413, becomes 500.
    parts.metrics.requests.add({ ...COMPONENT_LABELS, domain: 'unknown', channel: 'text', status: 'error' });
    return { status: 500, body: { detail: `Erro processando intenção: ${messageOf(error)}` } };
  }
}

const duplicate = (correlationId: string, first: { intentId: string; timestamp: string }): Reply => ({
  status: 200,
  body: {
    intent_id: first.intentId,
    correlation_id: correlationId,
    status: 'duplicate_detected',
    original_timestamp: first.timestamp,
    message: 'Intenção já processada anteriormente',
    traceId: null,
    spanId: null,
  },
});

export async function getIntention(parts: GatewayParts, { rest }: Call): Promise<Reply> {
  await parts.gate.pass();
  let text: string | null;
  try {
    text = await parts.cache.get(`intent:${rest}`);
  } catch (error) {
    return { status: 500, body: { detail: `Erro consultando intenção: ${messageOf(error)}` } };
  }
  await parts.gate.pass();
  if (text === null) return { status: 404, body: { detail: 'Intenção não encontrada no cache' } };
  const data: unknown = JSON.parse(text);
  return {
    status: 200,
    body: { intent_id: rest, data, cached: true, timestamp: new Date().toISOString() },
  };
}
