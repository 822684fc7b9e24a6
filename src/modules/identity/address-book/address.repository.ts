import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { isId } from '../../../kernel/id.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { Payer } from '../identity.contract.js';
import { AddressEntity } from './address.entity.js';

export type AddressChange = Partial<Omit<AddressEntity, 'id' | 'userId'>>;
export type AddressWithPayer = Omit<AddressEntity, 'id' | 'userId' | 'isDefault'> & Payer;

/** Addresses through the entity manager, but for what every order reads. Every call names the owner: there is no way to reach somebody else's. */
@Injectable()
export class AddressRepository {
  constructor(private readonly transactor: Transactor) {}

  async find(userId: string, addressId: string): Promise<AddressEntity | null> {
    if (!isId(addressId)) return null;
    return this.transactor.manager.findOneBy(AddressEntity, { id: addressId, userId });
  }

  /** With who pays for what is sent there: one statement, because every order asks for both. */
  async findWithPayer(userId: string, addressId: string): Promise<AddressWithPayer | null> {
    if (!isId(addressId)) return null;
    const [row] = await this.transactor.query<AddressWithPayer>(
      `select a.user_name as "userName", a.tel_number as "telNumber", a.province_name as "provinceName",
         a.city_name as "cityName", a.county_name as "countyName", a.detail_info as "detailInfo",
         a.postal_code as "postalCode", a.national_code as "nationalCode", u.app_id as "appId", u.openid
       from addresses a join users u on u.id = a.user_id where a.id = $1 and a.user_id = $2`,
      [addressId, userId],
    );
    return row ?? null;
  }

  /** Newest first: ids sort by time. */
  list(userId: string, limit: number, afterId: string | null): Promise<AddressEntity[]> {
    const where = afterId === null ? { userId } : { userId, id: LessThan(afterId) };
    return this.transactor.manager.find(AddressEntity, { where, order: { id: 'DESC' }, take: limit });
  }

  count(userId: string): Promise<number> {
    return this.transactor.manager.countBy(AddressEntity, { userId });
  }

  async insert(address: AddressEntity): Promise<void> {
    await this.transactor.manager.insert(AddressEntity, address);
  }

  async update(userId: string, addressId: string, change: AddressChange): Promise<void> {
    await this.transactor.manager.update(AddressEntity, { id: addressId, userId }, change);
  }

  async delete(userId: string, addressId: string): Promise<void> {
    await this.transactor.manager.delete(AddressEntity, { id: addressId, userId });
  }

  async clearDefault(userId: string): Promise<void> {
    await this.transactor.manager.update(AddressEntity, { userId, isDefault: true }, { isDefault: false });
  }
}
