-- The office's own people, who is signed in, how often somebody has guessed, settings, and the audit.

create table admins (
  id bigint generated always as identity primary key,
  username text not null check (is_line(username, 100)),
  username_key text not null unique generated always as (username_key(username)) stored,
  name text not null check (is_line(name, 100)),
  email text check (is_line(email, 254)),
  role text not null check (role in ('Administrator', 'Office', 'Viewer')),
  password_hash text not null check (password_hash like '$2_$%' and char_length(password_hash) = 60),
  password_changed_at timestamptz not null default now(),
  must_change_password boolean not null default false,
  sees_blocks boolean not null default false,
  suspended_at timestamptz,
  last_sign_in_at timestamptz,
  created_at timestamptz not null default now()
);

create table settings (
  name text primary key check (name ~ '^[a-z][a-z_]*$'),
  value jsonb not null,
  changed_at timestamptz not null default now(),
  changed_by bigint references admins on delete set null
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  -- null: the program itself, or a parent.
  admin_id bigint references admins on delete set null,
  who text not null,
  what text not null check (what ~ '^[a-z][a-z ]+$'),
  -- What it was done to, as "logon 12"; there is no foreign key, since the row outlives its subject.
  subject text not null,
  subject_id bigint,
  before jsonb,
  after jsonb,
  request_id text
);
create index audit_by_subject on audit (subject, subject_id, id desc);
create index audit_by_time on audit (at);
