import { expect, it } from 'vitest';
import type { Access } from '../../../../src/core/access.ts';
import type { Mechanism } from '../../../../src/core/login.ts';
import type { RedisNodes } from '../../../../src/core/redis-nodes.ts';
import type { Protocol } from '../../../../src/core/system.ts';
import type { Topology } from '../../../../src/core/topology.ts';
import { plainLogins } from '../../../../src/run/plan/plain-logins.ts';

const at = (protocol: Protocol, address: string, access?: Access): Topology => ({
  ...{ platform: 'none', identity: 'none:t' },
  services: [
    {
      name: 'one',
      endpoints: [{ protocol, at: [{ address, ...(access && { access }) }], asks: {}, proto: null }],
    },
  ],
});
const password = { from: 'env', name: 'P' } as const;
const login = (mechanism?: Mechanism): Access => ({
  login: { user: 'a', password, ...(mechanism && { mechanism }) },
});

it('names the services whose secret others can read on the way', () => {
  expect(plainLogins(null)).toEqual([]);
  expect(plainLogins(at('redis', 'redis://10.0.4.8:6379', login()))).toEqual([
    'the secret of one crosses the network unencrypted (redis://10.0.4.8:6379): set tls, or log in by a mechanism that does not send it',
  ]);
  for (const mechanism of ['PLAIN', 'OAUTHBEARER'] as const)
    expect(plainLogins(at('kafka', 'bus:9092', login(mechanism)))).toHaveLength(1);
});

it('is silent behind TLS, on this machine, without a login, and where the secret is not sent', () => {
  const quiet = [
    at('redis', 'redis://10.0.4.8:6379'),
    at('redis', 'redis://127.0.0.1:6379', login()),
    at('redis', 'redis://localhost', login()),
    at('redis', 'rediss://10.0.4.8:6379', { ...login(), tls: {} }),
    at('kafka', 'bus:9092', login()),
    at('kafka', 'bus:9092', login('SCRAM-SHA-256')),
    at('postgres', 'store:5432', login()),
  ];
  expect(quiet.map((one) => plainLogins(one))).toEqual(quiet.map(() => []));
});

it('names a registry whose login goes over plain HTTP to another machine', () => {
  const registry = (url: string) => ({ bus: { url, access: login() } });
  expect(plainLogins(null, registry('http://registry:8081/v7'))).toEqual([
    'the secret of the registry of bus crosses the network unencrypted (registry:8081): begin its address with https://',
  ]);
  expect(plainLogins(null, registry('https://registry:8081/v7'))).toEqual([]);
  expect(plainLogins(null, registry('http://[::1]:8081'))).toEqual([]);
  expect(plainLogins(null, { bus: { url: 'http://registry:8081' } })).toEqual([]);
});

it('asks each server that one address stands for, and Sentinels for their own login', () => {
  const several = (nodes: RedisNodes, access?: Access): readonly string[] => {
    const seen = at('redis', '127.0.0.1:7001', access);
    const [service] = seen.services;
    const [endpoint] = service?.endpoints ?? [];
    const [place] = endpoint?.at ?? [];
    if (service === undefined || endpoint === undefined || place === undefined) throw new Error('no address');
    const endpoints = [{ ...endpoint, at: [{ ...place, nodes }] }];
    return plainLogins({ ...seen, services: [{ ...service, endpoints }] });
  };
  const cluster = (...seeds: readonly string[]) => ({ kind: 'cluster', seeds }) as const;
  expect(several(cluster('127.0.0.1:7001'), login())).toEqual([]);
  expect(several(cluster('127.0.0.1:7001', '10.0.4.8:7001'), login())).toHaveLength(1);
  expect(several(cluster('10.0.4.8:7001'), { ...login(), tls: {} })).toEqual([]);
  const sentinels = { kind: 'sentinels', sentinels: ['10.0.4.8:26379'], master: 'shop' } as const;
  expect(several(sentinels)).toEqual([]);
  expect(several({ ...sentinels, access: login() })).toHaveLength(1);
});
