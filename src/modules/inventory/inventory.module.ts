import { Module } from '@nestjs/common';
import { Stock } from './inventory.contract.js';
import { InventoryRepository } from './inventory.repository.js';
import { InventoryService } from './inventory.service.js';

/**
 * Owns: units on hand and reserved per SKU, reservations, and the ledger of every movement.
 * Promises: never sells a unit twice; a reservation is settled exactly once; replaying the ledger gives the balance.
 * Offers: `Stock`. Publishes nothing.
 * Calls: nobody; SKU ids and references are opaque.
 * Truth: PostgreSQL alone, one statement per movement, CHECK constraints as the last line.
 */
@Module({
  providers: [InventoryRepository, InventoryService, { provide: Stock, useExisting: InventoryService }],
  exports: [Stock],
})
export class InventoryModule {}
