import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { CartLine } from '../../cart/cart.contract.js';
import { Catalog, type CatalogSku } from '../../catalog/catalog.contract.js';
import { AddressBook, type Payer, type ShippingAddress } from '../../identity/identity.contract.js';
import { Stock } from '../../inventory/inventory.contract.js';

/** What an order is drafted from, besides the shopper's wishes. */
export interface Facts {
  readonly skus: readonly CatalogSku[];
  readonly address: ShippingAddress;
  readonly payer: Payer;
  /** Why there is not enough of something, for whom nothing worse is to be told. */
  readonly shortage: AppError | undefined;
}

/** Reads what several modules know of an order, in one message to PostgreSQL. */
@Injectable()
export class DraftFacts {
  constructor(
    private readonly transactor: Transactor,
    private readonly catalog: Catalog,
    private readonly addresses: AddressBook,
    private readonly stock: Stock,
  ) {}

  /** @throws AddressNotFound */
  async read(userId: string, addressId: string, lines: readonly CartLine[]): Promise<Facts> {
    const [skus, { address, payer }, shortage] = await this.transactor.reads(() =>
      Promise.all([
        this.catalog.findSkus(lines.map(({ skuId }) => skuId)),
        this.addresses.getAddressAndPayer(userId, addressId),
        this.shortageOf(lines),
      ]),
    );
    return { skus, address, payer, shortage };
  }

  private async shortageOf(lines: readonly CartLine[]): Promise<AppError | undefined> {
    try {
      await this.stock.assertAvailable(lines);
      return undefined;
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }
}
