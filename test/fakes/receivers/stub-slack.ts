/** An incoming webhook of Slack: plain words as answers, and limits that it enforces. */
import { type Answer, type StubServer, stubServer } from './stub-server.ts';

export interface StubSlack extends StubServer {
  /** The URL of its webhook, whose path is the secret. */
  readonly webhook: string;
  /** What the channel shows. */
  readonly messages: { readonly text: string; readonly blocks: readonly unknown[] }[];
}

interface Text {
  readonly type?: string;
  readonly text?: string;
}
interface Block {
  readonly type?: string;
  readonly text?: Text;
  readonly elements?: readonly Text[];
}

const words = (status: number, body: string): Answer => ({
  status,
  body,
  headers: { 'content-type': 'text/html' },
});
const PATH = '/services/T0AAAA/B0BBBB/4f1c0a526f1c4f1c0a526f1c';

export async function stubSlack(): Promise<StubSlack> {
  const messages: StubSlack['messages'] = [];
  const server = await stubServer(({ method, path, body }) => {
    if (path !== PATH) return words(404, 'no_service');
    if (method !== 'POST') return words(400, 'invalid_payload');
    let sent: { text?: unknown; blocks?: unknown };
    try {
      sent = JSON.parse(body) as typeof sent;
    } catch {
      return words(400, 'invalid_payload');
    }
    if (typeof sent.text !== 'string' && sent.blocks === undefined) return words(400, 'no_text');
    const blocks = (sent.blocks ?? []) as readonly Block[];
    if (!Array.isArray(blocks) || blocks.length > 50 || !blocks.every(isBlock))
      return words(400, 'invalid_blocks');
    if (JSON.stringify(blocks).length > 13_200) return words(400, 'msg_blocks_too_long');
    messages.push({ text: String(sent.text ?? ''), blocks });
    return words(200, 'ok');
  });
  return { ...server, webhook: `${server.base}${PATH}`, messages };
}

function isBlock({ type, text, elements }: Block): boolean {
  const fits = (one: Text | undefined, most: number, kinds: readonly string[]): boolean =>
    one !== undefined &&
    kinds.includes(one.type ?? '') &&
    (one.text?.length ?? 0) >= 1 &&
    (one.text?.length ?? 0) <= most;
  if (type === 'header') return fits(text, 150, ['plain_text']);
  if (type === 'section') return fits(text, 3000, ['mrkdwn', 'plain_text']);
  if (type === 'context')
    return (
      (elements?.length ?? 0) >= 1 &&
      (elements ?? []).every((one) => fits(one, 3000, ['mrkdwn', 'plain_text']))
    );
  return type === 'divider';
}
