/** The words for who ended a fault before its time, so that a cause can be told from what followed from it. */
const OF_GROUP = 'its group was given up: ';
const INTERRUPTED = 'interrupted: ';

/** Ended by the signal that it was given. */
export const interruptedBy = (why: string): string => `${INTERRUPTED}${why}`;

/** Told to a member of a group that another one ended. */
export const givenUp = (cause: string): string => `${OF_GROUP}${cause}`;

/** Whether a fault did not begin, or was cut short, only because of another member. */
export const isOfGroup = (why: string): boolean => why.includes(OF_GROUP);

/** Whether the run itself ended it: by an abort limit, a lost load or Ctrl-C. */
export const isOfRun = (why: string): boolean => why.startsWith(INTERRUPTED) && !isOfGroup(why);
