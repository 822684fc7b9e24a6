import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateMessageGrants20261125000504 implements MigrationInterface {
  name = 'CreateMessageGrants20261125000504';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table message_grants (
        user_id uuid not null,
        template_id text not null check (length(template_id) between 1 and 64),
        grants integer not null check (grants >= 0),
        primary key (user_id, template_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table message_grants');
  }
}
