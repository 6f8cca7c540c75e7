/** What a verdict says of service levels that were not good when the watch after a fault ended. */

export interface NotBack {
  /** With its round. */
  readonly fault: string;
  readonly what: 'not back' | 'back, and bad again';
  readonly slis: readonly string[];
}

const WHATS: readonly NotBack['what'][] = ['not back', 'back, and bad again'];
const SEPARATOR = ', ';

export const notBackText = (one: NotBack): string => `${begin(one)}${one.slis.join(SEPARATOR)}`;

/** The same from the text. @param faults with their rounds. @returns undefined: it says something else. */
export function notBackIn(text: string, faults: readonly string[]): NotBack | undefined {
  for (const fault of faults) {
    for (const what of WHATS) {
      const start = begin({ fault, what });
      if (text.startsWith(start)) return { fault, what, slis: text.slice(start.length).split(SEPARATOR) };
    }
  }
  return undefined;
}

const begin = ({ fault, what }: Pick<NotBack, 'fault' | 'what'>): string =>
  `${fault}: ${what} when the watch ended: `;
