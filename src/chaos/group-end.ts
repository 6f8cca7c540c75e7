/** The words in which a member of a group is told that another one ended it, so that the cause can be told from what followed. */
const WORDS = 'its group was given up: ';

export const givenUp = (cause: string): string => `${WORDS}${cause}`;

/** Whether a fault did not begin, or was cut short, only because of another member. */
export const isOfGroup = (why: string): boolean => why.includes(WORDS);
