/**
 * Foreign text (of peers, files, processes) as a terminal and a log may show it: it moves no cursor, sets no
 * title, begins no line.
 */

/** Without control signs, escape sequences and reversed reading order; blanks are kept as they are. */
export const printable = (text: string): string =>
  text.replace(/\p{Bidi_Control}/gu, '').replace(/\p{Cc}+/gu, ' ');

/** The same as one line without blanks around it. */
export const plain = (text: string): string => printable(text).trim();

/** Line by line: only the breaks between lines that we wrote ourselves. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/**
 * JSON that is safe on a terminal and still the same JSON: what JSON.stringify leaves of control signs is
 * written as \uXXXX.
 */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f]|\p{Bidi_Control}/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
