import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';

/** More than this nobody taps in earnest. */
const mostGrants = 50;

/** How often a shopper has allowed a message: each accept of `wx.requestSubscribeMessage` is good for one. */
@Injectable()
export class MessageGrantRepository {
  constructor(private readonly transactor: Transactor) {}

  async add(userId: string, templateIds: readonly string[]): Promise<void> {
    await this.transactor.execute(
      `insert into message_grants as g (user_id, template_id, grants)
       select $1, template_id, 1 from unnest($2::text[]) as template_id order by template_id
       on conflict (user_id, template_id) do update set grants = least(g.grants + 1, $3)`,
      [userId, templateIds, mostGrants],
    );
  }
  /** One grant is spent; false when there was none. */
  async take(userId: string, templateId: string): Promise<boolean> {
    const taken = await this.transactor.execute(
      `update message_grants set grants = grants - 1 where user_id = $1 and template_id = $2 and grants > 0`,
      [userId, templateId],
    );
    return taken === 1;
  }

  async clear(userId: string, templateId: string): Promise<void> {
    await this.transactor.execute(
      'update message_grants set grants = 0 where user_id = $1 and template_id = $2',
      [userId, templateId],
    );
  }
}
