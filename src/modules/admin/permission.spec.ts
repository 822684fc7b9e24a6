import { describe, expect, it } from 'vitest';
import { allows, permissions, permissionsOf, roles } from './permission.js';

describe('permissions', () => {
  it('that the table does not know are nobody’s, owners included', () => {
    for (const unknown of ['', 'orders.burn', 'constructor', '__proto__', 'toString']) {
      expect(roles.filter(role => allows(role, unknown))).toEqual([]);
    }
  });

  it('are all an owner’s', () => {
    expect(permissionsOf('owner')).toEqual(Object.keys(permissions));
  });

  it('over staff are nobody else’s', () => {
    expect(roles.filter(role => allows(role, 'staff.manage'))).toEqual(['owner']);
  });
});
