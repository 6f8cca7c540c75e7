/** The formats of `gauntlet report`, apart from the code that makes them, which is loaded when it is asked for. */
export const REPORT_FORMATS = ['html', 'md', 'json', 'junit', 'text', 'github', 'gitlab'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
