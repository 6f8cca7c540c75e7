/**
 * For a test whose outcome depends on how busy this machine is. It says so in its title, is asked at most once more, and
 * `.ci/run` prints each that passed only then. No other test is asked twice.
 */
export const dependsOnMachine = { retry: 1 } as const;
