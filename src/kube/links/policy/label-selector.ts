/** Converts selectors in the form of `kubectl get pods -l` to the objects of a NetworkPolicy. */
import { usageError } from '../../../core/errors.ts';

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** Commas separate requirements, except inside the brackets of a set. */
const PARTS = /(?:[^,(]|\([^)]*\))+/g;

/** @throws usage for text that is not a selector. */
export const requirementsOf = (selector: string): readonly Requirement[] =>
  (selector.match(PARTS) ?? []).map((part) => requirementOf(part.trim(), selector));

function requirementOf(part: string, selector: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part);
  if (set) {
    const values = (set[3] ?? '').split(',').map((one) => one.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values };
  }
  const equal = /^([^\s!=]+)\s*(==?|!=)\s*(\S*)$/.exec(part);
  if (equal) {
    return { key: equal[1] ?? '', operator: equal[2] === '!=' ? 'NotIn' : 'In', values: [equal[3] ?? ''] };
  }
  const alone = /^(!?)\s*([^\s!=]+)$/.exec(part);
  if (alone) return { key: alone[2] ?? '', operator: alone[1] === '!' ? 'DoesNotExist' : 'Exists' };
  throw usageError({ subject: `selector ${selector}`, expected: 'a label selector', got: part });
}
