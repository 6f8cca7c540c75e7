/** The gateway as a process, against a real Redis and three real Kafka brokers: what the contract promises, seen from outside. */
import { describe, expect, it } from 'vitest';
import { wavFile } from '../unit/sandbox-services/voice-file.ts';
import { freePorts } from './support-services/free-port.ts';
import { startRedis } from './support-services/redis.ts';
import { until } from './support-services/spawned.ts';
import { BUSINESS_PARTITION, get, id, post, StandIns } from './support-services/stand-ins.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const bench = new StandIns();

describe('POST /intentions', () => {
  it('answers 200 once the record is committed, with key, headers and envelope of the contract', async () => {
    const at = await bench.gateway();
    const correlation_id = id();
    const { status, body } = await post(at, { text: 'gerar relatório de vendas', correlation_id });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      correlation_id,
      status: 'processed',
      confidence: 0.95,
      confidence_status: 'high',
      domain: 'BUSINESS',
      requires_manual_validation: false,
      routing_thresholds: { high: 0.5, low: 0.3, adaptive_used: false },
      adaptive_threshold_used: true,
      traceId: null,
      spanId: null,
    });
    const [record] = await bench.log.recordsOf(String(body['intent_id']));
    expect(record).toMatchObject({
      topic: 'intentions.business',
      partition: BUSINESS_PARTITION,
      key: 'BUSINESS',
    });
    expect(record?.headers).toMatchObject({
      'correlation-id': correlation_id,
      'user-id': 'test-user-123',
      'content-type': 'application/json',
      'confidence-status': 'high',
      'requires-validation': 'False',
    });
    expect(record?.value).toMatchObject({
      id: body['intent_id'],
      correlationId: correlation_id,
      schemaVersion: 1,
    });
  });

  it.each([
    ['lorem ipsum dolor', 'routed_to_validation', 'intentions.validation', 0.2],
    ['some problem', 'processed_low_confidence', 'intentions.technical', 0.433],
    ['novo negócio aqui', 'processed', 'intentions.business', 0.717],
  ])('routes "%s" as %s', async (text, word, topic, confidence) => {
    const { status, body } = await post(await bench.gateway(), { text });
    expect([status, body['status']]).toEqual([200, word]);
    expect(body['confidence']).toBeCloseTo(confidence, 3);
    expect((await bench.log.recordsOf(String(body['intent_id'])))[0]?.topic).toBe(topic);
  });

  it('answers a repeated correlation_id as a duplicate, with the first id, and publishes nothing', async () => {
    const at = await bench.gateway();
    const correlation_id = id();
    const first = await post(at, { text: 'gerar relatório de vendas', correlation_id });
    const second = await post(at, { text: 'gerar relatório de vendas', correlation_id });
    expect([second.status, second.body]).toEqual([
      200,
      {
        intent_id: first.body['intent_id'],
        correlation_id,
        status: 'duplicate_detected',
        original_timestamp: expect.any(String),
        message: expect.any(String),
        traceId: null,
        spanId: null,
      },
    ]);
    expect(await bench.log.recordsOf(String(first.body['intent_id']))).toHaveLength(1);
  });

  it('answers 500 with a doubled prefix for one word, and a retry then gets "duplicate": the mark is set first', async () => {
    const at = await bench.gateway();
    const correlation_id = id();
    expect(await post(at, { text: 'palavra', correlation_id })).toEqual({
      status: 500,
      body: {
        detail:
          'Erro processando intenção: 500: Erro processando intenção: Texto inválido: mínimo de 2 palavras',
      },
    });
    const retry = await post(at, { text: 'gerar relatório de vendas', correlation_id });
    expect([retry.status, retry.body['status']]).toEqual([200, 'duplicate_detected']);
  });

  it('turns an envelope above 4 MiB into 500, and restricted without strong consistency too', async () => {
    const at = await bench.gateway();
    const required_capabilities = ['x'.repeat(4_300_000)];
    const big = await post(at, { text: 'gerar relatório', constraints: { required_capabilities } });
    expect(big.status).toBe(500);
    expect(big.body['detail']).toMatch(/^Erro processando intenção: 413: Envelope de \d+ bytes/);
    const restricted = { text: 'gerar relatório', constraints: { security_level: 'restricted' } };
    expect((await post(at, restricted)).status).toBe(500);
    expect((await post(at, { ...restricted, qos: { consistency: 'strong' } })).status).toBe(200);
  });

  it('answers 422 in the shape of FastAPI', async () => {
    expect(await post(await bench.gateway(), { text: '' })).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'string_too_short', loc: ['body', 'text'] }] },
    });
  });
});

describe('the other paths', () => {
  it('give back a cached intention, and 404 for others', async () => {
    const at = await bench.gateway();
    const { body } = await post(at, { text: 'gerar relatório de vendas' });
    expect(await get(at, `/intentions/${body['intent_id']}`)).toMatchObject({
      status: 200,
      body: {
        intent_id: body['intent_id'],
        cached: true,
        data: { id: body['intent_id'], intent: { domain: 'BUSINESS', original_language: 'pt-BR' } },
      },
    });
    expect((await get(at, `/intentions/${id()}`)).status).toBe(404);
  });

  it('report health, readiness, status, metrics, and refuse the cache statistics', async () => {
    const at = await bench.gateway();
    await post(at, { text: 'gerar relatório de vendas' });
    const health = await get(at, '/health');
    expect([health.status, health.body['status']]).toEqual([200, 'healthy']);
    expect(Object.keys(health.body['components'] as object)).toEqual([
      'redis',
      'asr_pipeline',
      'nlu_pipeline',
      'kafka_producer',
      'oauth2_validator',
    ]);
    const ready = await get(at, '/ready');
    expect([ready.status, ready.body['checks']]).toEqual([200, { redis: true, kafka_producer: true }]);
    expect((await get(at, '/status')).body).toMatchObject({ version: '1.0.0', environment: 'dev' });
    const refused = await get(at, '/cache/stats');
    expect([refused.status, refused.body['error']]).toEqual([401, 'authentication_failed']);
    const metrics = await (await fetch(`${at.url}/metrics`)).text();
    expect(metrics).toContain(
      'neural_hive_requests_total{neural_hive_component="gateway",neural_hive_layer="experiencia",domain="BUSINESS",channel="text",status="success"} 1',
    );
  });

  it('hear a voice file by its words, and refuse what is no audio or holds no words', async () => {
    const at = await bench.gateway();
    const speak = async (file: Blob) => {
      const form = new FormData();
      form.set('audio_file', file, 'fala.wav');
      form.set('language', 'pt-BR');
      const answer = await fetch(`${at.url}/intentions/voice`, { method: 'POST', body: form });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const audio = (bytes: Buffer, type = 'audio/wav') => new Blob([new Uint8Array(bytes)], { type });
    const words = 'analisar vendas do trimestre';
    const heard = await speak(audio(wavFile({ words })));
    expect(heard).toMatchObject({
      status: 200,
      body: { transcribed_text: words, asr_confidence: 0.95, nlu_confidence: 0.95, domain: 'BUSINESS' },
    });
    const [record] = await bench.log.recordsOf(String(heard.body['intent_id']));
    expect(record?.value).toMatchObject({ context: { channel: 'VOICE' } });
    expect((await speak(audio(wavFile({ words }), 'text/plain'))).status).toBe(400);
    expect((await speak(audio(wavFile({})))).status).toBe(400);
    expect((await speak(audio(Buffer.from('no wave')))).status).toBe(500);
  });
});

describe('without Redis', () => {
  it('takes intentions, is not ready, and keeps its breaker open although it is ready again', async () => {
    const tools = await requireTestTools(['redis']);
    const own = await startRedis(tools);
    const at = await bench.gateway({ redis: { host: own.host, port: own.port } });
    const first = await post(at, { text: 'gerar relatório de vendas' });
    await own.stop();
    expect((await get(at, `/intentions/${first.body['intent_id']}`)).status).toBe(404);
    expect((await get(at, '/ready')).status).toBe(503);
    for (let i = 0; i < 3; i += 1) {
      const { status, body } = await post(at, { text: 'gerar relatório de vendas', correlation_id: 'same' });
      expect([status, body['status']]).toEqual([200, 'processed']);
    }
    expect((await get(at, '/health')).status).toBe(503);
    const back = await startRedis(tools, own.port);
    try {
      await until(async () => (await get(at, '/ready')).status === 200, { timeoutMs: 2000 });
      expect((await get(at, `/intentions/${first.body['intent_id']}`)).status).toBe(500);
      const again = await post(at, { text: 'gerar relatório de vendas', correlation_id: 'same' });
      expect(again.body['status']).toBe('processed');
    } finally {
      await back.stop();
    }
  });

  it('does not start: exits with 3 after its patience', async () => {
    const [httpPort, nobody] = await freePorts(2);
    const config = {
      instance: 'g',
      host: '127.0.0.1',
      httpPort,
      kafkaBrokers: bench.kafka.brokers,
      redis: { host: '127.0.0.1', port: nobody, startTimeoutMs: 300 },
    };
    const one = bench.spawn('gateway', config);
    await until(() => one.child.exitCode !== null, { timeoutMs: 10_000 });
    expect(one.child.exitCode).toBe(3);
    expect(one.output()).toContain('"what":"start-up failed"');
  });
});

describe('as a process', () => {
  it('finishes what is in flight on SIGTERM: no answer is lost, no 5xx', async () => {
    const at = await bench.gateway();
    // Kafka holds still, so that all twenty are certainly in flight when the signal comes.
    bench.everyBroker('SIGSTOP');
    const answers = Promise.all(
      Array.from({ length: 20 }, () => post(at, { text: 'gerar relatório de vendas' })),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const stopped = at.stop('SIGTERM');
    bench.everyBroker('SIGCONT');
    expect((await answers).map((answer) => answer.status)).toEqual(Array(20).fill(200));
    await stopped;
    expect(at.child.exitCode).toBe(0);
  });

  it.each(['gateway', 'specialist'] as const)('ends when its stdin ends (%s)', async (name) => {
    const [a, b] = await freePorts(2);
    const one =
      name === 'gateway'
        ? await bench.gateway()
        : await bench.program('specialist', {
            specialist: 'business',
            instance: 'b',
            host: '127.0.0.1',
            grpcPort: a,
            httpPort: b,
          });
    one.child.stdin?.end();
    await until(() => one.child.exitCode !== null, { timeoutMs: 2000 });
    expect(one.child.exitCode).toBe(0);
  });

  it('refuses a wrong configuration with 64 and says what is wrong', async () => {
    const one = bench.spawn('hive', { instance: 'h' });
    await until(() => one.child.exitCode !== null, { timeoutMs: 5000 });
    expect(one.child.exitCode).toBe(64);
    expect(one.output()).toContain('kafkaBrokers: expected a list of texts that is not empty, got nothing.');
  });
});
