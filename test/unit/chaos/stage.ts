/** A fake target, its probes, a real journal in a temp folder and a lease that a test can take away. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { parse } from 'yaml';
import type { Fault } from '../../../src/chaos/fault.ts';
import { FAULTS } from '../../../src/chaos/faults/registry.ts';
import { createJournal, type Journal } from '../../../src/chaos/healing/journal.ts';
import type { Lease } from '../../../src/chaos/healing/lease.ts';
import type { FaultOutcome, FaultRequest } from '../../../src/chaos/injector/fault-request.ts';
import { runFault } from '../../../src/chaos/injector/injector.ts';
import type { World } from '../../../src/chaos/world.ts';
import type { RunEventBody } from '../../../src/core/events.ts';
import type { PlannedFault } from '../../../src/core/plan.ts';
import type { FaultPolicy } from '../../../src/core/policy.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { type Ms, ms } from '../../../src/core/units.ts';
import { type Holder, thisHolder } from '../../../src/system/holder.ts';
import type { Places } from '../../../src/system/places.ts';
import { asContainers } from '../../fakes/fake-containers.ts';
import { type FakeOptions, FakePlatform } from '../../fakes/fake-platform.ts';
import { asPods } from '../../fakes/fake-pods.ts';
import { FakeProbes } from '../../fakes/fake-probes.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

export const OPEN_POLICY: FaultPolicy = { optIn: true, protected: [], hours: 'any' };
/** No process has this pid: pid_max is 2^22 on 64-bit Linux. */
export const DEAD: Holder = { ...thisHolder(), pid: 2 ** 22 + 1 };

export interface Stage {
  readonly clock: VirtualClock;
  readonly target: FakePlatform;
  readonly feed: FakeProbes;
  readonly world: World;
  readonly places: Places;
  readonly journal: Journal;
  readonly lease: Lease;
  readonly loseLease: (why: string) => void;
  readonly events: RunEventBody[];
  request(planned: PlannedFault, over?: Partial<FaultRequest>): FaultRequest;
  run(planned: PlannedFault, over?: Partial<FaultRequest>): Promise<FaultOutcome>;
  cleanUp(): void;
}

/** @returns a maker of stages; what they left is removed after each test of the file that calls this. */
export function stages(): (options?: StageOptions) => Stage {
  const made: Stage[] = [];
  afterEach(() => {
    for (const one of made.splice(0)) one.cleanUp();
  });
  return (options) => {
    const one = stage(options);
    made.push(one);
    return one;
  };
}

export interface StageOptions extends FakeOptions {
  /** Its instances are pods. */
  readonly pods?: boolean;
  /** Its instances are containers of a Docker engine. */
  readonly containers?: boolean;
}

export function stage(options: StageOptions = {}): Stage {
  const clock = new VirtualClock();
  const target = new FakePlatform(clock, options);
  const feed = new FakeProbes(target);
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gauntlet-chaos-'));
  const places: Places = { cache: join(folder, 'cache'), state: join(folder, 'state') };
  const { pods = false, containers = false } = options;
  const platform = pods ? asPods(target) : containers ? asContainers(target) : target.platform;
  const world: World = { platform, clock, rng: seededRng(7) };
  const path = join(folder, 'run', 'journal.ndjson');
  const journal = createJournal({ path, places, run: 'r1', platform: platform.handle, clock, owner: DEAD });
  const lost = new AbortController();
  const lease: Lease = {
    ttlMs: ms(3000),
    holder: 'keeper pid 1',
    lost: lost.signal,
    release: async () => undefined,
  };
  const events: RunEventBody[] = [];
  const request: Stage['request'] = (planned, over = {}) => ({
    planned,
    world,
    feed,
    journal,
    lease,
    policy: OPEN_POLICY,
    signal: new AbortController().signal,
    report: (event) => events.push(event),
    removalTimeoutMs: ms(10_000),
    ...over,
  });
  return {
    clock,
    target,
    feed,
    world,
    places,
    journal,
    lease,
    loseLease: (why) => lost.abort(why),
    events,
    request,
    run: (planned, over) => drive(clock, runFault(request(planned, over))),
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Moves the clock on until the promise settles. */
export async function drive<T>(clock: VirtualClock, promise: Promise<T>, limitMs = 120_000): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  promise.then(done, done);
  for (let passed = 0; passed < limitMs; passed += 25) {
    await clock.advance(25);
    if (settled) return promise;
  }
  throw new Error(`not settled after ${limitMs} ms of virtual time`);
}

export function planned(kind: string, raw: unknown, holdMs?: Ms): PlannedFault {
  const fault = FAULTS.find((one) => one.name === kind);
  const parsed = fault?.parse(raw);
  if (!parsed?.ok) throw new Error(`${kind}: ${JSON.stringify(parsed?.problems)}`);
  const spec = parsed.spec as Readonly<Record<string, unknown>>;
  const hold = parsed.holdMs === null ? null : (holdMs ?? parsed.holdMs);
  return { name: kind, kind, spec, written: JSON.stringify(raw), holdMs: hold };
}

/** The fault's own example, as an author would write it, held only briefly. */
export function exampleOf(fault: Fault): PlannedFault {
  const block = parse(fault.example) as Record<string, unknown>;
  return planned(fault.name, block[fault.name], ms(300));
}

/** What a fault could have left: impairments, lost or stopped instances, shrunken in-sync sets, settings of Redis. */
export function traces(target: FakePlatform): unknown {
  target.catchUp();
  const ready = target.instances().filter((one) => one.ready);
  return {
    impaired: target.links().filter((link) => link.impairedBy.length > 0),
    ready: ready.map((one) => one.instance).sort(),
    counts: target.counts(),
    stopped: target.instances().filter((one) => one.stopped === true),
    inSync: target.partitions.map((one) => one.isr.length),
    redis: target.redis.traces(),
    topic: target.topic.traces(),
    http: [...target.http.placed.keys()],
    stress: target.stress.traces(),
    limits: target.limits.traces(),
    clusterJournal: target.clusterJournal.traces(),
    memory: target.memory.traces(),
  };
}
