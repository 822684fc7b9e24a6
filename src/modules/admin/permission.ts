export const roles = ['owner', 'manager', 'warehouse', 'support'] as const;
export type Role = (typeof roles)[number];

/** Who may do what. A route names the permission it needs; one that is not in this table is nobody's. */
export const permissions = {
  'account.use': roles,
  'staff.manage': ['owner'],
  'audit.read': ['owner', 'manager'],
  'goods.read': roles,
  'goods.write': ['owner', 'manager'],
  'stock.read': roles,
  'stock.change': ['owner', 'manager', 'warehouse'],
  'orders.read': roles,
  'orders.ship': ['owner', 'manager', 'warehouse'],
  'orders.close': ['owner', 'manager', 'support'],
  'refunds.read': roles,
  'refunds.refuse': ['owner', 'manager', 'support'],
  'refunds.approve': ['owner', 'manager'],
  'coupons.read': ['owner', 'manager', 'support'],
  'coupons.write': ['owner', 'manager'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

const rolesOf = new Map<string, readonly Role[]>(Object.entries(permissions));

export function allows(role: Role, permission: string): boolean {
  return rolesOf.get(permission)?.includes(role) ?? false;
}

export function permissionsOf(role: Role): readonly string[] {
  return [...rolesOf.keys()].filter(permission => allows(role, permission));
}
