/** A Redis that is several servers, in a target file. */
import { describe, expect, it } from 'vitest';
import { addressOf } from '../../../src/core/address.ts';
import { endpointOf, redisesOf, servicesAt } from '../../../src/core/topology.ts';
import { targetFrom } from '../../fakes/topology.ts';

const target = (redis: string, more = ''): string =>
  `name: shop\nschema: gauntlet.target/1\nplatform: none\nservices:\n  redis: ${redis}\n${more}`;

const at = (redis: string) => {
  const { system, addresses } = targetFrom('targets/t.yaml', target(redis));
  return endpointOf({ services: servicesAt(system, addresses) }, 'redis', 'redis')?.at;
};

const problemsOf = (text: string): readonly string[] => {
  try {
    targetFrom('t.yaml', text);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
};

const env = (name: string) => ({ from: 'env', name }) as const;

describe('the address of a Redis', () => {
  it('is some nodes of a Cluster, and the first by name stands for all: in any order it is the same target', () => {
    const seeds = ['10.0.0.2:7002', '10.0.0.1:7001'];
    expect(at(`{ address: { cluster: ${JSON.stringify(seeds)} } }`)).toEqual([
      { address: '10.0.0.1:7001', nodes: { kind: 'cluster', seeds } },
    ]);
    expect(addressOf('10.0.0.1:7001', 6379)).toEqual({ host: '10.0.0.1', port: 7001 });
  });

  it('has one TLS and one login for all nodes, and Sentinels a login of their own', () => {
    const written =
      '{ address: { sentinels: ["10.0.0.3:26379"], master: shop, login: { password: env:WATCH } }, tls: true, login: { user: chaos, password: env:PW } }';
    const login = { user: 'chaos', password: env('PW') };
    expect(at(written)).toEqual([
      {
        address: '10.0.0.3:26379',
        nodes: {
          ...{ kind: 'sentinels', sentinels: ['10.0.0.3:26379'], master: 'shop' },
          access: { tls: {}, login: { password: env('WATCH') } },
        },
        access: { tls: {}, login },
      },
    ]);
    const { system, addresses } = targetFrom('t.yaml', target(written));
    expect(redisesOf({ services: servicesAt(system, addresses) })['redis']).toMatchObject({
      ...{ host: '10.0.0.3', port: 26_379, access: { login } },
      nodes: { kind: 'sentinels', master: 'shop' },
    });
  });

  it('is wrong with both, with a URL in a list, without a master, and with an empty list', () => {
    expect(problemsOf(target('{ address: { cluster: ["redis://10.0.0.1:7001"] } }'))[0]).toContain(
      't.yaml:5:33: services.redis.address.cluster: expected an address such as 127.0.0.1:9092 or [::1]:9092, got "redis://10.0.0.1:7001". Remove the scheme.',
    );
    expect(problemsOf(target('{ address: { sentinels: ["10.0.0.1:26379"] } }'))).toEqual([
      't.yaml:5:21: services.redis.address.master: expected the name of a master, got nothing.',
    ]);
    expect(problemsOf(target('{ address: { cluster: [] } }'))[0]).toContain(
      'services.redis.address.cluster: expected a list of addresses such as ["127.0.0.1:7001", "127.0.0.1:7002"]',
    );
    expect(problemsOf(target('{ address: { cluster: ["10.0.0.1:1"], master: shop } }'))[0]).toContain(
      'services.redis.address key: expected one of cluster, got "master"',
    );
    expect(problemsOf(target('{ address: { nodes: ["10.0.0.1:1"] } }')).join()).toContain(
      'services.redis.address key: expected one of cluster, got "nodes"',
    );
  });

  it('that sends clients elsewhere has no link through a proxy, and says what to do', () => {
    const links =
      'links:\n  - { from: gateway, to: redis, listen: "127.0.0.1:16379", dial: "127.0.0.1:7001" }\n';
    for (const address of ['{ cluster: ["127.0.0.1:7001"] }', '{ sentinels: ["127.0.0.1:1"], master: shop }'])
      expect(problemsOf(target(`{ address: ${address} }`, links))).toEqual([
        't.yaml:7:26: links.to: expected a server that its clients dial at one address, got redis, whose nodes send clients to their own addresses, past a proxy. Remove the link: redis-pause and redis-kill-connections act on its nodes, and platforms docker and kubernetes break links without a proxy.',
      ]);
  });
});
