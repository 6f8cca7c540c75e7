/**
 * Under which name the latencies of one request of an iteration are kept: a series beside those of its flow, with the service clock only.
 * A slash is in no name of a flow, so that the two can be told apart.
 */
const SLASH = '/';

export const stepSeries = (flow: string, step: string): string => `${flow}${SLASH}${step}`;

/** The step, when a series is one of this flow's steps. */
export const stepOf = (flow: string, series: string): string | undefined =>
  series.startsWith(flow + SLASH) ? series.slice(flow.length + 1) : undefined;

/** The flow that a series belongs to: itself, or the one whose step it is. */
export const flowOfSeries = (series: string): string => series.split(SLASH, 1)[0] ?? series;
