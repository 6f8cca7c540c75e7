/** The external programs that Gauntlet runs, once found: only paths. */
export interface Tools {
  /** The k6 binary. */
  readonly k6?: string;
  readonly redis?: {
    readonly server: string /** LD_LIBRARY_PATH for it, or null. */;
    readonly libraryPath: string | null;
  };
  readonly postgres?: {
    /** The folder of postgres and initdb. */
    readonly bin: string;
    /** LD_LIBRARY_PATH for them, or null. */
    readonly libraryPath: string | null;
  };
  /** The java binary, 17 or newer. */
  readonly java?: string;
  readonly kafka?: {
    readonly version: string;
    /** Absolute paths of the jars, in the order used to create the class-data archive. */
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

/** The external programs by name. The harness itself needs k6; the others belong to the sandbox. */
export type PartName = 'k6' | SandboxPart;
export type SandboxPart = 'redis' | 'java' | 'kafka' | 'postgres';

export interface FoundPart {
  readonly name: PartName;
  readonly version: string;
  /** Absolute path of the binary; for kafka of the folder with the jars. */
  readonly path: string;
  /** How it was found, as text: `PATH`, `GAUNTLET_K6`, `cache`, ... */
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
  /** The command that installs the part; empty when it is present. */
  readonly fix: string;
}
