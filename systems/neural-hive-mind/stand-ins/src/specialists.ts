/** The kinds of specialists, as in their services' names. */
export const SPECIALISTS = ['business', 'technical', 'behavior', 'evolution', 'architecture'] as const;
export type Specialist = (typeof SPECIALISTS)[number];
