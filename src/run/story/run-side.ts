/**
 * One target of a run with all that acts on it: its journal, the lease behind that, its probes. A run has one
 * of them, a gate with faults two: each target is undone by its own journal, whatever becomes of the other.
 */
import { join } from 'node:path';
import { endJournal } from '../../chaos/healing/cluster-journal.ts';
import { createJournal, type Journal } from '../../chaos/healing/journal.ts';
import { type Lease, startLease } from '../../chaos/healing/lease.ts';
import type { Platform } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import type { Topology } from '../../core/topology.ts';
import type { LoopStalls } from '../../system/loop-stalls.ts';
import type { Places } from '../../system/places.ts';
import { ProbeWatch } from '../../targets/probes/probe-watch.ts';
import { type GuardedFile, openGuardedFile } from './recorder.ts';
import { present } from './run-end.ts';

/** A target that was opened, and what its file says. */
export interface SideTarget {
  readonly platform: Platform;
  /** The target's parts at the addresses that the probes use. */
  readonly probeTopology: Topology;
  readonly timers: Readonly<Record<string, string | number>>;
  readonly policy: FaultPolicy;
}

export interface SideOptions extends SideTarget {
  readonly runDir: string;
  /** Names in the run directory. */
  readonly files: { readonly journal: string; readonly probes: string };
  /** Under which its journal is known. */
  readonly run: string;
  readonly places: Places;
  readonly clock: Clock;
  readonly stalls: LoopStalls;
  onBroken(error: unknown): void;
}

export class RunSide {
  readonly platform: Platform;
  readonly timers: SideTarget['timers'];
  readonly policy: FaultPolicy;
  readonly probes: ProbeWatch;
  readonly journal: Journal;
  readonly #probeFile: GuardedFile;
  #lease: Lease | undefined;

  constructor(options: SideOptions) {
    const { platform, probeTopology, runDir, files, run, places, clock, stalls } = options;
    this.platform = platform;
    this.timers = options.timers;
    this.policy = options.policy;
    this.#probeFile = openGuardedFile(join(runDir, files.probes), (error) => options.onBroken(error));
    this.probes = new ProbeWatch({
      ...{ topology: probeTopology, clock, stalls },
      onSample: (sample) => this.#probeFile.record(sample),
    });
    const path = join(runDir, files.journal);
    this.journal = createJournal({ path, places, run, platform: platform.handle, clock });
  }

  /** Only after `open`. */
  get lease(): Lease {
    return present(this.#lease, 'lease');
  }

  /** @param lost called once, when nobody would undo what is in place any more. */
  async open(lost: (why: string) => void): Promise<void> {
    const lease = await startLease({ journal: this.journal.path });
    this.#lease = lease;
    lease.lost.addEventListener('abort', () => lost(String(lease.lost.reason)), { once: true });
  }

  /** In this order, each whatever became of the one before; the file stays open until `closeFile`. */
  closers(tell: (text: string) => void): readonly (() => Promise<void> | void)[] {
    return [
      () => this.#lease?.release(),
      () => this.probes.stop(),
      async () => {
        const left = await endJournal(this.journal, this.platform);
        if (left !== null) tell(left);
      },
    ];
  }

  closeFile(): void {
    this.#probeFile.close();
  }
}
