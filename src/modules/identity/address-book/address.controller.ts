import { Body, Controller, Delete, Get, Headers, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../../../platform/http/caller.js';
import { ApiTags } from '../../../platform/http/documented.js';
import { Returns, ReturnsNothing } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import {
  addressId,
  addressPage,
  addressView,
  createAddress,
  listAddresses,
  updateAddress,
  type AddressPage,
  type AddressView,
  type CreateAddressInput,
  type ListAddressesQuery,
  type UpdateAddressInput,
} from './address.schema.js';
import { AddressService } from './address.service.js';

@Controller('addresses')
@ApiTags('identity')
export class AddressController {
  constructor(private readonly addresses: AddressService) {}

  @Get()
  @Returns(200, addressPage, 'newest first')
  listAddresses(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listAddresses }) query: ListAddressesQuery,
  ): Promise<AddressPage> {
    return this.addresses.list(caller.userId, query);
  }

  @Post()
  @AcceptsIdempotencyKey()
  @Returns(201, addressView)
  async createAddress(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createAddress }) input: CreateAddressInput,
    @Headers('idempotency-key') key: string | undefined,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.addresses.create(caller.userId, input, key));
  }

  @Patch(':id')
  @Returns(200, addressView)
  updateAddress(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: addressId }) id: string,
    @Body({ schema: updateAddress }) input: UpdateAddressInput,
  ): Promise<AddressView> {
    return this.addresses.update(caller.userId, id, input);
  }

  @Delete(':id')
  @ReturnsNothing('the address is gone; if it was the default, the newest one left is the default now')
  deleteAddress(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: addressId }) id: string,
  ): Promise<void> {
    return this.addresses.delete(caller.userId, id);
  }
}
