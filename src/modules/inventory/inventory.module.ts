import { Module } from '@nestjs/common';
import { Stock, StockDesk } from './inventory.contract.js';
import { InventoryRepository } from './inventory.repository.js';
import { InventoryService } from './inventory.service.js';
import { StockDeskService } from './stock-desk.service.js';
import { StockDeskRepository } from './stock-desk.repository.js';

/**
 * Owns: units on hand and reserved per SKU, reservations, and the ledger of every movement.
 * Promises: never sells a unit twice; a reservation is settled exactly once; replaying the ledger gives the balance.
 * Offers: `Stock` to whoever sells, `StockDesk` to whoever looks after the stock. Publishes nothing.
 * Calls: nobody; SKU ids and references are opaque.
 * Truth: PostgreSQL alone: rows locked in SKU order, then one statement a movement, CHECK constraints as the last line.
 */
@Module({
  providers: [
    InventoryRepository,
    InventoryService,
    StockDeskRepository,
    { provide: Stock, useExisting: InventoryService },
    { provide: StockDesk, useClass: StockDeskService },
  ],
  exports: [Stock, StockDesk],
})
export class InventoryModule {}
