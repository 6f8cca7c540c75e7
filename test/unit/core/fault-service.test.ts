import { expect, it } from 'vitest';
import { serviceOfFault } from '../../../src/core/fault-service.ts';

const of = (kind: string, spec: Readonly<Record<string, unknown>> = {}): string | null =>
  serviceOfFault({ kind, spec });

it('a fault breaks the service that it names, of a link the end that is called', () => {
  expect(of('kill-pod', { service: 'orders' })).toBe('orders');
  expect(of('cut-link', { from: 'orders', to: 'stock' })).toBe('stock');
  expect(of('cut-link', { from: 'orders', to: 'everything' })).toBe('orders');
});

it('a fault of one dependency breaks that, though its parameters do not repeat the name', () => {
  expect(of('redis-pause', { mode: 'all' })).toBe('redis');
  expect(of('throttle-redis')).toBe('redis');
  expect(of('kill-broker', { broker: { kind: 'leader' } })).toBe('kafka');
  expect(of('partition-kafka')).toBe('kafka');
});

it('a fault that names nothing breaks no known service', () => {
  expect(of('noop')).toBe(null);
  expect(of('noop', { service: '' })).toBe(null);
});
