/** The formats of `gauntlet report`, separate from the code that makes them, which is loaded on demand. */
export const REPORT_FORMATS = [
  'html',
  'md',
  'json',
  'junit',
  'text',
  'github',
  'gitlab',
  'prom',
  'openmetrics',
  'slack',
] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
