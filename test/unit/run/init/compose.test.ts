import { expect, it } from 'vitest';
import { readCompose } from '../../../../src/run/init/compose.ts';

const FILE = `services:
  web:
    build: .
    ports: ["\${WEB_PORT:-8080}:80"]
    healthcheck: { test: ["CMD-SHELL", "curl -f http://localhost:80/healthz || exit 1"] }
    depends_on: [order_service, cache, worker]
  order_service:
    image: example/orders:3
    ports: [{ target: 50051, published: "50051" }]
    depends_on: { cache: { condition: service_healthy } }
  cache: { image: "redis:7-alpine", ports: ["127.0.0.1:6380:6379"] }
  db: { image: "postgres:16", ports: ["[::1]:5433:5432"] }
  bus: { image: "apache/kafka:4.0", ports: [9092:9092] }
  worker: { image: example/worker }
  random: { image: example/random, ports: ["80"] }
`;

it('takes services that publish a port, links among them, and the path of a health check', () => {
  expect(readCompose('compose.yaml', FILE, { WEB_PORT: '' })).toEqual({
    services: [
      { name: 'web', protocol: null, addresses: ['127.0.0.1:8080'] },
      { name: 'order-service', protocol: null, addresses: ['127.0.0.1:50051'] },
      { name: 'cache', protocol: 'redis', addresses: ['redis://127.0.0.1:6380'] },
      { name: 'db', protocol: 'postgres', addresses: ['127.0.0.1:5433'] },
      { name: 'bus', protocol: 'kafka', addresses: ['127.0.0.1:9092'] },
    ],
    readies: [{ service: 'web', path: '/healthz' }],
    links: ['web -> order-service, cache', 'order-service -> cache'],
    notes: [
      'worker: left out, because it publishes no port to this machine',
      'random: left out, because it publishes no port to this machine',
    ],
  });
  expect(readCompose('compose.yaml', FILE, { WEB_PORT: '81' }).services[0]?.addresses).toEqual([
    '127.0.0.1:81',
  ]);
});

it('reports a file that is no YAML with its place', () => {
  expect(() => readCompose('compose.yaml', 'services: [', {})).toThrow(/^compose\.yaml:1:\d+: YAML: /);
});
