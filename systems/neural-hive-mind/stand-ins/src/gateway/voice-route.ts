/**
 * POST /intentions/voice: multipart with `audio_file`, `language`, `correlation_id`. No deduplication, as in
 * the contract.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { messageOf } from '../../../../../src/core/errors.ts';
import { type Call, MOST_BODY_BYTES, type Reply } from '../http-app.ts';
import type { Asr } from './asr.ts';
import { COMPONENT_LABELS } from './gateway-metrics.ts';
import { HttpError } from './http-error.ts';
import { type GatewayParts, processText } from './process-text.ts';
import { missing } from './pydantic.ts';

interface VoiceForm {
  readonly audio: { readonly bytes: Buffer; readonly contentType: string } | null;
  readonly fields: ReadonlyMap<string, string>;
}

export async function postVoice(parts: GatewayParts, asr: Asr, { request }: Call): Promise<Reply> {
  let form: VoiceForm;
  try {
    form = await readForm(request);
  } catch {
    return { status: 400, body: { detail: 'There was an error parsing the body' } };
  }
  const { audio } = form;
  if (!audio) return { status: 422, body: { detail: [missing(['body', 'audio_file'], null)] } };
  await parts.gate.pass();
  const began = performance.now();
  try {
    return await recognise(parts, asr, { ...form, audio }, request.socket.remoteAddress ?? 'unknown', began);
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, body: { detail: error.detail } };
    parts.metrics.requests.add({ ...COMPONENT_LABELS, domain: 'unknown', channel: 'voice', status: 'error' });
    return { status: 500, body: { detail: `Erro processando áudio: ${messageOf(error)}` } };
  }
}

async function recognise(
  parts: GatewayParts,
  asr: Asr,
  form: VoiceForm & { readonly audio: NonNullable<VoiceForm['audio']> },
  sourceIp: string,
  began: number,
): Promise<Reply> {
  if (!form.audio.contentType.startsWith('audio/')) {
    throw new HttpError(400, 'Arquivo deve ser um áudio válido');
  }
  const correlationId = form.fields.get('correlation_id');
  if (!correlationId) parts.metrics.correlationMissing.add({ source: 'voice' });
  const { text, confidence } = await asr.transcribe(form.audio.bytes);
  await parts.gate.pass();
  if (text.trim().length < 3) throw new HttpError(400, 'Não foi possível transcrever o áudio');
  const { body, nluConfidence } = await processText(parts, {
    intentId: randomUUID(),
    correlationId: correlationId || randomUUID(),
    text,
    language: form.fields.get('language') || 'pt-BR',
    constraints: null,
    qos: null,
    sourceIp,
    asrConfidence: confidence,
    began,
  });
  const heard = { transcribed_text: text, asr_confidence: confidence, nlu_confidence: nluConfidence };
  return { status: 200, body: { ...body, ...heard } };
}

async function readForm(request: IncomingMessage): Promise<VoiceForm> {
  const contentType = request.headers['content-type'] ?? '';
  // FastAPI reads any other body as an empty form, and then reports the missing file.
  if (!contentType.startsWith('multipart/form-data')) {
    request.resume();
    return { audio: null, fields: new Map() };
  }
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    let audio: VoiceForm['audio'] = null;
    const parser = busboy({ headers: request.headers });
    parser.on('field', (name, value) => fields.set(name, value));
    parser.on('file', (name, stream, info) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (name === 'audio_file') audio = { bytes: Buffer.concat(chunks), contentType: info.mimeType };
      });
    });
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BODY_BYTES) request.destroy(new Error('a body above 64 MiB'));
    });
    parser.on('close', () => resolve({ audio, fields }));
    parser.on('error', reject);
    request.on('error', reject);
    request.pipe(parser);
  });
}
