/** The group of a Pushgateway: one campaign on one environment, never one run, which would stay for ever. */

/** A segment that cannot be written as it is: empty, with a slash, or one that URL parsers fold (`..`). */
const PLAIN = /^[A-Za-z0-9_-][A-Za-z0-9_.~-]*$/;

/**
 * `/metrics/job/gauntlet/campaign/C/environment/E`, as the Pushgateway reads label values: percent-encoded
 * paths are folded by proxies, so any other text is base64url, and an empty one is `=`.
 */
export const groupPath = (labels: Readonly<Record<string, string>>): string =>
  `/metrics/job/gauntlet${Object.entries(labels)
    .map(([name, value]) => (PLAIN.test(value) ? `/${name}/${value}` : `/${name}@base64/${base64(value)}`))
    .join('')}`;

const base64 = (value: string): string => (value === '' ? '=' : Buffer.from(value).toString('base64url'));
