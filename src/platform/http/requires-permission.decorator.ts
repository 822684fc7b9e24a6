import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from './documented.js';

export const permissionKey = 'minnow:permission';
/** Tells the OpenAPI document what the staff guard reads from `permissionKey`. */
export const permissionExtension = 'x-permission';

/**
 * A route of the merchant's staff: a shopper's token is worth nothing here, a member of staff needs a role with this
 * permission. The table of roles belongs to the module whose guard decides; a permission it does not know is nobody's.
 */
export const RequiresPermission = (permission: string): MethodDecorator =>
  applyDecorators(SetMetadata(permissionKey, permission), ApiExtension(permissionExtension, permission));
