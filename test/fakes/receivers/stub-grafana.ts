/** The annotations API of a Grafana: tags are all asked for at once (AND), and without a limit it shows 100. */
import { type Answer, type Asked, type StubServer, stubServer } from './stub-server.ts';

export interface StoredAnnotation {
  readonly id: number;
  readonly dashboardUID: string;
  time: number;
  timeEnd: number;
  text: string;
  tags: string[];
}

export interface StubGrafana extends StubServer {
  readonly stored: StoredAnnotation[];
}

export interface GrafanaRights {
  readonly token: string;
  /** What the token may do. */
  readonly may: readonly ('read' | 'create' | 'write' | 'delete')[];
}

const ALL: GrafanaRights['may'] = ['read', 'create', 'write', 'delete'];
const RIGHT: Readonly<Record<string, GrafanaRights['may'][number]>> = {
  GET: 'read',
  POST: 'create',
  PATCH: 'write',
  DELETE: 'delete',
};

const json = (status: number, body: unknown): Answer => ({
  ...{ status, body: JSON.stringify(body) },
  headers: { 'content-type': 'application/json; charset=UTF-8' },
});

export async function stubGrafana({
  token,
  may = ALL,
}: Partial<GrafanaRights> & { token: string }): Promise<StubGrafana> {
  const stored: StoredAnnotation[] = [];
  let last = 0;
  const handle = ({ method, path, url, headers, body }: Asked): Answer => {
    const [, id = ''] = /^\/api\/annotations(?:\/(\d+))?$/.exec(path) ?? ['', 'none'];
    if (id === 'none') return json(404, { message: 'Not found' });
    if (headers.authorization !== `Bearer ${token}`) return json(401, { message: 'Invalid API key' });
    const right = RIGHT[method] ?? 'write';
    if (!may.includes(right))
      return json(403, {
        ...{ accessErrorId: 'ACE0123456789', title: 'Access denied' },
        message: `You'll need additional permissions to perform this action. Permissions needed: annotations:${right}`,
      });
    if (method === 'GET') return json(200, found(stored, url));
    const sent = (body === '' ? {} : JSON.parse(body)) as Partial<StoredAnnotation>;
    if (method === 'POST') {
      if (!sent.text)
        return json(400, { message: 'Failed to save annotation', error: 'text field should not be empty' });
      if ((sent.time ?? 0) > (sent.timeEnd ?? sent.time ?? 0))
        return json(400, { message: 'invalid time range' });
      last += 1;
      const { time = Date.now(), text, tags = [], dashboardUID = '' } = sent;
      stored.push({ id: last, dashboardUID, time, timeEnd: sent.timeEnd || time, text, tags: [...tags] });
      return json(200, { message: 'Annotation added', id: last });
    }
    const at = stored.findIndex((one) => one.id === Number(id));
    const one = stored[at];
    if (one === undefined) return json(404, { message: 'Could not find annotation to update' });
    if (method === 'DELETE') {
      stored.splice(at, 1);
      return json(200, { message: 'Annotation deleted' });
    }
    const { time = one.time, timeEnd = one.timeEnd, text = one.text, tags = one.tags } = sent;
    Object.assign(one, { time, timeEnd, text, tags });
    return json(200, { message: 'Annotation patched' });
  };
  return { ...(await stubServer(handle)), stored };
}

function found(stored: readonly StoredAnnotation[], { searchParams }: URL): readonly StoredAnnotation[] {
  const tags = searchParams.getAll('tags');
  const limit = Number(searchParams.get('limit') ?? 100);
  const fits = (one: StoredAnnotation): boolean =>
    searchParams.get('matchAny') === 'true'
      ? tags.some((tag) => one.tags.includes(tag))
      : tags.every((tag) => one.tags.includes(tag));
  // Latest first.
  return [...stored]
    .filter(fits)
    .sort((a, b) => b.time - a.time)
    .slice(0, limit);
}
