/** What a target protects and what it lifts, each with where that comes from. */
import type { FaultPolicy } from '../../core/policy.ts';

/** `orders (policy.protected), bus (system shop)`; `nothing`. */
export function protectionText({ protected: names, protectedBy = {} }: FaultPolicy): string {
  const each = names.map((name) => `${name} (${protectedBy[name] ?? 'policy.protected'})`);
  return each.length === 0 ? 'nothing' : each.join(', ');
}

/** `; unprotected: web (policy.unprotected)`, or nothing. */
export const liftedText = ({ unprotected = [] }: FaultPolicy): string =>
  unprotected.length === 0
    ? ''
    : `, unprotected: ${unprotected.map((name) => `${name} (policy.unprotected)`).join(', ')}`;

/** For the plan, where a system decides: what it protects on this target, and what the target lifts. */
export function protectionNotes({ protectedBy = {}, unprotected = [] }: FaultPolicy): readonly string[] {
  const kept = Object.entries(protectedBy).map(([name, by]) => `${name} (${by})`);
  const lifted = unprotected.map((name) => `${name} (policy.unprotected)`);
  return [
    ...(kept.length === 0 ? [] : [`Protected by the system: ${kept.join(', ')}`]),
    ...(lifted.length === 0 ? [] : [`Not protected on this target: ${lifted.join(', ')}`]),
  ];
}
