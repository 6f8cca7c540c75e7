/** `services.<name>.login`: one shape, of which each protocol takes the keys that it knows. */
import { describe, expect, it } from 'vitest';
import { parseTarget, type TargetFile } from '../../../src/config/read-target.ts';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import type { Login } from '../../../src/core/login.ts';

const SHOP = `schema: gauntlet.system/1
name: shop
summary: a shop
services: { web: { http: 8080 }, cache: { redis: 6379 }, bus: { kafka: 9092 }, store: { postgres: 5432 } }
`;

const targetOf = (services: string): TargetFile =>
  parseTarget('/targets/shop.yaml', `name: t\nsystem: shop\nplatform: none\nservices: ${services}\n`, () =>
    parseSystem('system.yaml', SHOP),
  );
const loginsOf = (services: string): readonly (Login | undefined)[] =>
  Object.values(targetOf(services).addresses)
    .flatMap((by) => Object.values(by))
    .flatMap((at = []) => at.map(({ access }) => access?.login));
const problemsOf = (services: string): readonly string[] => {
  try {
    targetOf(services);
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\S+: /, ''));
  }
  return [];
};

const CACHE = '{ cache: { address: "redis://c:6379", login:';
const BUS = '{ bus: { address: ["b:9092", "d:9092"], login:';

describe('a login of a target file', () => {
  it('is that of its protocol, for each address; files are found beside the target', () => {
    expect(loginsOf(`${CACHE} { password: file:secrets/cache } } }`)).toEqual([
      { password: { from: 'file', name: '/targets/secrets/cache' } },
    ]);
    const scram = { user: 'chaos', password: { from: 'env', name: 'P' } };
    expect(loginsOf(`${BUS} { user: chaos, password: env:P } } }`)).toEqual([scram, scram]);
    const plain = { ...scram, mechanism: 'PLAIN' };
    expect(loginsOf(`${BUS} { user: chaos, password: env:P, mechanism: PLAIN } } }`)).toEqual([plain, plain]);
    const bearer = { token: { from: 'file', name: '/run/token' }, mechanism: 'OAUTHBEARER' };
    expect(loginsOf(`${BUS} { mechanism: OAUTHBEARER, token: file:/run/token } } }`)).toEqual([
      bearer,
      bearer,
    ]);
    expect(loginsOf('{ store: { address: "s:5432", login: { user: u, database: d } } }')).toEqual([
      { user: 'u', database: 'd' },
    ]);
  });

  it('has no key of another protocol, and no secret', () => {
    expect(problemsOf(`${CACHE} { user: u, password: hunter2-Zk9, database: d } } }`)).toEqual([
      'services.cache.login.password: expected a reference to a secret such as env:GRAFANA_TOKEN or file:/run/secrets/grafana, got something else. Put the value into an environment variable or a file, and write env:NAME or file:PATH here.',
      'services.cache.login key: expected one of user, password, got "database".',
    ]);
    expect(problemsOf(`${CACHE} { user: u } } }`)).toEqual([
      'services.cache.login.password: expected a reference to a secret such as env:GRAFANA_TOKEN or file:/run/secrets/grafana, got nothing. Put the value into an environment variable or a file, and write env:NAME or file:PATH here.',
    ]);
    expect(problemsOf(`${BUS} { user: u, password: env:P, mechanism: GSSAPI } } }`)).toEqual([
      'services.bus.login.mechanism: expected one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, got "GSSAPI".',
    ]);
    expect(problemsOf(`${BUS} { user: u, mechanism: OAUTHBEARER, token: env:T } } }`)).toEqual([
      'services.bus.login key: expected one of mechanism, token, got "user".',
    ]);
    expect(problemsOf('{ web: { address: "http://w:1", login: { user: u } } }')).toEqual([
      expect.stringMatching(/^services\.web key: expected one of address, .*, got "login"\.$/),
    ]);
  });

  it('needs the address that it is for', () => {
    expect(problemsOf('{ web: { address: "http://w:1" }, cache: { login: { password: env:P } } }')).toEqual([
      'services.cache.login: expected an address of cache for redis, which the login is for, got none. Add its address, or remove the login.',
    ]);
  });
});
