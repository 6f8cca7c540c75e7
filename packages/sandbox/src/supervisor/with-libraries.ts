/** `env` becomes the server (same pid), and our own environment is unchanged. */
export const withLibraries = (libraryPath: string | null): readonly string[] =>
  libraryPath === null ? [] : ['/usr/bin/env', `LD_LIBRARY_PATH=${libraryPath}`];
