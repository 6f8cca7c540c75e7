/**
 * What a VU does around an arrival. k6 gives arrivals to idle VUs in turn. With as many VUs as a long stall
 * needs, each connection would idle for the whole time limit, and servers close it earlier. Therefore a VU
 * that is not needed idles inside its iteration after its arrival: it sleeps, gets no arrivals, and checks
 * from time to time whether enough others wait (src/measure/reserve.ts has the numbers).
 */
import { sleep } from 'k6';
import { arrivalNumber, idleVus, scenarioName, testRunMs, vuShare } from './here.ts';
import { flowOf, type Load, type Reserve } from './load.ts';
import { markThrown } from './measured.ts';

/** Checks are spread over this time by the VU's number: never many at once, never many within one second. */
const SOONEST_S = 0.2;
const LATEST_S = 1;
/** While the queue runs short. */
const HURRIED_S = 0.1;

/**
 * Creates the function that k6 calls for each iteration.
 * @param arrival what one arrival does, from `markStarted` to the last `mark...`. An exception is the
 * script's own error: the arrival gets the outcome `script-error`, and k6 logs it.
 */
export function iteration(load: Load, arrival: () => void): () => void {
  let reserve: Reserve | undefined;
  let known = false;
  return () => {
    if (!known) {
      reserve = flowOf(load, scenarioName()).reserve;
      known = true;
    }
    if (reserve === undefined || arrivalNumber() >= reserve.mustered) perform(arrival);
    if (reserve !== undefined) standBy(load, reserve);
  };
}

function perform(arrival: () => void): void {
  try {
    arrival();
  } catch (error) {
    markThrown();
    throw error;
  }
}

function standBy(load: Load, reserve: Reserve): void {
  if (idleVus() < readyAt(reserve)) return;
  let nap = napOf(vuShare());
  for (;;) {
    const from = Date.now();
    sleep(nap);
    // k6 is being stopped: it ends every sleep at once, and a loop that continued would keep it busy until it
    // is killed (2,200 VUs: above 10 s).
    if (Date.now() - from < nap * 500) return;
    const idle = idleVus();
    const wanted = readyAt(reserve);
    // Between half and all of the required number nothing changes: the same few VUs serve, with warm
    // connections.
    if (idle < wanted / 2 || testRunMs() > reserve.startMs + load.durationMs) return;
    nap = idle < wanted * 0.75 ? HURRIED_S : napOf(vuShare());
  }
}

const napOf = (share: number): number => SOONEST_S + (LATEST_S - SOONEST_S) * share;

/** Instants of the schedule increase: this VU searches from the step that it found last time. */
let place = 0;

function readyAt({ ready, startMs }: Reserve): number {
  const now = testRunMs() - startMs;
  while (place < ready.length - 1 && (ready[place]?.untilMs ?? 0) <= now) place += 1;
  return ready[place]?.vus ?? 0;
}
