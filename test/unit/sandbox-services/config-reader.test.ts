import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArgument } from '../../../systems/neural-hive-mind/stand-ins/src/config-reader.ts';
import { readGatewayConfig } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/config.ts';
import { readHiveConfig } from '../../../systems/neural-hive-mind/stand-ins/src/hive/config.ts';
import { readSpecialistConfig } from '../../../systems/neural-hive-mind/stand-ins/src/specialist/config.ts';

const gateway = {
  instance: 'gateway-1',
  host: '127.0.0.1',
  httpPort: 8000,
  kafkaBrokers: ['127.0.0.1:9092'],
  redis: { host: '127.0.0.1', port: 6379 },
};

describe('the argument of a service program', () => {
  it('is JSON itself, or the path of a file that holds it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'services-config-'));
    try {
      writeFileSync(join(folder, 'c.json'), '{"a": 2}');
      expect(readArgument('{"a": 1}')).toEqual({ a: 1 });
      expect(readArgument(join(folder, 'c.json'))).toEqual({ a: 2 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what it expects when it is missing or no object', () => {
    expect(() => readArgument(undefined)).toThrow(
      'first argument: expected a JSON object, or the path of a file that holds one, got nothing.',
    );
    expect(() => readArgument('/nowhere/at/all')).toThrow(/^first argument: expected .*ENOENT/);
    expect(() => readArgument('{broken')).toThrow(/^first argument: expected a JSON object/);
  });

  it('is refused with every problem at once, unknown keys of nested objects included', () => {
    const wrong = {
      ...gateway,
      httpPort: 70_000,
      kafkaBrokers: [],
      redis: { host: '', port: 1, tiemout: 3 },
      routing: { high: 2 },
      colour: 'red',
    };
    let message = '';
    try {
      readGatewayConfig(wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split('\n')).toEqual([
      'httpPort: expected a whole number from 0 to 65535, got 70000.',
      'kafkaBrokers: expected a list of texts that is not empty, got [].',
      'redis.host: expected a text, got "".',
      'routing.high: expected a number from 0 to 1, got 2.',
      'colour: expected one of asr, routing, kafka, instance, host, httpPort, kafkaBrokers, redis, environment, graceMs, got "colour".',
      'redis.tiemout: expected one of host, port, timeoutMs, startTimeoutMs, breakerThreshold, breakerOpenMs, got "tiemout".',
    ]);
  });

  it('has the defaults of the contract', () => {
    const config = readGatewayConfig(gateway);
    expect(config.routing).toEqual({ high: 0.5, low: 0.3 });
    expect(config.redis).toMatchObject({ timeoutMs: 5000, breaker: { threshold: 5, openMs: 60_000 } });
    expect(config.kafka).toMatchObject({ transactionTimeoutMs: 300_000, initTimeoutMs: 600_000 });
    expect(config.asr.maxConcurrentJobs).toBe(5);
  });

  it('can shorten every time for the sandbox', () => {
    const config = readGatewayConfig({
      ...gateway,
      redis: { ...gateway.redis, timeoutMs: 100, breakerThreshold: 2, breakerOpenMs: 300 },
      kafka: { deliveryTimeoutMs: 900 },
    });
    expect(config.redis).toMatchObject({ timeoutMs: 100, breaker: { threshold: 2, openMs: 300 } });
    expect(config.kafka.deliveryTimeoutMs).toBe(900);
  });

  it('names the specialist from the list', () => {
    const source = { specialist: 'busines', instance: 'a', host: 'h', grpcPort: 1, httpPort: 2 };
    expect(() => readSpecialistConfig(source)).toThrow(
      'specialist: expected one of business, technical, behavior, evolution, architecture, got "busines".',
    );
  });

  it('needs all five specialists for the hive', () => {
    const source = { ...gateway, specialists: { business: 'h:1', technical: 'h:2', behavior: 'h:3' } };
    expect(() => readHiveConfig(source)).toThrow(
      'specialists.evolution: expected a text, got nothing.\nspecialists.architecture: expected a text, got nothing.',
    );
  });
});
