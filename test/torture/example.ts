/** A fault's own example speaks of a shop: here with the names of the sandbox. */
import { parse } from 'yaml';
import type { Fault } from '../../src/chaos/fault.ts';

const HERE: Readonly<Record<string, string>> = {
  orders: 'specialist-business',
  web: 'gateway',
  'orders.new': 'intentions.business',
  'leader of orders.new': 'leader of intentions.business',
  Reserve: 'EvaluatePlan',
  '/orders': '/intentions',
};

export function exampleHere(fault: Fault): Readonly<Record<string, unknown>> {
  const block = ((parse(fault.example) as Record<string, unknown>)[fault.name] ?? {}) as object;
  return Object.fromEntries(
    Object.entries(block).map(([key, value]) => [
      key,
      typeof value === 'string' ? (HERE[value] ?? value) : value,
    ]),
  );
}
