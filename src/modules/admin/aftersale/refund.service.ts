import { Injectable } from '@nestjs/common';
import type { Page } from '../../../kernel/page.js';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { AfterSales, type RefundRequestView } from '../../order/order.contract.js';
import { Audit } from '../audit/audit.js';
import type { Intention } from '../session/actor.js';
import type {
  AdminRefundQuery,
  ApproveRefundInput,
  CreateRefundInput,
  RefuseRefundInput,
} from './refund.schema.js';

/** A decision without a key is made once all the same: the second one is told what the first has decided. */
@Injectable()
export class AdminRefundService {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly afterSales: AfterSales,
    private readonly audit: Audit,
  ) {}

  list(query: AdminRefundQuery): Promise<Page<RefundRequestView>> {
    return this.afterSales.list(query);
  }

  get(id: string): Promise<RefundRequestView> {
    return this.afterSales.get(id);
  }

  /** Once per key: parts of an order can be refunded again and again. */
  create({ actor, key }: Intention, orderId: string, input: CreateRefundInput): Promise<IdempotentAnswer> {
    const fingerprint = ['POST', `/admin/orders/${orderId}/refunds`, input];
    return this.idempotency.run({ ownerId: actor.staffId, key, fingerprint }, async () => {
      const refund = await this.afterSales.refund(orderId, input);
      const after = { ...refund, restock: input.restock };
      await this.audit.record(actor, { action: 'refund.create', target: refund.id, after });
      return { status: 201, body: JSON.stringify(refund) };
    });
  }

  approve(intention: Intention, id: string, input: ApproveRefundInput): Promise<IdempotentAnswer> {
    return this.decide(intention, { verb: 'approve', id, input }, () => this.afterSales.approve(id, input));
  }

  refuse(intention: Intention, id: string, input: RefuseRefundInput): Promise<IdempotentAnswer> {
    return this.decide(intention, { verb: 'refuse', id, input }, () =>
      this.afterSales.refuse(id, input.reason),
    );
  }

  settleByHand(intention: Intention, id: string, input: ApproveRefundInput): Promise<IdempotentAnswer> {
    return this.decide(intention, { verb: 'settle-by-hand', id, input }, () =>
      this.afterSales.settleByHand(id, input),
    );
  }

  private decide(
    { actor, key }: Intention,
    { verb, id, input }: Decision,
    effect: () => Promise<RefundRequestView>,
  ): Promise<IdempotentAnswer> {
    const fingerprint = ['POST', `/admin/refunds/${id}/${verb}`, input];
    return this.idempotency.run({ ownerId: actor.staffId, key, fingerprint }, async () => {
      const before = await this.afterSales.lock(id);
      const refund = await effect();
      const after = { ...refund, restock: input.restock };
      await this.audit.record(actor, { action: `refund.${verb}`, target: refund.id, before, after });
      return { status: 200, body: JSON.stringify(refund) };
    });
  }
}

interface Decision {
  readonly verb: 'approve' | 'refuse' | 'settle-by-hand';
  readonly id: string;
  readonly input: Partial<ApproveRefundInput & RefuseRefundInput>;
}
