import { Injectable } from '@nestjs/common';
import type { Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import {
  CouponTemplates,
  type CouponTemplateInput,
  type CouponTemplateView,
} from '../../promotion/promotion.contract.js';
import { Audit } from '../audit/audit.js';
import type { Actor, Intention } from '../session/actor.js';
import type { AdminCouponQuery } from './coupon.schema.js';

@Injectable()
export class AdminCouponService {
  constructor(
    private readonly transactor: Transactor,
    private readonly idempotency: Idempotency,
    private readonly templates: CouponTemplates,
    private readonly audit: Audit,
  ) {}

  list(query: AdminCouponQuery): Promise<Page<CouponTemplateView>> {
    return this.templates.list(query);
  }

  get(id: string): Promise<CouponTemplateView> {
    return this.templates.get(id);
  }

  create({ actor, key }: Intention, input: CouponTemplateInput): Promise<IdempotentAnswer> {
    const request = { ownerId: actor.staffId, key, fingerprint: ['POST', '/admin/coupons', input] };
    return this.idempotency.run(request, async () => {
      const template = await this.templates.create(input);
      const after = factsOf(template);
      await this.audit.record(actor, { action: 'coupon.create', target: template.id, after });
      return { status: 201, body: JSON.stringify(template) };
    });
  }

  replace(actor: Actor, id: string, input: CouponTemplateInput): Promise<CouponTemplateView> {
    return this.change(actor, 'coupon.replace', id, () => this.templates.replace(id, input));
  }

  end(actor: Actor, id: string): Promise<CouponTemplateView> {
    return this.change(actor, 'coupon.end', id, () => this.templates.end(id));
  }

  private change(
    actor: Actor,
    action: string,
    id: string,
    effect: () => Promise<CouponTemplateView>,
  ): Promise<CouponTemplateView> {
    return this.transactor.run(async () => {
      const before = factsOf(await this.templates.lock(id));
      const template = await effect();
      await this.audit.record(actor, { action, target: template.id, before, after: factsOf(template) });
      return template;
    });
  }
}

/** How many are used changes by orders at any time, and nobody on the staff has done it. */
function factsOf(template: CouponTemplateView): object {
  return { ...template, used: undefined };
}
