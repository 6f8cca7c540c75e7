/**
 * Foreign text (of peers, files, processes) made safe for a terminal and a log: it moves no cursor, sets no
 * title, begins no line.
 */

/** Removes control characters, escape sequences and bidirectional overrides; keeps blanks. */
export const printable = (text: string): string =>
  text.replace(/\p{Bidi_Control}/gu, '').replace(/\p{Cc}+/gu, ' ');

/** The same as one line, trimmed. */
export const plain = (text: string): string => printable(text).trim();

/** Line by line: keeps only the line breaks that we wrote ourselves. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/**
 * JSON that is safe on a terminal and parses to the same value: control characters that JSON.stringify leaves
 * are written as \uXXXX.
 */
export const printableJson = (value: unknown): string => escaped(JSON.stringify(value, null, 2));

/** The same on one line. */
export const printableJsonLine = (value: unknown): string => escaped(JSON.stringify(value));

const escaped = (json: string): string =>
  json.replace(
    /[\u007f-\u009f]|\p{Bidi_Control}/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
