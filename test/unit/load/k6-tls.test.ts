import { describe, expect, it } from 'vitest';
import type { LoadTls } from '../../../src/core/load-tls.ts';
import { keepSecret } from '../../../src/core/secrets.ts';
import { ms, perSecond } from '../../../src/core/units.ts';
import { foreignCommand } from '../../../src/load/foreign-command.ts';
import { k6Command } from '../../../src/load/k6-command.ts';
import { WHOLE } from '../../../src/measure/segments.ts';

const PEM = (name: string): string => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;
const named = (name: string) => ({ from: 'env', name }) as const;
for (const name of ['T_CA', 'T_CERT', 'T_KEY']) keepSecret(name, PEM(name));

const schedule = { startRate: perSecond(10), stages: [] };
const flow = { flow: 'shop.web', executor: 'web', schedule, worstStallMs: ms(2000), vus: 20 };
const load = (tls?: LoadTls) => ({
  ...{ scenario: 'shop', script: '/p/shop.ts', flows: [flow], env: {} },
  ...(tls && { tls }),
});
const settings = {
  ...{ k6: '/bin/k6', seed: 7, segment: WHOLE, durationMs: ms(60_000), gracefulStopMs: ms(2000) },
  ...{ home: '/run/k6/home', loadFile: '/run/k6/load', secrets: {} },
};
const mutual = { ca: named('T_CA'), cert: named('T_CERT'), key: named('T_KEY') };

describe('TLS of k6', () => {
  it('is nothing for a plain load', () => {
    const { args, env, texts } = k6Command(load(), settings);
    expect([args.includes('--config'), env['SSL_CERT_FILE'], env['GAUNTLET_TLS'], texts]).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has its key in a text at a descriptor, and not in an argument or a variable', () => {
    const hosts = { 'web.shop:8443': '10.0.0.7:8443' };
    const command = k6Command(load({ services: { web: mutual, orders: mutual }, hosts }), settings);
    expect(command.args.slice(-3)).toEqual(['--config', '/dev/fd/3', '/p/shop.ts']);
    expect(command.texts?.map((text, index) => (index === 0 ? JSON.parse(text) : text))).toEqual([
      { tlsAuth: [{ cert: PEM('T_CERT'), key: PEM('T_KEY') }], hosts },
      PEM('T_CA'),
    ]);
    expect(command.env).toMatchObject({
      ...{ GAUNTLET_TLS: 'web orders', SSL_CERT_FILE: '/dev/fd/4', SSL_CERT_DIR: '/run/k6/home' },
    });
    expect(JSON.stringify([command.args, command.env])).not.toContain('BEGIN');
  });

  it('trusts the authorities of the machine too, where a service has none of its own', () => {
    const { env, texts } = k6Command(
      load({ services: { web: {}, orders: { ca: named('T_CA') } }, hosts: {} }),
      settings,
    );
    expect([env['SSL_CERT_DIR'], texts?.length]).toEqual([undefined, 2]);
    expect(
      k6Command(load({ services: { web: {} }, hosts: {} }), settings).env['SSL_CERT_FILE'],
    ).toBeUndefined();
  });

  it('does not check certificates where the target says so', () => {
    const { texts = [] } = k6Command(load({ services: { web: { insecure: true } }, hosts: {} }), settings);
    expect(texts).toEqual(['{"insecureSkipTLSVerify":true}']);
  });

  it('reaches a foreign script, which may dial others by the authorities of the machine', () => {
    const foreign = {
      functions: ['default'],
      hasSetup: false,
      hasTeardown: false,
      thresholds: {},
      secrets: {},
    };
    const whole = { ...load({ services: { web: mutual }, hosts: {} }), foreign } as never;
    const { args, env, texts } = foreignCommand(whole, foreign as never, settings);
    expect(args.slice(-3)).toEqual(['--config', '/dev/fd/3', '-']);
    expect([env['SSL_CERT_FILE'], env['SSL_CERT_DIR'], texts?.length]).toEqual(['/dev/fd/4', undefined, 2]);
  });
});
