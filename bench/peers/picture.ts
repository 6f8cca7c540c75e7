/** The table and the picture of the measured rows. Strings only. */
import type { Latencies, Truth } from './truth.ts';

export interface Row {
  readonly name: string;
  readonly settings: string;
  readonly truth: Truth;
  readonly said: Latencies;
}

const number = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));

export function tableOf(rows: readonly Row[]): string {
  return [
    '| tool | settings | P50 | P90 | P99 | truth P50, P90, P99 | requests sent in stalls, of those due |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(({ name, settings, truth, said }) => {
      const shown = [said.p50, said.p90, said.p99].map(number).join(' | ');
      const true_ = [truth.p50, truth.p90, truth.p99].map(number).join(', ');
      return `| ${name} | ${settings} | ${shown} | ${true_} | ${truth.sentInStalls} of ${truth.dueInStalls} |`;
    }),
  ].join('\n');
}

const WIDTH = 920;
const LEFT = 290;
const RIGHT = 30;
const LINE = 30;
const TOP = 70;
/** In ms; a logarithmic axis. */
const TICKS = [1, 10, 100, 1000, 10_000];
const COLORS = { p50: '#2f7d4f', p90: '#b7791f', p99: '#b3362b' } as const;
const NAMES = { p50: 'P50', p90: 'P90', p99: 'P99' } as const;

const xOf = (value: number): number => {
  const [least, most] = [Math.log10(TICKS[0] ?? 1), Math.log10(TICKS.at(-1) ?? 1)];
  const share = (Math.log10(Math.max(1, value)) - least) / (most - least);
  return LEFT + share * (WIDTH - LEFT - RIGHT);
};

/** A ring is the truth of a tool's own run, a disc the tool's report. */
export function pictureOf(rows: readonly Row[]): string {
  const height = TOP + rows.length * LINE + 20;
  const grid = TICKS.map((tick) => {
    const x = xOf(tick).toFixed(1);
    const label = tick < 1000 ? `${tick} ms` : `${tick / 1000} s`;
    return `<path d="M${x} ${TOP - 12}V${height - 20}" stroke="#d9dee5"/><text x="${x}" y="${TOP - 20}" text-anchor="middle" class="note">${label}</text>`;
  });
  const keys = (['p50', 'p90', 'p99'] as const).map((key, index) => {
    const x = LEFT + index * 60;
    return `<circle cx="${x}" cy="22" r="5" fill="${COLORS[key]}"/><text x="${x + 10}" y="26">${NAMES[key]}</text>`;
  });
  const lines = rows.map((row, index) => {
    const y = TOP + index * LINE + 8;
    const marks = (['p50', 'p90', 'p99'] as const).map((key) => {
      const [reported, truth] = [xOf(row.said[key]).toFixed(1), xOf(row.truth[key]).toFixed(1)];
      const color = COLORS[key];
      return (
        `<path d="M${reported} ${y}H${truth}" stroke="${color}" stroke-width="1.5" stroke-dasharray="2 3"/>` +
        `<circle cx="${truth}" cy="${y}" r="7" fill="none" stroke="${color}" stroke-width="2"/>` +
        `<circle cx="${reported}" cy="${y}" r="4.5" fill="${color}"/>`
      );
    });
    const name = `<text x="${LEFT - 14}" y="${y + 4}" text-anchor="end"><tspan font-weight="600">${row.name}</tspan>, ${row.settings}</text>`;
    return `${name}${marks.join('')}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="What each tool reports, and the truth" font-family="system-ui, sans-serif" font-size="13">`,
    '<style>.note { font-size: 12px; fill: #51606f }</style>',
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...keys,
    `<text x="${LEFT + 200}" y="26" class="note">disc: what the tool reports; ring: the truth, from the server's log</text>`,
    ...grid,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}
