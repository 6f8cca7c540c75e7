/**
 * The k6 processes of a load: started, looked at, stopped. Of a load that follows another the processes
 * before have ended, and only their ends and their counts are asked for.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ScenarioLoad } from '../core/load-plan.ts';
import { type EpochMs, epochMs, ms } from '../core/units.ts';
import type { ArrivalSink } from '../measure/arrival.ts';
import { type Segment, segmentsOf } from '../measure/segments.ts';
import { foreignCommand, isForeignSecret } from './foreign-command.ts';
import { ForeignIngest } from './foreign-ingest.ts';
import type { Ingest } from './ingest.ts';
import { type K6Command, type K6Settings, k6Command } from './k6-command.ts';
import { K6Process } from './k6-process.ts';
import type { K6Usage, LoadOptions } from './load-contract.ts';
import type { ScenarioRun } from './load-finish.ts';
import { ScenarioIngest } from './scenario-ingest.ts';

const STOP_BOUND_MS = ms(10_000);

export class K6Runs {
  /** In the order in which they were started. */
  readonly all: ScenarioRun[] = [];
  readonly #options: LoadOptions;
  readonly #sink: ArrivalSink;
  readonly #baseSecond: number;
  #current = 0;

  constructor(options: LoadOptions, sink: ArrivalSink, baseSecond: number) {
    this.#options = options;
    this.#sink = sink;
    this.#baseSecond = baseSecond;
  }

  /** Of the load that is under way. */
  get current(): readonly ScenarioRun[] {
    return this.all.slice(this.#current);
  }

  /** Whether the load that is under way follows another. */
  get isNext(): boolean {
    return this.#current > 0;
  }

  /**
   * What is launched from here on follows what was there.
   * @param onFirst called once for each process, when every flow of it has had its first arrival.
   */
  async launch(plan: readonly ScenarioLoad[], onFirst: () => void): Promise<void> {
    this.#current = this.all.length;
    for (const load of plan)
      for (const segment of segmentsOf(load.generators ?? 1))
        this.all.push(await this.#start(load, segment, onFirst));
  }

  /** Interrupts what is under way; killed when that takes above 10 s. */
  async stop(): Promise<void> {
    const askedAt = this.#options.clock.now();
    const { current } = this;
    for (const run of current) run.stopAskedAt ??= askedAt;
    await Promise.all(current.map((run) => run.process.stop(STOP_BOUND_MS)));
  }

  kill(): void {
    for (const run of this.all) run.process.kill();
  }

  pids(): ReadonlyMap<string, number> {
    return new Map(this.current.map((run) => [run.name, run.process.pid]));
  }

  usage(): K6Usage {
    let [cpuMs, rssBytes] = [0, 0];
    for (const run of this.all) {
      const usage = run.process.usage();
      if (usage !== undefined) run.cpuMs = usage.cpuMs;
      cpuMs += run.cpuMs;
      rssBytes += usage?.rssBytes ?? 0;
    }
    return { cpuMs, rssBytes };
  }

  scheduleStart(): EpochMs | null {
    const starts = this.current.map((run) => run.ingest.scheduleStart()).filter((at) => at !== null);
    return starts.length === 0 ? null : epochMs(Math.min(...starts));
  }

  /** Of all processes that share the flow now. */
  ingestsOf(flow: string): Ingest[] {
    const runs = this.current.filter((one) => one.load.flows.some((other) => other.flow === flow));
    return runs.map((run) => run.ingest);
  }

  async #start(load: ScenarioLoad, segment: Segment, onFirst: () => void): Promise<ScenarioRun> {
    const options = this.#options;
    // k6 resolves files relative to its script.
    const folder = resolve(options.runDir, 'k6');
    const gracefulStopMs = ms(Math.max(...load.flows.map((flow) => flow.worstStallMs)));
    const name = segment.of === 1 ? load.scenario : `${load.scenario}.${segment.index + 1}-of-${segment.of}`;
    const { k6, seed, durationMs } = options;
    const settings = { k6, seed, segment, durationMs, gracefulStopMs, home: join(folder, 'home') };
    const command = this.#command(load, settings, folder, name);
    const shown = { file: command.file, args: command.args, GAUNTLET_LOAD: command.env['GAUNTLET_LOAD'] };
    writeFileSync(join(folder, `${name}.args.json`), `${JSON.stringify(shown, null, 2)}\n`);
    const common = { flows: load.flows, durationMs, sink: this.#sink, baseSecond: this.#baseSecond, onFirst };
    const { foreign } = load;
    const ingest: Ingest = foreign
      ? new ForeignIngest({ ...common, foreign })
      : new ScenarioIngest({ ...common, segment });
    const run: Omit<ScenarioRun, 'process'> = { load, name, ingest, cpuMs: 0, broken: [] };
    const process = await K6Process.start(
      command,
      join(folder, `${name}.stderr`),
      (chunk) => ingest.push(chunk),
      (error) => run.broken.push(error),
    );
    return Object.assign(run, { process });
  }

  /**
   * What k6 reads of the plan is kept next to its log: the load of our script, the entry of a foreign one.
   */
  #command(
    load: ScenarioLoad,
    settings: Omit<K6Settings, 'loadFile' | 'secrets'>,
    folder: string,
    name: string,
  ): K6Command {
    const { secrets = {} } = this.#options;
    if (load.foreign !== undefined) {
      const command = foreignCommand(load, load.foreign, { ...settings, secrets });
      writeFileSync(join(folder, `${name}.entry.js`), command.input ?? '');
      return command;
    }
    const own = Object.fromEntries(Object.entries(secrets).filter(([key]) => !isForeignSecret(key)));
    const loadFile = join(folder, `${name}.load.ndjson`);
    const command = k6Command(load, { ...settings, loadFile, secrets: own });
    writeFileSync(loadFile, command.load);
    return command;
  }
}

/** How many of them a plan needs. */
export const processesOf = (plan: readonly ScenarioLoad[]): number =>
  plan.reduce((sum, load) => sum + (load.generators ?? 1), 0);
