import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/id.js';
import { lastIdOf, pageOf } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { AddressBook, type AddressAndPayer } from '../identity.contract.js';
import { AddressNotFound, TooManyAddresses } from '../identity.errors.js';
import { UserRepository } from '../user.repository.js';
import type { AddressEntity } from './address.entity.js';
import { AddressRepository, type AddressChange } from './address.repository.js';
import {
  toAddressView,
  toShippingAddress,
  type AddressPage,
  type AddressView,
  type CreateAddressInput,
  type ListAddressesQuery,
  type UpdateAddressInput,
} from './address.schema.js';

const maxAddresses = 50;

/**
 * The address book. One default: the first address becomes it, a new default takes the place of the old, and the
 * newest of the others takes the place of one that is deleted or not wanted as default any more. Changes to one user's
 * book run one after another (lock on the user's row).
 */
@Injectable()
export class AddressService extends AddressBook {
  constructor(
    private readonly transactor: Transactor,
    private readonly users: UserRepository,
    private readonly addresses: AddressRepository,
    private readonly idempotency: Idempotency,
  ) {
    super();
  }

  async getAddressAndPayer(userId: string, addressId: string): Promise<AddressAndPayer> {
    const found = await this.addresses.findWithPayer(userId, addressId);
    if (!found) throw new AddressNotFound();
    const { appId, openid, ...address } = found;
    return { address: toShippingAddress(address), payer: { appId, openid } };
  }

  async list(userId: string, { limit, cursor }: ListAddressesQuery): Promise<AddressPage> {
    const afterId = lastIdOf(cursor);
    const rows = await this.addresses.list(userId, limit + 1, afterId);
    return pageOf(rows.map(toAddressView), limit, address => [address.id]);
  }

  /** @throws TooManyAddresses */
  create(userId: string, input: CreateAddressInput, key: string | undefined): Promise<IdempotentAnswer> {
    const request = { ownerId: userId, key, fingerprint: ['POST', '/addresses', input] };
    return this.idempotency.run(request, async () => {
      const address = await this.add(userId, input);
      return { status: 201, body: JSON.stringify(toAddressView(address)) };
    });
  }

  /** @throws AddressNotFound */
  async update(userId: string, addressId: string, input: UpdateAddressInput): Promise<AddressView> {
    return this.transactor.run(async () => {
      await this.users.lock(userId);
      const { id, isDefault } = await this.get(userId, addressId);
      if (input.isDefault === true) await this.addresses.clearDefault(userId);
      await this.addresses.update(userId, id, toColumns(input));
      if (isDefault && input.isDefault === false) await this.promoteNewest(userId, id);
      return toAddressView(await this.get(userId, id));
    });
  }

  /** @throws AddressNotFound */
  async delete(userId: string, addressId: string): Promise<void> {
    await this.transactor.run(async () => {
      await this.users.lock(userId);
      const { id, isDefault } = await this.get(userId, addressId);
      await this.addresses.delete(userId, id);
      if (isDefault) await this.promoteNewest(userId, id);
    });
  }

  private async add(userId: string, input: CreateAddressInput): Promise<AddressEntity> {
    await this.users.lock(userId);
    const count = await this.addresses.count(userId);
    if (count >= maxAddresses) throw new TooManyAddresses(maxAddresses);
    const isDefault = count === 0 || input.isDefault === true;
    if (isDefault) await this.addresses.clearDefault(userId);
    const { postalCode, nationalCode, ...rest } = input;
    const address = {
      ...rest,
      postalCode: postalCode || null,
      nationalCode: nationalCode || null,
      isDefault,
      id: newId(),
      userId,
    };
    await this.addresses.insert(address);
    return address;
  }

  /** In the place of another, which remains the default if it is the only one. */
  private async promoteNewest(userId: string, insteadOf: string): Promise<void> {
    const [newest, second] = await this.addresses.list(userId, 2, null);
    const heir = newest?.id === insteadOf ? (second ?? newest) : newest;
    if (heir) await this.addresses.update(userId, heir.id, { isDefault: true });
  }

  private async get(userId: string, addressId: string): Promise<AddressEntity> {
    const address = await this.addresses.find(userId, addressId);
    if (!address) throw new AddressNotFound();
    return address;
  }
}

/** An empty code is an absent one; a field that was not sent stays as it is. */
function toColumns({ postalCode, nationalCode, ...rest }: UpdateAddressInput): AddressChange {
  return {
    ...rest,
    ...(postalCode === undefined ? {} : { postalCode: postalCode || null }),
    ...(nationalCode === undefined ? {} : { nationalCode: nationalCode || null }),
  };
}
