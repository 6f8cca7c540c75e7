/**
 * Alternating round trips on several routes to one peer. By blocks: the median of each block's quantile,
 * because a moment without CPU then affects some blocks and not the comparison. And pooled: all trips of a
 * route together, in which such moments count. With several connections all send at the same time.
 */
import type { Socket } from 'node:net';
import { open, quantile, roundTrip } from './proxy-load.ts';

const BLOCKS = 20;
const WARM_BLOCKS = 2;
/** In total, on all connections. */
const TRIPS_PER_BLOCK = 800;
const CONNECTIONS = [1, 16];

export interface EchoWay {
  readonly name: string;
  /** The port. */
  readonly echo: number;
}

const column = (text: string): string => text.padStart(11);

export const line = (name: string, values: readonly string[]): string =>
  name.padEnd(34) + values.map(column).join('');

export const header = (ways: readonly EchoWay[]): string =>
  line(
    '',
    ways.map((way) => way.name),
  );

/** The times of one block in µs. */
export async function blockOf(sockets: readonly Socket[], trips: number): Promise<number[]> {
  const own = sockets.map(async (socket) => {
    const times: number[] = [];
    for (let trip = 0; trip < trips; trip += 1) times.push((await roundTrip(socket)) * 1000);
    return times;
  });
  return (await Promise.all(own)).flat();
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The statistics of the blocks of one route. */
const FIGURES = [
  ['P50', (blocks: readonly number[][]) => median(blocks.map((took) => quantile(took, 0.5)))],
  ['P99', (blocks: readonly number[][]) => median(blocks.map((took) => quantile(took, 0.99)))],
  ['pooled P99', (blocks: readonly number[][]) => quantile(blocks.flat(), 0.99)],
] as const;

/** The first route is the reference of the others. */
export async function roundTrips(ways: readonly EchoWay[]): Promise<readonly string[]> {
  const rows = [header(ways)];
  for (const connections of CONNECTIONS) {
    const blocks = await blocksOf(ways, connections);
    for (const [name, figure] of FIGURES) {
      const values = blocks.map(figure);
      const base = values[0] ?? Number.NaN;
      rows.push(
        line(
          `${name}, ${connections} connection${connections > 1 ? 's' : ''}, µs`,
          values.map((one) => one.toFixed(0)),
        ),
        line(
          '  added',
          values.map((one, at) => (at === 0 ? '' : (one - base).toFixed(0))),
        ),
      );
    }
  }
  return rows;
}

/** By route, then by block. */
async function blocksOf(ways: readonly EchoWay[], connections: number): Promise<readonly number[][][]> {
  const all = await Promise.all(
    ways.map((way) => Promise.all(Array.from({ length: connections }, () => open(way.echo)))),
  );
  const blocks = all.map((): number[][] => []);
  for (let block = -WARM_BLOCKS; block < BLOCKS; block += 1) {
    for (const [index, sockets] of all.entries()) {
      const took = await blockOf(sockets, Math.ceil(TRIPS_PER_BLOCK / connections));
      if (block >= 0) blocks[index]?.push(took);
    }
  }
  for (const socket of all.flat()) socket.destroy();
  return blocks;
}
