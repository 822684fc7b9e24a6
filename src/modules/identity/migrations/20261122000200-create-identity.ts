import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIdentity20261122000200 implements MigrationInterface {
  name = 'CreateIdentity20261122000200';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [users, sessions, refreshTokens, authAnswers, addresses]) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table addresses, auth_answers, refresh_tokens, sessions, users');
  }
}

const users = `
  create table users (
    id uuid primary key,
    app_id text not null,
    openid text not null,
    unionid text,
    session_key_sealed bytea not null,
    nickname text check (char_length(nickname) between 1 and 32),
    avatar_url text check (avatar_url like 'https://%' and char_length(avatar_url) <= 512),
    phone_sealed bytea,
    phone_index bytea,
    created_at timestamptz not null default now(),
    constraint users_openid unique (app_id, openid),
    constraint users_phone unique (app_id, phone_index),
    check ((phone_sealed is null) = (phone_index is null))
  )`;

const sessions = `
  create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
  );
  create index sessions_user_id on sessions (user_id);
  create index sessions_expires_at on sessions (expires_at)`;

const refreshTokens = `
  create table refresh_tokens (
    token_hash bytea primary key,
    session_id uuid not null references sessions (id) on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz
  );
  create index refresh_tokens_session_id on refresh_tokens (session_id);
  create index refresh_tokens_expires_at on refresh_tokens (expires_at)`;

// Without a foreign key: a row lives for minutes, and deleting refresh tokens must not search here.
const authAnswers = `
  create table auth_answers (
    request_hash bytea primary key,
    refresh_token_hash bytea not null,
    answer_sealed bytea not null,
    created_at timestamptz not null default now()
  );
  create index auth_answers_created_at on auth_answers (created_at)`;

const addresses = `
  create table addresses (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    user_name text not null check (char_length(user_name) between 1 and 64),
    tel_number text not null check (char_length(tel_number) between 5 and 20),
    province_name text not null check (char_length(province_name) <= 64),
    city_name text not null check (char_length(city_name) <= 64),
    county_name text not null check (char_length(county_name) <= 64),
    detail_info text not null check (char_length(detail_info) between 1 and 200),
    postal_code text check (char_length(postal_code) between 1 and 16),
    national_code text check (char_length(national_code) between 1 and 16),
    is_default boolean not null default false,
    created_at timestamptz not null default now()
  );
  create index addresses_user on addresses (user_id, id);
  create unique index addresses_one_default on addresses (user_id) where is_default`;
