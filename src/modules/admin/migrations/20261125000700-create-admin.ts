import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAdmin20261125000700 implements MigrationInterface {
  name = 'CreateAdmin20261125000700';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [staff, staffSessions, loginFailures, auditLog]) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_log, staff_login_failures, staff_sessions, staff');
  }
}

const staff = `
  create table staff (
    id uuid primary key,
    username text not null check (username = lower(username) and char_length(username) between 3 and 32),
    role text not null check (role in ('owner', 'manager', 'warehouse', 'support')),
    password_hash text not null,
    created_at timestamptz not null default now(),
    deactivated_at timestamptz,
    constraint staff_username unique (username)
  )`;

const staffSessions = `
  create table staff_sessions (
    id uuid primary key,
    staff_id uuid not null references staff,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
  );
  create index staff_sessions_staff on staff_sessions (staff_id);
  create index staff_sessions_expires_at on staff_sessions (expires_at)`;

// One row a username or address, so that counting and adding are one statement on one locked row.
const loginFailures = `
  create table staff_login_failures (
    subject bytea primary key,
    failed_at timestamptz[] not null,
    expires_at timestamptz not null
  );
  create index staff_login_failures_expires_at on staff_login_failures (expires_at)`;

// Append-only, and without a foreign key: what was done stays told, whatever becomes of who did it. Without a staff_id
// it was an operator on the command line.
const auditLog = `
  create table audit_log (
    id uuid primary key,
    staff_id uuid,
    username text not null,
    permission text,
    action text not null,
    target_id text not null,
    before jsonb,
    after jsonb,
    ip text,
    request_id text,
    at timestamptz not null default now()
  );
  create index audit_log_staff on audit_log (staff_id, id);
  create index audit_log_target on audit_log (target_id, id)`;
