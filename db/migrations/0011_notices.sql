-- Mails that tell somebody what has happened to their logon: written with the change itself, sent by the worker.

create table notices (
  id bigint generated always as identity primary key,
  -- The Message-ID: a second try of the same notice is the same mail.
  seed uuid not null unique default gen_random_uuid(),
  -- What it says; the sentences are in views/mail/notices.tsx.
  kind text not null check (kind ~ '^[a-z][a-z ]+$'),
  logon_id bigint references logons on delete set null,
  admin_id bigint references admins on delete set null,
  -- As they were when it was written: a change of email is told to the old address.
  name text not null check (char_length(name) between 1 and 201),
  address text not null check (is_line(address, 254)),
  -- What the sentences need to know; never a secret.
  facts jsonb not null default '{}' check (jsonb_typeof(facts) = 'object'),
  state text not null default 'queued' check (state in ('queued', 'accepted', 'deferred', 'refused', 'unknown')),
  -- The mail server's words.
  answer text check (char_length(answer) <= 600),
  tries integer not null default 0 check (tries >= 0),
  written_at timestamptz not null,
  -- After this it is of no use to anybody, and is not sent.
  useful_until timestamptz check (useful_until > written_at),
  due_at timestamptz not null,
  -- Until then one worker has it. A worker that died lets it go by not renewing.
  leased_until timestamptz,
  settled_at timestamptz,
  check (case when state in ('queued', 'deferred') then settled_at is null
              when state in ('accepted', 'refused') then settled_at is not null else true end),
  check (settled_at is null or leased_until is null)
);
create index notices_open on notices (due_at) where settled_at is null;
create index notices_by_logon on notices (logon_id, id desc) where logon_id is not null;
create index notices_by_admin on notices (admin_id) where admin_id is not null;
create index notices_by_settled on notices (settled_at) where settled_at is not null;

-- Wakes the workers when the change is committed, and not before.
create function announce_notices() returns trigger language plpgsql as $$
begin
  perform pg_notify('notices', '');
  return null;
end $$;
create trigger notices_added after insert on notices
  for each statement execute function announce_notices();
