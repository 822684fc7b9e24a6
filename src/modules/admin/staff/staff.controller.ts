import { Body, Controller, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns, ReturnsNothing } from '../../../platform/http/returns.decorator.js';
import { CurrentActor, type Actor } from '../session/actor.js';
import {
  changeRole,
  createStaff,
  listStaff,
  resetPassword,
  staffIdParam,
  staffPage,
  staffView,
  type ChangeRoleInput,
  type CreateStaffInput,
  type ListStaffQuery,
  type ResetPasswordInput,
  type StaffPage,
  type StaffView,
} from './staff.schema.js';
import { StaffService } from './staff.service.js';

@Controller('admin/staff')
@ApiTags('admin')
export class StaffController {
  constructor(private readonly staff: StaffService) {}

  @Get()
  @RequiresPermission('staff.manage')
  @Returns(200, staffPage, 'newest first, with those who have left')
  listStaff(@Query({ schema: listStaff }) query: ListStaffQuery): Promise<StaffPage> {
    return this.staff.list(query);
  }

  @Post()
  @RequiresPermission('staff.manage')
  @Returns(201, staffView)
  createStaff(
    @CurrentActor() actor: Actor,
    @Body({ schema: createStaff }) input: CreateStaffInput,
  ): Promise<StaffView> {
    return this.staff.create(actor, input);
  }

  @Patch(':id')
  @RequiresPermission('staff.manage')
  @Returns(200, staffView)
  changeRole(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: staffIdParam }) id: string,
    @Body({ schema: changeRole }) { role }: ChangeRoleInput,
  ): Promise<StaffView> {
    return this.staff.changeRole(actor, id, role);
  }

  @Post(':id/deactivate')
  @RequiresPermission('staff.manage')
  @Returns(200, staffView, 'logged out everywhere, and never in again')
  deactivate(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: staffIdParam }) id: string,
  ): Promise<StaffView> {
    return this.staff.deactivate(actor, id);
  }

  @Put(':id/password')
  @RequiresPermission('staff.manage')
  @ReturnsNothing('set, and logged out everywhere')
  resetPassword(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: staffIdParam }) id: string,
    @Body({ schema: resetPassword }) { password }: ResetPasswordInput,
  ): Promise<void> {
    return this.staff.resetPassword(actor, id, password);
  }
}
