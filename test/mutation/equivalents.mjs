/** Mutants that no test can kill because they change nothing that can be seen; each with its reason. */
export const EQUIVALENTS = [];
