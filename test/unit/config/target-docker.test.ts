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
      links: ['web->cache'],
      services: {
        web: { project: 'shop', service: 'web', restart: 'supervisor' },
        orders: { project: 'shop', service: 'order-api', restart: null },
        cache: { project: 'stores', service: 'redis', restart: { command: 'docker start stores-redis-1' } },
      },
    });
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
