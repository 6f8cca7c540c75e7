/** The outside programs that Gauntlet runs, once they are found: paths and nothing else. */
export interface Tools {
  /** The k6 binary. */
  readonly k6?: string;
  readonly redis?: {
    readonly server: string /** LD_LIBRARY_PATH it needs, or null. */;
    readonly libraryPath: string | null;
  };
  /** The java binary, 17 or newer. */
  readonly java?: string;
  readonly kafka?: {
    readonly version: string;
    /** Absolute paths of the jars, in the order that the class-data archive was made with. */
    readonly classPath: readonly string[];
    /** Class-data archive for faster starts, or null. */
    readonly archive: string | null;
    /**
     * `bootstrap.checkpoint` of a freshly formatted KRaft directory, to be copied into each node's log
     * directory.
     */
    readonly bootstrapCheckpoint: string;
  };
}
