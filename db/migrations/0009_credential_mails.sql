-- Mails with login details: what was asked, for whom, to which address, and what became of it. The ledger of each logon.

create table credential_mails (
  id bigint generated always as identity primary key,
  -- The password and the Message-ID are derived from it, so that a second try says the same as the first.
  seed uuid not null unique default gen_random_uuid(),
  task_id bigint references tasks on delete set null,
  logon_id bigint references logons on delete set null,
  asked_by bigint references admins on delete set null,
  asked_at timestamptz not null,
  -- As they were when it was asked for.
  name text not null,
  username text not null,
  address text,
  enable_tfa boolean not null,
  state text not null check (state in (
    'queued', 'sending', 'accepted', 'deferred', 'refused', 'unknown', 'bounced', 'superseded', 'cancelled', 'left out'
  )),
  -- Of the password that the mail says. It signs in as well while nobody knows whether the mail got out.
  pending_hash text check (pending_hash like '$2_$%' and char_length(pending_hash) = 60),
  -- The mail server's words, or why it was left out.
  answer text check (char_length(answer) <= 600),
  tries integer not null default 0 check (tries >= 0),
  due_at timestamptz not null,
  settled_at timestamptz,
  first_used_at timestamptz,
  check (case when state in ('queued', 'sending', 'deferred') then settled_at is null
              when state = 'unknown' then true else settled_at is not null end),
  check (state not in ('sending', 'accepted') or pending_hash is not null),
  check (address is not null or state = 'left out')
);
-- A newer reset supersedes an older one: two open mails for one logon cannot be.
create unique index credential_mails_one_open on credential_mails (logon_id) where settled_at is null;
create index credential_mails_by_logon on credential_mails (logon_id, id desc);
create index credential_mails_by_task on credential_mails (task_id, state);

-- A task that ends without having sent everything takes its unsent mails with it, whoever ended it.
create function end_unsent_mails() returns trigger language plpgsql as $$
begin
  update credential_mails set state = 'cancelled', settled_at = new.finished_at
   where task_id = new.id and settled_at is null;
  return null;
end $$;
create trigger task_ended after update of state on tasks
  for each row when (new.kind = 'credential mails' and new.state in ('cancelled', 'failed'))
  execute function end_unsent_mails();
