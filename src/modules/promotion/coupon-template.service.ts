import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { isId, newId } from '../../kernel/id.js';
import { lastIdOf, type Page, type PageRequest } from '../../kernel/page.js';
import { Catalog } from '../catalog/catalog.contract.js';
import { CouponTemplateRepository } from './coupon-template.repository.js';
import { CouponTemplates, type CouponTemplateInput, type CouponTemplateView } from './promotion.contract.js';
import { CouponScopeUnknown, CouponTemplateFixed, CouponTemplateNotFound } from './promotion.errors.js';
import { toTemplateView, toTerms } from './promotion.schema.js';

@Injectable()
export class CouponTemplateService extends CouponTemplates {
  constructor(
    private readonly templates: CouponTemplateRepository,
    private readonly catalog: Catalog,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(input: CouponTemplateInput): Promise<CouponTemplateView> {
    await this.assertScopeKnown(input);
    const id = newId();
    await this.templates.insert(id, toTerms(input), this.clock.now());
    return this.get(id);
  }

  async replace(templateId: string, input: CouponTemplateInput): Promise<CouponTemplateView> {
    await this.get(templateId);
    await this.assertScopeKnown(input);
    if (!(await this.templates.replaceUnclaimed(templateId, toTerms(input)))) throw new CouponTemplateFixed();
    return this.get(templateId);
  }

  async end(templateId: string): Promise<CouponTemplateView> {
    if (isId(templateId)) await this.templates.end(templateId, this.clock.now());
    return this.get(templateId);
  }

  async get(templateId: string): Promise<CouponTemplateView> {
    const template = isId(templateId) ? await this.templates.find(templateId) : null;
    if (!template) throw new CouponTemplateNotFound();
    return toTemplateView(template);
  }

  async lock(templateId: string): Promise<CouponTemplateView> {
    if (isId(templateId)) await this.templates.lock(templateId);
    return this.get(templateId);
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<CouponTemplateView>> {
    const { items, nextCursor } = await this.templates.list(limit, lastIdOf(cursor));
    return { items: items.map(toTemplateView), nextCursor };
  }

  /** A coupon for what does not exist is a coupon that nobody can ever use. */
  private async assertScopeKnown({ categoryIds = [], productIds = [] }: CouponTemplateInput): Promise<void> {
    const ids = await this.catalog.findUnknown({ categoryIds, productIds });
    if (ids.length > 0) throw new CouponScopeUnknown({ ids });
  }
}
