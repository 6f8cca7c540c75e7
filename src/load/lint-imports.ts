/**
 * What a k6 script may import: `k6`, `k6/*`, and relative files with their extension. k6 resolves no packages
 * and guesses no extension (grafana/k6 issues 475 and 4924), and `k6/x/*` makes it download another binary
 * from the network.
 */
import type { Problem } from '../core/errors.ts';

const EXPECTED = 'k6, k6/... or a relative file with its extension';

/** @param file as shown in messages. */
export function lintImports(file: string, text: string): Problem[] {
  const code = withoutComments(text);
  const found: { at: number; name: string; call: string }[] = [];
  for (const match of code.matchAll(/\b(from|import|require)\b\s*(\(?)\s*(['"`])([^'"`\n]*)\3/g)) {
    const [whole, word = '', bracket, , name = ''] = match;
    const isCall = bracket === '(';
    if (word === 'from' ? isCall : word === 'require' && !isCall) continue;
    found.push({ at: match.index + whole.lastIndexOf(name), name, call: isCall ? word : 'import' });
  }
  return found.flatMap(({ at, name, call }) => {
    const wrong = wrongWith(name, call);
    if (wrong === undefined) return [];
    const before = code.slice(0, at).split('\n');
    const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    return [{ subject: 'import', got: `'${name}'`, place, ...wrong }];
  });
}

function wrongWith(name: string, call: string): Pick<Problem, 'expected' | 'next'> | undefined {
  if (call === 'require')
    return { expected: 'import instead of require', next: 'tsc cannot check a require.' };
  if (name.startsWith('k6/x/')) {
    return { expected: EXPECTED, next: 'k6 would download its extensions from the network.' };
  }
  if (name === 'k6' || name.startsWith('k6/')) return undefined;
  if (!/^\.\.?\//.test(name)) return { expected: EXPECTED, next: 'k6 does not look into node_modules.' };
  if (!/\.(ts|js|json)$/.test(name)) {
    return { expected: EXPECTED, next: `Write '${name}.ts': k6 guesses no extension.` };
  }
  return undefined;
}

/** Replaces comments by blanks, so that positions stay the same; skips strings. */
function withoutComments(text: string): string {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replace(pattern, (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found));
}
