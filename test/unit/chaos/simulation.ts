/**
 * A whole run of one fault in a world of its own: harness, lease keeper and `recover` as actors on one
 * virtual clock, each of whose awaits takes a time drawn from the seed. The harness dies (or is stopped for
 * seconds) at a chosen await; what must hold afterwards is checked and reported as problems. The same seed
 * gives the same interleaving.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Fault } from '../../../src/chaos/fault.ts';
import { FAULTS } from '../../../src/chaos/faults/registry.ts';
import { endJournal } from '../../../src/chaos/healing/cluster-journal.ts';
import {
  createJournal,
  type Journal,
  type JournalLine,
  openEntries,
  readJournal,
} from '../../../src/chaos/healing/journal.ts';
import { type KeeperEnd, runKeeper } from '../../../src/chaos/healing/keeper.ts';
import { recoverAll } from '../../../src/chaos/healing/recover.ts';
import {
  type ClusterRecovery,
  recoverClusterJournal,
} from '../../../src/chaos/healing/recover-cluster-journal.ts';
import { type ReplayOutcome, replayJournal } from '../../../src/chaos/healing/replay.ts';
import type { FaultOutcome } from '../../../src/chaos/injector/fault-request.ts';
import { runFault } from '../../../src/chaos/injector/injector.ts';
import type { World } from '../../../src/chaos/world.ts';
import type { ClusterJournal } from '../../../src/core/acts/cluster-journal.ts';
import type { Platform } from '../../../src/core/acts/platform.ts';
import { type Rng, seededRng } from '../../../src/core/rng.ts';
import { type Ms, ms } from '../../../src/core/units.ts';
import { asContainers } from '../../fakes/fake-containers.ts';
import { FakePlatform } from '../../fakes/fake-platform.ts';
import { FakeProbes } from '../../fakes/fake-probes.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';
import { type Gate, gated, gatedFeed } from './gates.ts';
import { DEAD, exampleOf, OPEN_POLICY, traces } from './stage.ts';

export interface Scenario {
  readonly fault: Fault;
  readonly seed: number;
  /** The await at which the harness dies, from 1; 0: it lives. */
  readonly dieAt: number;
  readonly holdMs: Ms;
  /** Its instances are containers of a Docker engine. */
  readonly containers?: true;
  /** Absent: drawn. */
  readonly death?: Death;
  /** Takes a part away, for tests of the tests. */
  readonly broken?: (journal: Journal) => Journal;
  /** The same for what the target itself keeps, in the hands of the harness. */
  readonly brokenJournal?: (clusterJournal: ClusterJournal) => ClusterJournal;
}

export interface Simulated {
  /** Empty: everything that must hold did. */
  readonly problems: readonly string[];
  /** Every await of every actor with its virtual time: equal for equal seeds. */
  readonly trace: readonly string[];
  /** Awaits of the harness. */
  readonly passed: number;
}

/**
 * `killed`: the keeper and `recover` race. `both`: the keeper dies at its work too. `stopped`: the harness comes back.
 * `woken`: it comes back when the keeper has undone and gone, goes on for a few awaits, and dies then. `machine`: its keeper
 * and its disk die with it, and another machine recovers from what the target keeps.
 */
const DEATHS = ['killed', 'both', 'stopped', 'woken', 'machine'] as const;
type Death = (typeof DEATHS)[number];

const TTL_MS = ms(3000);
const UNDO_BOUND_MS = 4000;
const HEARTBEAT_MS = ms(1000);
const REMOVAL_TIMEOUT_MS = ms(20_000);
const LONGEST_MS = 60_000;
const STEP_MS = 20;
/** Longer than anything in the fake world takes by itself. */
const SETTLE_MS = 2500;
/** Three probe samples on each connection, the least that a baseline may have. */
const BASELINE_MS = ms(400);
/**
 * Below this time a fault that only its platform's deadline ended is distinguished from one that was undone.
 */
const REMOVAL_BOUND_MS = 1500;
const never = new Promise<never>(() => undefined);

export async function simulate(scenario: Scenario): Promise<Simulated> {
  const sim = new Simulation(scenario);
  try {
    await sim.play();
    return { problems: sim.problems, trace: sim.trace, passed: sim.passed };
  } finally {
    sim.cleanUp();
  }
}

class Simulation {
  readonly problems: string[] = [];
  readonly trace: string[] = [];
  passed = 0;
  readonly #scenario: Scenario;
  readonly #rng: Rng;
  readonly #death: Death;
  readonly #clock = new VirtualClock(0);
  readonly #target = new FakePlatform(this.#clock, {});
  readonly #before = JSON.stringify(traces(this.#target));
  // fsync costs nothing in memory, and thousands of journals are written here.
  readonly #folder = mkdtempSync(
    join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gauntlet-simulation-'),
  );
  readonly #places = { cache: this.#folder, state: join(this.#folder, 'state') };
  readonly #path = join(this.#folder, 'journal.ndjson');
  readonly #pipe = new PassThrough();
  #diedAt: number | undefined;
  /** What every await of a dead or stopped harness waits for. */
  #standstill: Promise<void> = never;
  #keeperEndedAt: number | undefined;
  #diesAgainAt = Number.POSITIVE_INFINITY;
  #isDeadForGood = false;
  #keeperGates = 0;
  #wasInPlace = false;
  readonly #keeperDiesAt: number;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#rng = seededRng(scenario.seed * 7919 + scenario.dieAt);
    const drawn = DEATHS[this.#rng.below(DEATHS.length)];
    this.#death = scenario.death ?? drawn ?? 'killed';
    const late = this.#death === 'machine' ? 1 : Number.POSITIVE_INFINITY;
    this.#keeperDiesAt = this.#death === 'both' ? 1 + this.#rng.below(4) : late;
  }

  cleanUp(): void {
    this.#pipe.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async play(): Promise<void> {
    const journal = createJournal({
      path: this.#path,
      places: this.#places,
      run: 'r1',
      platform: this.#target.platform.handle,
      clock: this.#clock,
      owner: DEAD,
    });
    const keeper = this.#keeper();
    const harness = this.#harness(this.#scenario.broken?.(journal) ?? journal);
    void this.#heartbeat();
    if (this.#scenario.dieAt === 0) await this.#undisturbed(harness, keeper);
    else await this.#disturbed(harness, keeper);
    await this.#leavesNothing();
  }

  #harness(journal: Journal): Promise<FaultOutcome | Error> {
    const { fault, holdMs } = this.#scenario;
    const example = exampleOf(fault);
    const gate = this.#gate('harness');
    const world = gated(this.#harnessWorld(), gate);
    return runFault({
      planned: { ...example, holdMs: example.holdMs === null ? null : holdMs },
      world,
      feed: gatedFeed(new FakeProbes(this.#target), gate),
      journal,
      // What the keeper's end would say may come late: the journal alone has to be enough.
      lease: {
        ttlMs: TTL_MS,
        holder: 'keeper',
        lost: new AbortController().signal,
        release: async () => undefined,
      },
      policy: OPEN_POLICY,
      signal: new AbortController().signal,
      report: ({ kind }) => this.#look(kind),
      baselineMs: BASELINE_MS,
      removalTimeoutMs: REMOVAL_TIMEOUT_MS,
      impairmentTtlMs: TTL_MS,
      faults: this.#faults(),
    })
      .catch((error: Error) => error)
      .then(async (outcome) => {
        await endJournal(journal, world.platform);
        return outcome;
      });
  }

  #keeper(): Promise<KeeperEnd> {
    const platform = gated(this.#world(2), this.#gate('keeper')).platform;
    return runKeeper(this.#pipe, {
      journal: this.#path,
      ttlMs: TTL_MS,
      clock: this.#clock,
      holder: 'keeper',
      openPlatform: async () => platform,
      removalTimeoutMs: REMOVAL_TIMEOUT_MS,
      faults: this.#faults(),
    });
  }

  #recover(name = 'recover'): Promise<ReplayOutcome> {
    const platform = gated(this.#world(3), this.#gate(name)).platform;
    return recoverAll({
      places: this.#places,
      openPlatform: async () => platform,
      clock: this.#clock,
      removalTimeoutMs: REMOVAL_TIMEOUT_MS,
      faults: this.#faults(),
    });
  }

  /** As another machine does it: without a journal on a disk. */
  #recoverElsewhere(name = 'another machine'): Promise<ClusterRecovery> {
    const { platform, clock } = gated(this.#world(4), this.#gate(name));
    return recoverClusterJournal({
      platform,
      clock,
      removalTimeoutMs: REMOVAL_TIMEOUT_MS,
      faults: this.#faults(),
    });
  }

  /** Tells the keeper every second that the harness lives, while it does. */
  async #heartbeat(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(HEARTBEAT_MS);
      if (this.#pipe.writableEnded) return;
      if (this.#diedAt === undefined) this.#pipe.write('renew\n');
    }
  }

  async #undisturbed(harness: Promise<FaultOutcome | Error>, keeper: Promise<KeeperEnd>): Promise<void> {
    const outcome = await this.#drive(harness);
    if (outcome === undefined) return;
    this.#pipe.end('bye\n');
    const end = await this.#drive(keeper);
    if (end !== undefined && end.why !== 'bye') this.problems.push(`the keeper acted: ${end.why}`);
    if (outcome instanceof Error) {
      this.problems.push(`the harness failed: ${outcome.message}`);
      return;
    }
    const { status, cutShort, injectedAt, removedAt } = outcome;
    if (status !== 'injected') this.problems.push(`${status}: ${outcome.injection?.evidence}`);
    if (cutShort !== null) this.problems.push(`cut short: ${cutShort}`);
    const { open, closed } = readJournal(this.#path);
    const opened = this.#lines('opened').length;
    if (open.length > 0 || opened !== 1 || closed.length !== 1) {
      this.problems.push(`${opened} entries were opened, ${closed.length} closed`);
    }
    const isHeld = exampleOf(this.#scenario.fault).holdMs !== null;
    if (injectedAt === null || removedAt === null) return;
    const afterMs = removedAt - injectedAt - (isHeld ? this.#scenario.holdMs : 0);
    if (afterMs > REMOVAL_BOUND_MS) this.problems.push(`removed ${afterMs} ms after its end`);
  }

  async #disturbed(harness: Promise<FaultOutcome | Error>, keeper: Promise<KeeperEnd>): Promise<void> {
    let isOver = false;
    void harness.then(() => {
      isOver = true;
    });
    while (this.#diedAt === undefined) {
      if (isOver) return await this.#undisturbed(harness, keeper);
      await this.#clock.advance(STEP_MS);
    }
    const ended = keeper.then((end) => {
      this.#keeperEndedAt = this.#clock.now();
      return end;
    });
    if (this.#death === 'stopped') {
      // The keeper hears nothing for its ttl and undoes; then the harness comes back and must find out.
      const outcome = await this.#drive(harness);
      if (outcome instanceof Error && !/^lease: expected a living lease/.test(outcome.message)) {
        this.problems.push(`the harness failed: ${outcome.message}`);
      } else if (outcome !== undefined && !(outcome instanceof Error) && outcome.status === 'residue') {
        this.problems.push(`residue: ${outcome.removal?.evidence}`);
      }
      this.#pipe.end();
      this.#tellResidue('keeper', await this.#drive(ended));
      this.#beginsNothingLate();
      return;
    }
    if (this.#death === 'woken') {
      while (!this.#isDeadForGood && !isOver) await this.#clock.advance(STEP_MS);
      this.#pipe.end();
      this.#tellResidue('keeper', await this.#drive(ended));
      this.#tellResidue('recover', await this.#drive(this.#recover()));
      return;
    }
    const died = this.#diedAt;
    this.#pipe.end();
    await this.#clock.advance(this.#rng.below(this.#death === 'killed' ? 60 : 1000));
    const recovery = this.#death === 'machine' ? this.#recoverElsewhere() : this.#recover();
    await this.#clock.advance(Math.max(0, died + UNDO_BOUND_MS - this.#clock.now()));
    this.#undoneInTime();
    this.#tellResidue('recover', await this.#drive(recovery));
    if (this.#death === 'killed') this.#tellResidue('keeper', await this.#drive(ended));
  }

  #undoneInTime(): void {
    for (const one of this.#toUndo()) this.problems.push(`after ${UNDO_BOUND_MS} ms: ${one}`);
  }

  /** What an undo has to take back, as it is now and was. */
  #toUndo(): readonly string[] {
    const left = traces(this.#target) as Record<string, unknown>;
    const before = JSON.parse(this.#before) as Record<string, unknown>;
    return ['impaired', 'stopped', 'redis', 'http'].flatMap((part) => {
      const [now, then] = [JSON.stringify(left[part]), JSON.stringify(before[part])];
      return now === then ? [] : [`${part} ${now}, was ${then}`];
    });
  }

  /** What was there when the fault was proven must be there when its time is over. */
  #look(event: string): void {
    if (event === 'fault-injected') this.#wasInPlace = this.#toUndo().length > 0;
    if (event !== 'fault-undoing' || !this.#wasInPlace || this.#scenario.dieAt !== 0) return;
    if (this.#toUndo().length === 0) this.problems.push('it was not in place any more at its end');
  }

  /** A harness whose lease has run out may end what it had begun, and begin nothing. */
  #beginsNothingLate(): void {
    const [opened] = this.#lines('opened');
    if (opened === undefined || this.#keeperEndedAt === undefined) return;
    if (opened.at > this.#keeperEndedAt) this.problems.push('a fault was begun after the lease had run out');
  }

  #lines(kind: JournalLine['kind']): readonly JournalLine[] {
    const lines = readFileSync(this.#path, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as JournalLine).filter((line) => line.kind === kind);
  }

  #tellResidue(who: string, outcome: ReplayOutcome | undefined): void {
    for (const one of outcome?.residue ?? []) this.problems.push(`${who} left ${one.fault}: ${one.evidence}`);
  }

  /** Nothing is open and nothing differs: now, after another recovery, and after two replays of all entries. */
  async #leavesNothing(): Promise<void> {
    const isMachineLost = this.#diedAt !== undefined && this.#death === 'machine';
    if (!isMachineLost)
      for (const one of openEntries(this.#path)) this.problems.push(`journal: ${one.name} is open`);
    await this.#clock.advance(SETTLE_MS);
    this.#asBefore('at the end');
    for (const run of this.#target.clusterJournal.runs.keys())
      this.problems.push(`the target keeps a journal of ${run}`);
    const elsewhere = await this.#drive(this.#recoverElsewhere('another machine again'));
    if (elsewhere === undefined || elsewhere.undone.length + elsewhere.finished.length > 0)
      this.problems.push(`another machine had something to do: ${JSON.stringify(elsewhere)}`);
    if (isMachineLost) return;
    const again = await this.#drive(this.#recover('recover again'));
    if (again === undefined || again.undone.length + again.residue.length > 0) {
      this.problems.push(`the second recovery had something to do: ${JSON.stringify(again)}`);
    }
    for (const time of ['first', 'second']) {
      // As if every writer had died between its undo and the line that says so.
      const kept = readFileSync(this.#path, 'utf8').split('\n');
      writeFileSync(this.#path, kept.filter((line) => !line.startsWith('{"kind":"closed"')).join('\n'));
      const platform = this.#platform();
      const replay = replayJournal(this.#path, {
        openPlatform: async () => platform,
        clock: this.#clock,
        holder: 'replay',
        removalTimeoutMs: REMOVAL_TIMEOUT_MS,
        faults: this.#faults(),
      });
      this.#tellResidue(`the ${time} replay`, await this.#drive(replay));
      this.#asBefore(`after the ${time} replay`);
    }
  }

  #asBefore(when: string): void {
    const now = JSON.stringify(traces(this.#target));
    if (now !== this.#before) this.problems.push(`${when}: ${now}, was ${this.#before}`);
  }

  #faults(): readonly Fault[] {
    const { fault } = this.#scenario;
    return [fault, ...FAULTS.filter((one) => one.name !== fault.name)];
  }

  #harnessWorld(): World {
    const world = this.#world(1);
    const { clusterJournal } = world.platform;
    const { brokenJournal } = this.#scenario;
    if (clusterJournal === undefined || brokenJournal === undefined) return world;
    return { ...world, platform: { ...world.platform, clusterJournal: brokenJournal(clusterJournal) } };
  }

  #world(seed: number): World {
    return { platform: this.#platform(), clock: this.#clock, rng: seededRng(seed) };
  }

  #platform(): Platform {
    return this.#scenario.containers ? asContainers(this.#target) : this.#target.platform;
  }

  #gate(actor: string): Gate {
    return async (where) => {
      this.trace.push(`${this.#clock.now()} ${actor} ${where}`);
      if (actor === 'harness') {
        this.passed += 1;
        if (this.#diedAt !== undefined) await this.#standstill;
        else if (this.passed === this.#scenario.dieAt) await this.#die();
        else if (this.passed >= this.#diesAgainAt) await this.#dieAgain();
      } else if (actor === 'keeper') {
        this.#keeperGates += 1;
        if (this.#keeperGates >= this.#keeperDiesAt) await never;
      }
      // One await in four takes a while: enough for any two actors to overtake each other.
      if (this.#rng.below(4) === 0) await this.#clock.sleep(ms(1 + this.#rng.below(15)));
    };
  }

  async #die(): Promise<void> {
    this.#diedAt = this.#clock.now();
    if (this.#death !== 'stopped' && this.#death !== 'woken') return await never;
    // From well within the ttl to long after it; `woken`: behind whatever the keeper does.
    const stoppedMs = this.#death === 'woken' ? 2 * TTL_MS : 500 + this.#rng.below(7000);
    this.#standstill = this.#clock.sleep(ms(stoppedMs));
    await this.#standstill;
    this.#diedAt = undefined;
    this.#pipe.write('renew\n');
    if (this.#death === 'woken') this.#diesAgainAt = this.passed + 1 + this.#rng.below(4);
  }

  async #dieAgain(): Promise<void> {
    this.#diedAt = this.#clock.now();
    this.#standstill = never;
    this.#isDeadForGood = true;
    await never;
  }

  /** Undefined, with a reported problem, when it does not end in time. */
  async #drive<T>(promise: Promise<T>): Promise<T | undefined> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    for (let passed = 0; passed < LONGEST_MS; passed += STEP_MS) {
      await this.#clock.advance(STEP_MS);
      if (settled) return await promise;
    }
    this.problems.push(`not settled after ${LONGEST_MS} ms`);
    return undefined;
  }
}
