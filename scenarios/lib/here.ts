/**
 * Where an iteration runs: its scenario, its VU, the run's clock. k6 builds a whole object of reflected
 * functions each time `exec.vu`, `exec.scenario` or `exec.instance` is *named* (newInfoObj in k6 2.2's
 * execution.go); only their properties are read again. So one object per VU is kept: seven of them per
 * iteration were 39 % of all allocations of k6 (docs/decisions/018-flat-memory.md).
 */
import exec from 'k6/execution';

// A module is evaluated once for each VU; in the init context none of the three exists yet.
let scenario: typeof exec.scenario | undefined;
let vu: typeof exec.vu | undefined;
let instance: typeof exec.instance | undefined;

/** The executor that runs this iteration. */
export function scenarioName(): string {
  scenario ??= exec.scenario;
  return scenario.name;
}

/** Identifies this iteration within the run: its executor, its VU and its number there. */
export function iterationPlace(): string {
  vu ??= exec.vu;
  return `${scenarioName()}/${vu.idInTest}/${vu.iterationInScenario}`;
}

/** Ms since the test began, with a fraction down to nanoseconds; see preciseMs in measured.ts. */
export function testRunMs(): number {
  instance ??= exec.instance;
  return instance.currentTestRunDuration;
}

/** The iterations of this executor in this process are counted from 0, in the order in which they start. */
export function arrivalNumber(): number {
  scenario ??= exec.scenario;
  return scenario.iterationInInstance;
}

/** VUs of this process that wait for an iteration; an idle surplus VU is inside one. */
export function idleVus(): number {
  instance ??= exec.instance;
  return instance.vusInitialized - instance.vusActive;
}

/** The position of this VU among all of its process, above 0 and up to 1. */
export function vuShare(): number {
  instance ??= exec.instance;
  vu ??= exec.vu;
  return vu.idInInstance / instance.vusInitialized;
}
