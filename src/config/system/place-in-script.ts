/**
 * Where a script says something of itself. k6 evaluates scripts, and its answer has no places; the key is
 * looked for in the text, as its author would.
 */
import { literal } from '../../core/literal.ts';
import type { Path } from '../user-file.ts';

export interface ScriptPlace {
  readonly line: number;
  readonly column: number;
}

const BEGIN = /\bdefineScenario\s*\(|["'`]?\bgauntlet["'`]?\s*:/;

/** Of the last key of the path that the text has; else where the description begins, or 1:1. */
export function placeInScript(text: string, path: Path): ScriptPlace {
  let at = Math.max(0, text.search(BEGIN));
  let from = at;
  for (const key of path) {
    const word = literal(String(key));
    const pattern = new RegExp(`(?<![\\w$])(?:(["'\`])${word}\\1|${word})\\s*:`, 'g');
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    if (found === null) break;
    at = found.index;
    from = pattern.lastIndex;
  }
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
