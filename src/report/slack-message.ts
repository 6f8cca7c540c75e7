/** A message in the form of Slack's webhooks: one text for notifications, and blocks. */
import type { Message } from '../core/message.ts';
import { plain } from '../core/plain.ts';
import type { VerdictStatus } from '../core/verdict.ts';

/** Limits of Slack, in characters: of a header, of a section. */
const HEADER = 150;
const SECTION = 3000;
/** In all it refuses more than about 13,200 (bolt-js#2509), though a block has less. */
const LINES = 10;
const LINE = 250;
const HEADLINE = 1500;

const SIGNS: Readonly<Record<VerdictStatus, string>> = {
  PASS: ':large_green_circle:',
  INCONCLUSIVE: ':large_yellow_circle:',
  FAIL: ':red_circle:',
  'NO-DATA': ':white_circle:',
  INVALID: ':white_circle:',
  RESIDUE: ':rotating_light:',
};

export interface SlackPayload {
  readonly text: string;
  readonly blocks: readonly object[];
}

export function slackMessage(message: Message): SlackPayload {
  const { campaign, environment, verdict, changes, headline, reasons, moreReasons, run, report } = message;
  const title = `${verdict}: ${campaign} on ${environment}`;
  const bad = reasons.filter((one) => one.status !== 'PASS');
  const shown = bad.slice(0, LINES);
  const left = bad.length - shown.length + moreReasons;
  const lines = [
    ...shown.map((one) => `• ${one.status}: ${cut(escapeSlack(one.text), LINE)}`),
    ...(left > 0 ? [`• and ${left} more`] : []),
  ];
  return {
    text: cut(`${escapeSlack(title)}. ${escapeSlack(headline)}`, HEADLINE),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(plain(title), HEADER), emoji: false } },
      section(`${SIGNS[verdict]} ${cut(escapeSlack(headline), HEADLINE)}`),
      ...changes.slice(0, LINES).map((one) => section(`*${cut(escapeSlack(one.text), LINE)}*`)),
      ...(changes.length > LINES ? [section(`and ${changes.length - LINES} more changes`)] : []),
      ...(lines.length > 0 ? [section(lines.join('\n'))] : []),
      { type: 'context', elements: [{ type: 'mrkdwn', text: cut(whence(run, report), HEADLINE) }] },
    ],
  };
}

/** The body of a request to an incoming webhook; ends with a line break. */
export const slackText = (message: Message): string => `${JSON.stringify(slackMessage(message), null, 2)}\n`;

const section = (text: string): object => ({
  type: 'section',
  text: { type: 'mrkdwn', text: cut(text, SECTION) },
});

/** Only a web address is a link. */
function whence(run: string, report: string | null): string {
  if (report === null) return `run ${escapeSlack(run)}`;
  const isLink = /^https?:\/\/[^\s|<>]+$/.test(report);
  return `run ${escapeSlack(run)} · ${isLink ? `<${escapeSlack(report)}|report>` : escapeSlack(report)}`;
}

/** The three signs that Slack reads; an ampersand first. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Signs of markup and of mentions in foreign text stay text; a zero-width space parts them from words. */
export const escapeSlack = (text: string): string =>
  plain(text)
    .replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign)
    .replace(/[*_~`@]/g, '$&\u200b');

/** Never in the middle of an entity. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/&[a-z]{0,3}$/, '')}…`;
