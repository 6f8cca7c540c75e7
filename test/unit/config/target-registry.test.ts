/** `services.<a Kafka>.registry`: entered as every other address, and refused where it would have no effect. */
import { expect, it } from 'vitest';
import { parseTarget, type TargetFile } from '../../../src/config/read-target.ts';
import { parseSystem } from '../../../src/config/system/read-system.ts';

const SHOP = `schema: gauntlet.system/1
name: shop
summary: a shop
services: { web: { http: 8080 }, bus: { kafka: 9092 } }
`;

const targetOf = (services: string): TargetFile =>
  parseTarget('/targets/shop.yaml', `name: t\nsystem: shop\nplatform: none\nservices: ${services}\n`, () =>
    parseSystem('system.yaml', SHOP),
  );
const registryOf = (registry: string) =>
  targetOf(`{ bus: { address: ["b:9092"], registry: ${registry} } }`).registries?.['bus'];
const problemsOf = (services: string): readonly string[] => {
  try {
    targetOf(services);
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\S+: /, ''));
  }
  return [];
};

it('has address, TLS and login, with paths beside the target', () => {
  expect(registryOf('{ address: "http://r:8081/apis/ccompat/v6/" }')).toEqual({
    url: 'http://r:8081/apis/ccompat/v6',
  });
  expect(
    registryOf(
      '{ address: "https://r", tls: { ca: tls/ca.pem }, login: { user: u, password: file:secrets/r } }',
    ),
  ).toEqual({
    url: 'https://r',
    access: {
      tls: { ca: { from: 'file', name: '/targets/tls/ca.pem' } },
      login: { user: 'u', password: { from: 'file', name: '/targets/secrets/r' } },
    },
  });
  expect(registryOf('{ address: "https://r", login: { token: env:T } }')).toEqual({
    url: 'https://r',
    access: { login: { token: { from: 'env', name: 'T' } } },
  });
  expect(targetOf('{ bus: { address: ["b:9092"] } }').registries).toBeUndefined();
});

it('is refused where it would have no effect, and repeats no secret', () => {
  expect(
    problemsOf('{ web: { address: "http://w:1" }, bus: { registry: { address: "http://r" } } }'),
  ).toEqual([
    'services.bus.registry: expected the address of bus, whose records it describes, got none. Add services.bus.address, or remove the registry.',
  ]);
  expect(
    problemsOf('{ bus: { address: ["b:9092"], registry: { address: "http://u:pw-Zk9@r", tls: true } } }'),
  ).toEqual([
    'services.bus.registry.address: expected a URL such as https://registry.example.com:8081, got something else. It may hold a secret: user, password or query. Write login.',
  ]);
  expect(
    problemsOf('{ bus: { address: ["b:9092"], registry: { address: "http://r", tls: true } } }'),
  ).toEqual([
    'services.bus.registry.tls: expected an address that begins with https:// with it, got http://. Begin the address with https://, or remove tls.',
  ]);
  expect(
    problemsOf('{ bus: { address: ["b:9092"], registry: { address: "https://r", tls: { cert: c.pem } } } }'),
  ).toEqual(['services.bus.registry.tls.cert: expected key with it, got cert alone. Add tls.key.']);
  expect(problemsOf('{ web: { address: "http://w:1", registry: { address: "http://r" } } }')[0]).toContain(
    'services.web key: expected one of',
  );
});
