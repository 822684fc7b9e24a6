/**
 * Whom each limit counts. Every request counts for its `address`, and for its `caller` once that is known; a route may
 * name one more.
 */
export const countedBy = { address: 'address', login: 'address', caller: 'caller', order: 'caller' } as const;
export type LimitName = keyof typeof countedBy;
