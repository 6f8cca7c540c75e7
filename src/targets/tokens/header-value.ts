/** RFC 6750 allows fewer characters; a header cannot hold more than these. */
export const isHeaderValue = (token: string): boolean => /^[\x21-\x7e]+$/.test(token);
