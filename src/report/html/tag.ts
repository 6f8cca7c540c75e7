/** Builds HTML in which escaping cannot be forgotten: every value that is not Markup is escaped. */
import { escapeHtml } from '../escape.ts';

export interface Markup {
  readonly markup: string;
}

export type Piece = Markup | string | number | null | false | readonly Piece[];

function render(piece: Piece): string {
  if (piece === null || piece === false) return '';
  if (typeof piece === 'string') return escapeHtml(piece);
  if (typeof piece === 'number') return String(piece);
  return 'markup' in piece ? piece.markup : piece.map(render).join('');
}

/** `html` followed by a template: strings are escaped, lists joined, null and false omitted. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const markup = strings.reduce(
    (text, part, index) => text + render(index === 0 ? null : (pieces[index - 1] ?? null)) + part,
    '',
  );
  return { markup };
}

/** For our own markup, or code that is embedded unchanged. */
export const trusted = (markup: string): Markup => ({ markup });
