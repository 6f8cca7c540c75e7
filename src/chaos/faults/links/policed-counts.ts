/**
 * What the counters show about a rate above which packets are dropped (policing): the offered traffic
 * exceeded the rate, and the passed traffic stayed within it. Both from the same counters of one kernel.
 */
import { type EpochMs, formatMs, ms } from '../../../core/units.ts';
import type { Finding, Tally } from './link-tally.ts';

/** Long enough that the result is not only the bucket, which holds one second of the rate. */
const LEAST_MS = 1500;
/** A bucket passes its content at once: one second of the rate. */
const BUCKET_MS = 1000;
/** For headers, and the resolution of the kernel's clock. */
const ROOM = 1.1;

/** @param bits per second, for each direction and each carrier. */
export function countPoliced(
  bits: number,
  name: string,
  since: readonly Tally[],
  appliedAt: EpochMs,
): Finding {
  const [first, last] = [since[0], since.at(-1)];
  if (first === undefined || last === undefined)
    return { kind: 'not-yet', text: `${name} is not watched yet` };
  const shown = since.findIndex((one) => droppedIn(one) > 0);
  const hit = since[shown];
  if (hit === undefined) {
    const text = `no packet of ${name} was above the rate since the act: an unused, a slow or a bypassed link shows none`;
    return { kind: 'not-yet', text };
  }
  const tookMs = last.at - first.at;
  if (tookMs < LEAST_MS) return { kind: 'not-yet', text: `${name} was watched for ${formatMs(tookMs)} only` };
  const carriers = Math.max(1, last.carriers);
  const most = carriers * (bits / 8) * ((tookMs + BUCKET_MS) / 1000) * ROOM;
  const crossed = Math.max(
    last.toServer.bytes - first.toServer.bytes,
    last.toClient.bytes - first.toClient.bytes,
  );
  const numbers = `${crossed} bytes crossed in ${formatMs(tookMs)}, at most ${Math.round(most)} expected${carriers > 1 ? ` of ${carriers} that dial` : ''}`;
  if (crossed > most) return { kind: 'not-yet', text: `${name}: ${numbers}` };
  const text = `${name} policed: ${droppedIn(last)} packets dropped, ${numbers}`;
  return { kind: 'seen', at: hit.at, boundMs: ms(hit.at - (since[shown - 1]?.at ?? appliedAt)), text };
}

const droppedIn = ({ toServer, toClient }: Tally): number =>
  (toServer.droppedPackets ?? 0) + (toClient.droppedPackets ?? 0);
