import { expect, it } from 'vitest';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import { linksAmong } from '../../../src/core/declared-links.ts';

const system = (links: string) =>
  parseSystem(
    'system.yaml',
    `schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices: { web: { http: 80 }, cache: { redis: 6379 }, bus: { kafka: 9092 } }\nlinks: [${links}]`,
  );

it('keeps declared links, those among brokers, and those from client and probe', () => {
  const names = ['web', 'cache', 'bus-1', 'bus-2', 'probe'];
  expect(linksAmong(names, system('"web -> bus"'))).toEqual(
    [
      'web->bus-1',
      'web->bus-2',
      'bus-1->bus-2',
      'bus-2->bus-1',
      'probe->web',
      'probe->cache',
      'probe->bus-1',
      'probe->bus-2',
    ].sort((a, b) => names.indexOf(a.split('->')[0] ?? '') - names.indexOf(b.split('->')[0] ?? '')),
  );
});

it('keeps pairs with a service that the system does not know: it says nothing about them', () => {
  expect(linksAmong(['web', 'cache', 'billing'], system('"web -> bus"'))).toEqual([
    'web->billing',
    'cache->billing',
    'billing->web',
    'billing->cache',
  ]);
});

it('is every pair for a system that declares no link', () => {
  expect(linksAmong(['web', 'cache'], system(''))).toBeNull();
});

it('are also those of a process that stands in for the services that dial', () => {
  const carried = parseSystem(
    'system.yaml',
    `schema: gauntlet.system/1
name: shop
summary: a shop
services:
  web: { http: 80, sandbox: { with: all } }
  all: { http: 80, sandbox: { run: [node, all.mjs] } }
  cache: { redis: 6379, sandbox: { use: redis } }
links: [web -> cache]`,
  );
  expect(linksAmong(['web', 'all', 'cache'], carried)).toEqual(['web->cache', 'all->cache']);
});
