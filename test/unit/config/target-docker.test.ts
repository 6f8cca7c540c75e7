import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/config/read-target.ts';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import { dockerSocket } from '../../../src/config/words/docker-host.ts';
import { GauntletError } from '../../../src/core/errors.ts';

const SHOP = parseSystem(
  'system.yaml',
  `schema: gauntlet.system/1
name: shop
summary: a shop
services:
  web: { http: { port: 8080 } }
  orders: { tcp: 7000, find: { compose: order-api } }
  cache: { redis: 6379 }
  bus: { kafka: { port: 9092 } }
links: ["web -> cache"]
`,
);

const read = (lines: string) =>
  parseTarget('t.yaml', `schema: gauntlet.target/1\nname: shop\nsystem: shop\n${lines}`, () => SHOP);

function problemOf(lines: string): string {
  try {
    read(lines);
    return 'nothing';
  } catch (error) {
    return error instanceof GauntletError ? error.message : String(error);
  }
}

describe('platform docker', () => {
  it('finds each service by the labels of Compose: its own name, what the system says, what the target says', () => {
    const { docker } = read(`platform: docker
docker: { project: shop }
services:
  web: { restart: supervisor }
  cache: { find: { docker: { service: redis, project: stores } }, restart: docker start stores-redis-1 }
`);
    expect(docker).toEqual({
      host: null,
      agent: 'localhost/netagent:1',
      brokers: { bus: { project: 'shop', restart: null } },
      services: {
        web: { project: 'shop', service: 'web', restart: 'supervisor' },
        orders: { project: 'shop', service: 'order-api', restart: null },
        bus: { project: 'shop', service: 'bus', restart: null },
        cache: { project: 'stores', service: 'redis', restart: { command: 'docker start stores-redis-1' } },
      },
    });
  });

  it('looks for the brokers of a Kafka in the services that are named', () => {
    const bus = (find: string) =>
      read(`platform: docker\nservices: { bus: { find: { docker: ${find} } } }\n`).docker;
    expect(bus('{ services: [kafka-1, kafka-2], project: stores }')?.brokers).toEqual({
      bus: { project: 'stores', services: ['kafka-1', 'kafka-2'], restart: null },
    });
    expect(bus('{ service: kafka }')?.brokers).toEqual({ bus: { services: ['kafka'], restart: null } });
    expect(bus('{ services: [kafka] }')?.services['bus']).toEqual({ service: 'kafka', restart: null });
  });

  it('takes several services for a Kafka alone, and not beside one', () => {
    const find = (name: string, text: string) =>
      problemOf(`platform: docker\nservices: { ${name}: { find: { docker: { ${text} } } } }\n`);
    expect(find('orders', 'services: [a, b]')).toBe(
      't.yaml:5:51: services.orders.find.docker.services: expected service, of which there is one, got services. Only the brokers of a Kafka are several services.',
    );
    expect(find('bus', 'service: a, services: [b]')).toBe(
      't.yaml:5:60: services.bus.find.docker.services: expected either service or services, got both.',
    );
  });

  it('needs neither a block nor an address', () => {
    const { docker } = read('platform: docker\n');
    expect(docker?.services['web']).toEqual({ service: 'web', restart: null });
  });

  it('takes a unix socket only', () => {
    expect(problemOf('platform: docker\ndocker: { host: "tcp://10.0.0.1:2375" }\n')).toBe(
      't.yaml:5:17: docker.host: expected a unix socket, such as unix:///var/run/docker.sock, got "tcp://10.0.0.1:2375".',
    );
    expect(dockerSocket('unix:///run/user/1000/docker.sock')).toBe('/run/user/1000/docker.sock');
    expect(dockerSocket('ssh://staging')).toBeNull();
  });

  it('is where its block belongs', () => {
    expect(problemOf('platform: processes\ndocker: { project: shop }\n')).toContain(
      't.yaml:5:9: docker: expected platform docker with it, got processes.',
    );
  });
});
