/** What a system file says about finding, protection, replicas and links, at a target of that system. */
import { describe, expect, it } from 'vitest';
import { parseTarget, type TargetFile } from '../../../src/config/read-target.ts';
import { parseSystem } from '../../../src/config/system/read-system.ts';

const SHOP = `
schema: gauntlet.system/1
name: shop
summary: Orders over HTTP, kept in a cache and told on a bus
find: { kubernetes: { namespace: shop } }
services:
  web: { http: 8080, replicas: 2, protected: true, find: { kubernetes: { selector: "app={service}" } } }
  worker-{kind}:
    each: { kind: [fast, slow] }
    grpc: 9000
    find: { kubernetes: { selector: "job={kind}" } }
  bus: { kafka: 9092, protected: true, find: { kubernetes: { namespace: bus, replacedBy: BusPodSet } } }
  cache: { redis: 6379 }
  "*": { find: { kubernetes: { workloads: [Deployment] } } }
links: ["web -> cache, bus", "worker-* -> bus"]
`;

const HEAD = 'name: t\nsystem: shop\nplatform: kubernetes\nkubernetes: { context: c }\n';
const targetOf = (text: string, system = SHOP): TargetFile =>
  parseTarget('t.yaml', text, () => parseSystem('system.yaml', system));
const problemsOf = (text: string, system = SHOP): readonly string[] => {
  try {
    targetOf(text, system);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
};
const podsOf = (text: string) => targetOf(text).kubernetes?.services;

describe('a kubernetes target of a system', () => {
  it('has the pods that the system finds, without a list of its own', () => {
    expect(podsOf(HEAD)).toEqual({
      web: { namespace: 'shop', selector: 'app=web' },
      'worker-fast': { namespace: 'shop', selector: 'job=fast' },
      'worker-slow': { namespace: 'shop', selector: 'job=slow' },
      bus: { namespace: 'bus', selector: 'app.kubernetes.io/name=bus', replacedBy: 'BusPodSet' },
      cache: { namespace: 'shop', selector: 'app.kubernetes.io/name=cache' },
    });
    expect(targetOf(HEAD).system.others).toEqual({
      kubernetes: { namespace: 'shop', workloads: ['Deployment'] },
    });
  });

  it('overrides them map by key, by name or by the beginning of names; the longer name wins', () => {
    const text = `${HEAD}services:
  worker-slow: { find: { kubernetes: { selector: "app={service},lane={kind}" } } }
  worker-*: { find: { kubernetes: { namespace: shop-b } } }
  "*": { find: { kubernetes: { namespace: staging } } }
  web: { replicas: { min: 1, max: 4 } }
`;
    const { kubernetes, system } = targetOf(text);
    expect(kubernetes?.services).toMatchObject({
      web: { namespace: 'staging', selector: 'app=web' },
      'worker-fast': { namespace: 'shop-b', selector: 'job=fast' },
      'worker-slow': { namespace: 'shop-b', selector: 'app=worker-slow,lane=slow' },
      bus: { namespace: 'staging', replacedBy: 'BusPodSet' },
    });
    expect(system.others?.kubernetes).toEqual({ namespace: 'staging', workloads: ['Deployment'] });
    expect(system.services[0]?.replicas).toEqual({ min: 1, max: 4 });
  });

  it('has only the services of its own list where it has one', () => {
    const text = HEAD.replace('context: c', 'context: c, services: { web: { namespace: a, selector: b=c } }');
    expect(podsOf(text)).toEqual({ web: { namespace: 'a', selector: 'b=c' } });
    expect(problemsOf(`${text}services: { web: { find: { kubernetes: { namespace: x } } } }`)).toEqual([
      't.yaml:5:40: services.web.find.kubernetes: expected one place for pods, got kubernetes.services, too. Remove kubernetes.services, or write it there.',
    ]);
    expect(problemsOf(`schema: gauntlet.target/1\n${text}`)).toEqual([
      't.yaml:5:27: kubernetes key: expected the pods of a service under services, got kubernetes.services. ' +
        'With schema: gauntlet.target/1, write services: { web: { find: { kubernetes: { … } } } }, or leave it to the system file.',
    ]);
  });

  it('needs a namespace for one service at least', () => {
    const system = SHOP.replace('find: { kubernetes: { namespace: shop } }\n', '').replace(
      'namespace: bus, ',
      '',
    );
    expect(problemsOf(HEAD, system)).toEqual([
      't.yaml:4:13: kubernetes: expected a namespace for at least one service, got none. ' +
        'Write find: { kubernetes: { namespace: … } } in the system file, or services: { web: { find: … } } here.',
    ]);
  });

  it('reports overrides that match nothing, with the nearest name', () => {
    expect(problemsOf(`${HEAD}services: { worker-fat: { replicas: 2 }, wrker-*: { replicas: 2 } }`)).toEqual([
      't.yaml:5:13: services key: expected one of web, worker-fast, worker-slow, bus, cache, got "worker-fat". Did you mean worker-fast?',
      't.yaml:5:42: services key: expected one of web, worker-fast, worker-slow, bus, cache, got "wrker-*".',
    ]);
  });

  it('knows the links that the system declares, and those among brokers', () => {
    expect(targetOf(HEAD).kubernetes?.links).toEqual([
      'web->bus',
      'web->cache',
      'worker-fast->bus',
      'worker-slow->bus',
    ]);
    expect(targetOf(HEAD, SHOP.replace(/links:.*\n/, '')).kubernetes).not.toHaveProperty('links');
  });
});

describe('what a system protects', () => {
  const policyOf = (text: string) => targetOf(text).policy;

  it('holds on a target, beside the list of the target', () => {
    expect(policyOf(`${HEAD}policy: { optIn: true, protected: [cache] }`)).toMatchObject({
      protected: ['cache', 'web', 'bus'],
      protectedBy: { web: 'system shop', bus: 'system shop' },
    });
  });

  it('is lifted by name', () => {
    const policy = policyOf(`${HEAD}policy: { optIn: true, unprotected: ["w*"] }`);
    expect(policy).toMatchObject({ protected: ['bus'], unprotected: ['web'] });
  });

  it('does not hold in the sandbox, nor in an older file, which names no system', () => {
    expect(policyOf('name: t\nsystem: shop\nplatform: sandbox').protected).toEqual([]);
    expect(policyOf(HEAD.replace('system: shop\n', '')).protected).toEqual([]);
  });

  it('cannot be lifted where nothing is protected, and is not protected and lifted at once', () => {
    const lift = (names: string): string => `${HEAD}policy: { unprotected: [${names}] }`;
    expect(problemsOf(lift('wep'))).toEqual([
      't.yaml:5:25: policy.unprotected: expected a service that the system protects here: one of web, bus, got "wep". Did you mean web?',
    ]);
    expect(problemsOf(lift('web').replace('system: shop\n', ''))).toEqual([
      't.yaml:4:25: policy.unprotected: expected a service that the system protects here: none, because the file names no system, ' +
        'and then only policy.protected protects, got "web".',
    ]);
    expect(problemsOf('name: t\nsystem: shop\nplatform: sandbox\npolicy: { unprotected: [web] }')).toEqual([
      't.yaml:4:25: policy.unprotected: expected a service that the system protects here: none, because in the sandbox only ' +
        'policy.protected protects, got "web".',
    ]);
    expect(problemsOf(`${HEAD}policy: { protected: [web], unprotected: [web] }`)).toEqual([
      't.yaml:5:43: policy.unprotected: expected each service in only one of protected and unprotected, got "web".',
    ]);
  });
});

describe('a selector of a system', () => {
  it('has no word in braces that nothing fills', () => {
    expect(problemsOf(HEAD, SHOP.replace('app={service}', 'app={servce}'))).toEqual([
      'system.yaml:7:84: services.web.find.kubernetes.selector: expected only {service} in braces for web, got {servce}. Did you mean {service}?',
    ]);
  });
});
