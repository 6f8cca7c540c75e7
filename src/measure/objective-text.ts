/** What an objective saw, as a verdict says it. */
import type { ObjectiveResult } from '../core/result.ts';

export type Seen = Pick<ObjectiveResult, 'name' | 'status' | 'observed' | 'unit' | 'note'>;

/** `checkout p99 < 500ms in baseline: 39.6 ms`. */
export function objectiveText({ name, status, observed, unit, note }: Seen): string {
  const nothing = status === 'FAIL' && unit === 'ms' ? 'beyond any limit' : 'nothing';
  const seen = observed === null ? nothing : sayValue(observed, unit);
  return `${begin(name)}${seen}${note === null ? '' : ` (${note})`}`;
}

/** Whether a reason is what {@link objectiveText} says of this objective. */
export const isTextOf = (name: string, text: string): boolean => text.startsWith(begin(name));

const begin = (name: string): string => `${name}: `;

function sayValue(value: number, unit: ObjectiveResult['unit']): string {
  switch (unit) {
    case 'ratio':
      return `${(value * 100).toFixed(2)} %`;
    case 'ms':
      return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(1)} ms`;
    case '/s':
      return `${value.toFixed(1)}/s`;
    case 'instances':
      return `${value} ready`;
    case 's':
      return `${value.toFixed(2)} s`;
    case 'findings':
      return value === 1 ? '1 finding' : `${value} findings`;
    case 'count':
      return String(value);
  }
}
