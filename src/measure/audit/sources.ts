/**
 * Whether a workload has a source. Names are compared without `_`, `-`, case and the suffix `service`: a
 * folder `order_book_service` is the source of the Deployment `order-book`.
 */
import type { AuditSources } from '../../core/audit.ts';
import { own } from '../../core/own.ts';

const SUFFIX = 'service';

export function comparable(name: string): string {
  const bare = name.toLowerCase().replace(/[-_]/g, '');
  // A service that is called `service` keeps its name.
  return bare.endsWith(SUFFIX) && bare !== SUFFIX ? bare.slice(0, -SUFFIX.length) : bare;
}

export function sourceFinder({ names, alias }: AuditSources): (workload: string) => boolean {
  const known = new Set(names.map(comparable));
  return (workload) => known.has(comparable(own(alias, workload) ?? workload));
}
