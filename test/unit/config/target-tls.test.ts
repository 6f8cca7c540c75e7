import { describe, expect, it } from 'vitest';
import type { Access } from '../../../src/core/access.ts';
import { addressOf } from '../../../src/core/address.ts';
import { endpointOf, servicesAt } from '../../../src/core/topology.ts';
import { targetFrom } from '../../fakes/topology.ts';

const target = (services: string): string =>
  `name: shop\nschema: gauntlet.target/1\nplatform: none\nservices:\n${services}`;

const accessOf = (services: string, name: string, protocol: string): Access | undefined => {
  const { system, addresses } = targetFrom('targets/t.yaml', target(services));
  return endpointOf({ services: servicesAt(system, addresses) }, name, protocol)?.at[0]?.access;
};

const problemsOf = (services: string): readonly string[] => {
  try {
    targetFrom('t.yaml', target(services));
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
};

const file = (name: string): object => ({ from: 'file', name: `${process.cwd()}/targets/${name}` });

describe('TLS of an address', () => {
  it('is said by https:// and rediss:// alone, and by nothing for plain addresses', () => {
    expect(accessOf('  gateway: { address: "https://web.shop" }', 'gateway', 'http')).toEqual({ tls: {} });
    expect(accessOf('  redis: { address: "rediss://127.0.0.1:6380" }', 'redis', 'redis')).toEqual({
      tls: {},
    });
    expect(accessOf('  gateway: { address: "http://web.shop" }', 'gateway', 'http')).toBeUndefined();
    expect(accessOf('  kafka: { address: ["127.0.0.1:9092"] }', 'kafka', 'kafka')).toBeUndefined();
  });

  it('has the port of its scheme', () => {
    const { addresses } = targetFrom('t.yaml', target('  gateway: { address: "https://web.shop" }'));
    const [at] = addresses['gateway']?.['http'] ?? [];
    expect(at?.address).toBe('https://web.shop:443');
    expect(addressOf(at?.address ?? '', 80)).toEqual({ host: 'web.shop', port: 443 });
  });

  it('is said by tls for host:port, with paths beside the file and names of variables', () => {
    expect(accessOf('  kafka: { address: ["127.0.0.1:9092"], tls: true }', 'kafka', 'kafka')).toEqual({
      tls: {},
    });
    const details = '{ ca: tls/ca.pem, cert: "file:our.pem", key: "env:OUR_KEY", serverName: kafka.shop }';
    expect(accessOf(`  kafka: { address: ["127.0.0.1:9092"], tls: ${details} }`, 'kafka', 'kafka')).toEqual({
      tls: {
        ...{ ca: file('tls/ca.pem'), cert: file('our.pem'), key: { from: 'env', name: 'OUR_KEY' } },
        serverName: 'kafka.shop',
      },
    });
  });

  it('is said for several services by a pattern, map by key, and the name wins', () => {
    const services = `  specialist-*: { tls: { ca: ca.pem, serverName: any.shop } }
  specialist-business: { address: "127.0.0.1:50051", tls: { serverName: one.shop } }
  specialist-technical: { address: "127.0.0.1:50052" }`;
    expect(accessOf(services, 'specialist-business', 'grpc')).toEqual({
      tls: { ca: file('ca.pem'), serverName: 'one.shop' },
    });
    expect(accessOf(services, 'specialist-technical', 'grpc')).toEqual({
      tls: { ca: file('ca.pem'), serverName: 'any.shop' },
    });
  });

  it('has one certificate for several endpoints, and leaves a plain URL plain', () => {
    const services =
      '  orchestrator-dynamic: { address: { grpc: "127.0.0.1:50053", http: "http://127.0.0.1:8000" }, tls: { ca: ca.pem } }';
    expect(accessOf(services, 'orchestrator-dynamic', 'grpc')).toEqual({ tls: { ca: file('ca.pem') } });
    expect(accessOf(services, 'orchestrator-dynamic', 'http')).toBeUndefined();
  });

  it('is refused with all problems at once: plain addresses, halves, keys without effect, PEM in the file', () => {
    expect(
      problemsOf(`  gateway: { address: "http://127.0.0.1:8000", tls: true }
  redis: { address: "redis://127.0.0.1:6379", tls: { ca: ca.pem, insecure: true } }
  kafka: { address: ["127.0.0.1:9092"], tls: { cert: our.pem, ca: "-----BEGIN CERTIFICATE-----" } }
  specialist-business: { tls: { key: our.key } }
  specialist-technical: { address: "127.0.0.1:50051", tls: yes please }`),
    ).toMatchInlineSnapshot(`
      [
        "t.yaml:5:23: services.gateway.address: expected an address that begins with https://, because of tls, got http://. Begin the address with https://, or remove tls.",
        "t.yaml:6:21: services.redis.address: expected an address that begins with rediss://, because of tls, got redis://. Begin the address with rediss://, or remove tls.",
        "t.yaml:6:76: services.redis.tls.insecure: expected either ca or insecure, got both. Remove insecure: with ca the certificate can be checked.",
        "t.yaml:7:54: services.kafka.tls.cert: expected key with it, got cert alone. Add tls.key.",
        "t.yaml:7:67: services.kafka.tls.ca: expected the path of a PEM file such as tls/ca.pem, or a reference such as env:CA_PEM, got something else. Put the PEM into a file or an environment variable, and write its path or env:NAME here.",
        "t.yaml:8:31: services.specialist-business.tls: expected an address with it, got none. Write services.specialist-business.address, or remove tls.",
        "t.yaml:8:38: services.specialist-business.tls.key: expected cert with it, got key alone. Add tls.cert.",
        "t.yaml:9:60: services.specialist-technical.tls: expected true, or a map such as { ca: tls/ca.pem }, got "yes please".",
      ]
    `);
  });
});
