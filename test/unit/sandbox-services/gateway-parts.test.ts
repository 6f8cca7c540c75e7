import { describe, expect, it } from 'vitest';
import { Mutex } from '../../../src/system/mutex.ts';
import {
  AbandonedError,
  CircuitBreaker,
} from '../../../systems/neural-hive-mind/stand-ins/src/gateway/circuit-breaker.ts';
import {
  type EnvelopeInput,
  encodeEnvelope,
  recordHeaders,
  routeOf,
} from '../../../systems/neural-hive-mind/stand-ins/src/gateway/envelope.ts';
import { LoopGate } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/loop-gate.ts';
import { understand } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/nlu.ts';
import { Metrics } from '../../../systems/neural-hive-mind/stand-ins/src/metrics.ts';

const fails = () => Promise.reject(new Error('refused'));
function deferred() {
  let resolve: (value: unknown) => void = () => undefined;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
const works = () => Promise.resolve('value');

describe('the circuit breaker', () => {
  function breakerAt() {
    const time = { ms: 0 };
    return { time, breaker: new CircuitBreaker({ threshold: 5, openMs: 60_000, now: () => time.ms }) };
  }

  it('opens at the fifth failure, even if successes lie between', async () => {
    const { breaker } = breakerAt();
    for (let failure = 1; failure <= 5; failure += 1) {
      expect(breaker.state).toBe('closed');
      await expect(breaker.run(fails)).rejects.toThrow('refused');
      if (failure < 5) await breaker.run(works);
    }
    expect(breaker.state).toBe('open');
    await expect(breaker.run(works)).rejects.toThrow('Circuit breaker is open');
  });

  it('lets one call try after 60 s, and closes on its success', async () => {
    const { breaker, time } = breakerAt();
    for (let i = 0; i < 5; i += 1) await breaker.run(fails).catch(() => undefined);
    time.ms = 59_999;
    await expect(breaker.run(works)).rejects.toThrow('Circuit breaker is open');
    time.ms = 60_000;
    const trying = breaker.run(works);
    await expect(breaker.run(works)).rejects.toThrow('Circuit breaker is open');
    await expect(trying).resolves.toBe('value');
    expect(breaker.state).toBe('closed');
    // The count is clear again: four failures do not open it.
    for (let i = 0; i < 4; i += 1) await breaker.run(fails).catch(() => undefined);
    expect(breaker.state).toBe('closed');
  });

  it('opens for another 60 s when the one that tries fails', async () => {
    const { breaker, time } = breakerAt();
    for (let i = 0; i < 5; i += 1) await breaker.run(fails).catch(() => undefined);
    time.ms = 60_000;
    await breaker.run(fails).catch(() => undefined);
    time.ms = 119_999;
    expect(breaker.state).toBe('open');
  });

  it('does not count a caller who stopped waiting', async () => {
    const { breaker } = breakerAt();
    for (let i = 0; i < 10; i += 1) {
      await breaker.run(() => Promise.reject(new AbandonedError('5 ms'))).catch(() => undefined);
    }
    expect(breaker.state).toBe('closed');
  });
});

describe('the loop gate', () => {
  it('delays all requests while something blocks, as one event loop would', async () => {
    const gate = new LoopGate();
    const order: string[] = [];
    const first = deferred();
    const second = deferred();
    const blocked = gate.block(() => first.promise);
    const passed = gate.pass().then(() => order.push('health answered'));
    const next = gate.block(() => second.promise);
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    first.resolve(undefined);
    // In turn: it does not wait for the one that came after it.
    await passed;
    expect(order).toEqual(['health answered']);
    second.resolve(undefined);
    await Promise.all([blocked, next]);
  });

  it('lets pass at once when nothing blocks, and after a failure too', async () => {
    const gate = new LoopGate();
    await gate.pass();
    await gate.block(fails).catch(() => undefined);
    await expect(gate.pass()).resolves.toBeUndefined();
  });
});

describe('a mutex of some width', () => {
  it('never admits more than its width, and all callers in the end', async () => {
    const mutex = new Mutex(3);
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => mutex.run(work)));
    expect(most).toBe(3);
    expect(mutex.held).toBe(0);
  });
});

describe('metrics', () => {
  it('are written in Prometheus text format, buckets cumulative, labels escaped', () => {
    const metrics = new Metrics();
    const counter = metrics.counter('requests_total', 'Requests');
    counter.add({ path: 'a"b\\c\nd' });
    counter.add({ path: 'a"b\\c\nd' }, 2);
    const seconds = metrics.histogram('took_seconds', 'Time', [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, { op: 'x' });
    metrics.gauge('open', 'Open', () => 4);
    expect(metrics.text()).toBe(
      [
        '# HELP requests_total Requests',
        '# TYPE requests_total counter',
        'requests_total{path="a\\"b\\\\c\\nd"} 3',
        '# HELP took_seconds Time',
        '# TYPE took_seconds histogram',
        'took_seconds_bucket{op="x",le="0.1"} 2',
        'took_seconds_bucket{op="x",le="1"} 3',
        'took_seconds_bucket{op="x",le="+Inf"} 4',
        'took_seconds_sum{op="x"} 7.65',
        'took_seconds_count{op="x"} 4',
        '# HELP open Open',
        '# TYPE open gauge',
        'open 4',
        '',
      ].join('\n'),
    );
  });
});

describe('the envelope', () => {
  const input: EnvelopeInput = {
    intentId: 'i',
    correlationId: 'c',
    text: 'novo negócio aqui',
    language: 'pt-BR',
    constraints: null,
    qos: null,
    channel: null,
    nlu: understand('novo negócio aqui'),
    confidence: 0.7,
    nowMs: 1_800_000_000_000,
  };
  const constraints = {
    priority: 'high',
    deadline: '2030-01-01T00:00:00Z',
    maxRetries: 3,
    timeoutMs: null,
    requiredCapabilities: [] as string[],
    securityLevel: 'restricted',
  };
  const qos = { deliveryMode: 'exactly-once', durability: 'persistent', consistency: 'strong' };

  it('is camelCase JSON with upper-case words, hyphens kept', () => {
    const record = JSON.parse(encodeEnvelope({ ...input, constraints, qos, channel: 'VOICE' }).toString());
    expect(record).toMatchObject({
      id: 'i',
      correlationId: 'c',
      actor: { id: 'test-user-123', actorType: 'HUMAN' },
      intent: { domain: 'BUSINESS', originalLanguage: 'pt-BR' },
      context: { channel: 'VOICE', userId: null },
      constraints: { priority: 'HIGH', deadline: 1_893_456_000_000, securityLevel: 'RESTRICTED' },
      qos: { deliveryMode: 'EXACTLY-ONCE', durability: 'PERSISTENT', consistency: 'STRONG' },
      schemaVersion: 1,
    });
  });

  it('refuses restricted without strong consistency, also when qos is absent', () => {
    const message = "security_level 'restricted' exige qos.consistency 'strong'";
    expect(() => encodeEnvelope({ ...input, constraints })).toThrow(message);
    expect(() => encodeEnvelope({ ...input, constraints, qos: { ...qos, consistency: 'eventual' } })).toThrow(
      message,
    );
  });

  it('refuses more than 4 MiB with 413', () => {
    const big = { ...constraints, securityLevel: 'public', requiredCapabilities: ['x'.repeat(4_194_304)] };
    expect(() => encodeEnvelope({ ...input, constraints: big })).toThrow(
      /^413: Envelope de \d+ bytes excede o limite de 4194304$/,
    );
  });

  it.each([
    [0.5, 'processed', 'intentions.business'],
    [0.499, 'processed_low_confidence', 'intentions.business'],
    [0.3, 'processed_low_confidence', 'intentions.business'],
    [0.299, 'routed_to_validation', 'intentions.validation'],
  ])('with confidence %f is %s', (confidence, status, topic) => {
    expect(routeOf(confidence, 'BUSINESS', { high: 0.5, low: 0.3 })).toEqual({ status, topic });
  });

  it('has the headers of the contract, and "low" on the lower routes', () => {
    const header = {
      intentId: 'i',
      correlationId: 'c',
      status: 'routed_to_validation',
      confidence: 0.2,
      confidenceStatus: 'medium',
      bytes: 10,
      sourceIp: '127.0.0.1',
      producerId: 'p',
      nowMs: 1_800_000_000_999,
      monotonicMs: 1234.5,
    } as const;
    expect(recordHeaders(header)).toEqual({
      'intent-id': 'i',
      'correlation-id': 'c',
      'idempotency-key': 'test-user-123:c:1800000000',
      'schema-version': '1.0.0',
      'content-type': 'application/json',
      'message-size': '10',
      'source-ip': '127.0.0.1',
      'user-id': 'test-user-123',
      timestamp: '1234',
      'producer-id': 'p',
      'confidence-score': '0.2',
      'confidence-status': 'low',
      'requires-validation': 'True',
      'adaptive-threshold-used': 'False',
      'fast-producer': 'False',
    });
    expect(recordHeaders({ ...header, status: 'processed' })['confidence-status']).toBe('medium');
  });
});
