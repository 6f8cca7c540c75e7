/**
 * Services whose instances are processes of this machine, as data: how they are found, and what starts them
 * again.
 */
export interface ProcessesHandle {
  /** `boot_id` of the kernel: after a reboot, and on another machine, a pid is another process. */
  readonly boot: string;
  readonly services: Readonly<Record<string, ProcessService>>;
}

export interface ProcessService {
  readonly command?: string;
  readonly port?: number;
  /** An absolute path. */
  readonly pidFile?: string;
  /** `supervisor`: something outside of Gauntlet. A command: Gauntlet runs it when a victim has ended. */
  readonly restart: 'supervisor' | { readonly command: string } | null;
}
