/**
 * The mutants of a TypeScript source: one comparison, boundary constant, logical operator, minimum or
 * rounding changed at a time. It works on tokens, so that strings, comments and regular expressions stay
 * unchanged.
 */

const SWAPS = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  'Math.min': ['Math.max'],
  'Math.max': ['Math.min'],
  'Math.floor': ['Math.ceil'],
  'Math.ceil': ['Math.floor'],
};
/**
 * Only operators with blanks around them count (the formatter ensures them): `Map<string>` and `=>` are none.
 */
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<string>'(?:\\.|[^'\\])*')`,
    String.raw`(?<regex>(?<=[(=,:]\s*)\/(?![/*])(?:\\.|\[[^\]]*\]|[^/\\\n])+\/[a-z]*)`,
    String.raw`(?<=\s)(?<operator>===|!==|<=|>=|<|>|&&|\|\||\?\?)(?=\s)`,
    String.raw`(?<call>\bMath\.(?:min|max|floor|ceil)\b)`,
    String.raw`(?<![\w.$])(?<number>\d[\d_]*(?:\.\d+)?(?:e-?\d+)?)(?![\w.])`,
  ].join('|'),
  'g',
);

const numbersLike = (text) => {
  const value = Number(text.replaceAll('_', ''));
  const others = Number.isInteger(value) ? [value + 1, value - 1] : [value * 1.02, value * 0.98];
  return others.map((other) => (other < 0 ? `(${other})` : String(other)));
};

/** The text of template literals is blanked, the code in their `${}` is kept: same length, same positions. */
function withoutTemplates(source) {
  let out = '';
  const depth = [];
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    const inText = depth.at(-1) === 'text';
    if (inText && char === '\\') {
      out += '  ';
      at += 1;
    } else if (char === '`') {
      if (inText) depth.pop();
      else depth.push('text');
      out += ' ';
    } else if (inText && char === '$' && source[at + 1] === '{') {
      depth.push(0);
      out += '  ';
      at += 1;
    } else if (inText) {
      out += char === '\n' ? char : ' ';
    } else if (depth.length > 0 && char === '{') {
      depth[depth.length - 1] += 1;
      out += char;
    } else if (depth.length > 0 && char === '}') {
      if (depth.at(-1) === 0) {
        depth.pop();
        out += ' ';
      } else {
        depth[depth.length - 1] -= 1;
        out += char;
      }
    } else out += char;
  }
  return out;
}

/** Backticks in comments do not open a template. */
const withoutComments = (source) =>
  source.replace(/'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) =>
    found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found,
  );

/**
 * @returns every mutant: its position, the changed source, and a name `line text ⟶ what` that survives edits
 * elsewhere.
 */
export function mutantsOf(file, source) {
  const code = withoutTemplates(withoutComments(source));
  const found = [];
  for (const match of code.matchAll(TOKEN)) {
    const { operator, call, number } = match.groups;
    const text = operator ?? call ?? number;
    if (text === undefined) continue;
    const line = source.slice(0, match.index).split('\n').length;
    const lineText = source.split('\n')[line - 1];
    // Types do not exist at run time.
    if (/^\s*(export )?(type|import|readonly|\|)\b/.test(lineText) && number === undefined) continue;
    const column = match.index - source.lastIndexOf('\n', match.index - 1);
    for (const other of number === undefined ? SWAPS[text] : numbersLike(text)) {
      const mutated = source.slice(0, match.index) + other + source.slice(match.index + text.length);
      found.push({ file, line, column, change: `${text} → ${other}`, lineText: lineText.trim(), mutated });
    }
  }
  return found;
}
