/**
 * Writes `blocks.ndjson` while a gate runs: a line a block, when every arrival in it has its end. A gate that
 * is killed leaves those that were whole.
 */
import type { GateBlock, GatePlan, RecordedBlock, Replicas } from '../../core/gate.ts';
import type { BlocksHead } from '../../core/shapes/gate-shape.ts';
import { type BlockPlace, blockAt } from '../../measure/gate/block-at.ts';
import { whyNotKept } from '../../measure/gate/gate-pairs.ts';
import type { RunData } from '../../measure/run-data.ts';
import type { GuardedFile } from './recorder.ts';

export interface BlockRecorderOptions {
  readonly file: GuardedFile;
  /** The id of the run. */
  readonly run: string;
  readonly gate: GatePlan;
  /** All that the load has handed on so far; it grows. */
  readonly data: RunData;
}

export class BlockRecorder {
  readonly #options: BlockRecorderOptions;
  readonly #blocks: GateBlock[] = [];
  #unsettled: BlockPlace[] = [];
  #isDecided = false;

  constructor(options: BlockRecorderOptions) {
    this.#options = options;
    const head: BlocksHead = { schema: 'gauntlet.blocks/1', run: options.run };
    options.file.record(head);
  }

  /** Those that are written, in the order of time. */
  get blocks(): readonly GateBlock[] {
    return this.#blocks;
  }

  /** The time of the block is over; its last answers may still come. */
  over(place: BlockPlace): void {
    this.#unsettled.push(place);
  }

  /** Every arrival of the block has its end: it is written. */
  settled(place: BlockPlace, replicas?: Replicas): void {
    if (this.#isDecided || !this.#unsettled.includes(place)) return;
    this.#unsettled = this.#unsettled.filter((one) => one !== place);
    this.#write({ ...blockAt(place, this.#options.gate, this.#options.data), ...(replicas && { replicas }) });
  }

  /** What comes after the pair that decided is not judged, and not written. */
  decided(): void {
    this.#isDecided = true;
  }

  /** The load is over: what has not settled will not get more answers. */
  close(): void {
    for (const place of [...this.#unsettled]) this.settled(place);
    this.#options.file.close();
  }

  #write(block: GateBlock): void {
    this.#blocks.push(block);
    const why = whyNotKept(block);
    const line: RecordedBlock = { ...block, kept: why === null, why };
    this.#options.file.record(line);
  }
}
