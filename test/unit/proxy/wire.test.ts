import { describe, expect, it } from 'vitest';
import {
  parseImpairment,
  parseProxyConfig,
  parseRenewal,
  parseUpstreams,
} from '../../../packages/link-proxy/src/wire.ts';

const LINKS = ['gateway->redis', 'hive->redis'];
const impairment = (change: object): unknown => ({
  id: 'f1',
  links: ['gateway->redis'],
  effect: { kind: 'cut' },
  ttlMs: 3000,
  ...change,
});

describe('control calls of the proxy', () => {
  it('reads an impairment as it was sent', () => {
    const effect = { kind: 'throttle', bitsPerSecond: 256_000, latencyMs: 40, jitterMs: 5, seed: 7 };
    expect(parseImpairment(impairment({ effect }), LINKS)).toEqual(impairment({ effect }));
    expect(parseImpairment(impairment({}), LINKS)).toEqual(impairment({}));
  });

  it('reads a cut of one direction and a reset, and no third direction', () => {
    for (const effect of [{ kind: 'cut', direction: 'to-client' }, { kind: 'reset' }]) {
      expect(parseImpairment(impairment({ effect }), LINKS)).toEqual(impairment({ effect }));
    }
    const effect = { kind: 'cut', direction: 'up' };
    expect(() => parseImpairment(impairment({ effect }), LINKS)).toThrow(
      'effect.direction: expected to-server or to-client, got "up".',
    );
  });

  it('reads a rejection with the answer of the server or without one, and no long answer', () => {
    for (const effect of [{ kind: 'reject', answer: '-ERR full\r\n' }, { kind: 'reject' }]) {
      expect(parseImpairment(impairment({ effect }), LINKS)).toEqual(impairment({ effect }));
    }
    const effect = { kind: 'reject', answer: 7 };
    expect(() => parseImpairment(impairment({ effect }), LINKS)).toThrow(
      'effect.answer: expected a text of at most 1024 characters, got 7.',
    );
    const long = { kind: 'reject', answer: 'x'.repeat(1025) };
    expect(() => parseImpairment(impairment({ effect: long }), LINKS)).toThrow(/^effect.answer: /);
  });

  it('names every wrong field of an impairment at once', () => {
    const wrong = impairment({ id: '', links: ['gateway->radis'], effect: { kind: 'drop' }, ttlMs: 0 });
    expect(() => parseImpairment(wrong, LINKS)).toThrow(
      [
        'id: expected a text, got "".',
        'links[0]: expected one of gateway->redis, hive->redis, got "gateway->radis".',
        'effect.kind: expected cut, reset, reject or throttle, got "drop".',
        'ttlMs: expected a number from 1 to 86400000, got 0.',
      ].join('\n'),
    );
  });

  it('refuses a throttle that does nothing, one without links, and a jitter that would bend the mean', () => {
    const throttle = (fields: object): unknown => impairment({ effect: { kind: 'throttle', ...fields } });
    expect(() => parseImpairment(throttle({}), LINKS)).toThrow(
      'effect: expected bitsPerSecond, latencyMs or both, got {"kind":"throttle"}.',
    );
    expect(() => parseImpairment(throttle({ latencyMs: 5, jitterMs: 6 }), LINKS)).toThrow(
      'effect.jitterMs: expected at most latencyMs, got 6.',
    );
    expect(() => parseImpairment(impairment({ links: [] }), LINKS)).toThrow(
      'links: expected at least one link, got [].',
    );
  });

  it('refuses a lease without an end', () => {
    expect(() => parseRenewal({ id: 'f1', ttlMs: Number.POSITIVE_INFINITY })).toThrow(
      'ttlMs: expected a number from 1 to 86400000, got null.',
    );
    expect(() => parseRenewal('f1')).toThrow('body: expected an object, got "f1".');
  });

  it('wants readiness said of every server', () => {
    const upstreams = [{ instance: 'gateway-1', host: '127.0.0.1', port: 8000 }];
    expect(() => parseUpstreams({ name: 'gateway->redis', upstreams }, LINKS)).toThrow(
      'upstreams[0].ready: expected true or false, got nothing.',
    );
  });
});

describe('the config file of the proxy', () => {
  it('refuses two links of one name and a port that is none', () => {
    const link = {
      name: 'a',
      from: 'x',
      to: 'y',
      listen: { host: '127.0.0.1', port: 70_000 },
      upstreams: [],
    };
    expect(() => parseProxyConfig({ controlSocket: '/tmp/s', links: [link, link] })).toThrow(
      [
        'links[0].listen.port: expected a number from 0 to 65535, got 70000.',
        'links[1].listen.port: expected a number from 0 to 65535, got 70000.',
        'links: expected each name once, got "a twice".',
      ].join('\n'),
    );
  });
});
