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

/** The outside programs by name. The harness itself needs k6; the others are the sandbox's. */
export type PartName = 'k6' | SandboxPart;
export type SandboxPart = 'redis' | 'java' | 'kafka';

export interface FoundPart {
  readonly name: PartName;
  readonly version: string;
  /** Absolute path of the binary, for kafka of the folder with the jars. */
  readonly path: string;
  /** The way that found it, in words: `PATH`, `GAUNTLET_K6`, `cache`, ... */
  readonly origin: string;
}

export interface Tried {
  readonly way: string;
  readonly why: string;
}

export interface PartReport {
  readonly name: PartName;
  readonly found: FoundPart | null;
  readonly tried: readonly Tried[];
  /** What to type to get the part; empty when it is there. */
  readonly fix: string;
}
