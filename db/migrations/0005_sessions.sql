-- Who is signed in, who has tried, and how often.

create table sessions (
  -- SHA-256 of the token in the cookie: a stolen copy of the table opens nothing.
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  admin_id bigint references admins on delete cascade,
  logon_id bigint references logons on delete cascade,
  -- A parent who signed in with a temporary password may do one thing: choose their own.
  must_change_password boolean not null default false,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  -- When the own password was last typed: what cannot be undone asks again after 10 minutes.
  confirmed_at timestamptz not null,
  ends_at timestamptz not null,
  ip inet,
  user_agent text check (char_length(user_agent) <= 400),
  check (num_nonnulls(admin_id, logon_id) = 1),
  check (ends_at > created_at)
);
create index sessions_by_admin on sessions (admin_id) where admin_id is not null;
create index sessions_by_logon on sessions (logon_id) where logon_id is not null;
create index sessions_by_end on sessions (ends_at);

-- Deleted or suspended: its sessions end in the same statement, whoever wrote it.
create function end_sessions_of_logon() returns trigger language plpgsql as $$
begin
  delete from sessions where logon_id = new.id;
  return null;
end $$;
create trigger logon_closed after update of deleted_at, suspended_at on logons
  for each row when (new.deleted_at is not null and old.deleted_at is null or new.suspended_at is not null and old.suspended_at is null)
  execute function end_sessions_of_logon();

-- Wrong tries in a row, for a name at a door or for an address. A try is counted before the password is compared, in one
-- statement, so that 200 tries at the same moment cannot slip past the limit.
create table throttles (
  door text not null check (door in ('office', 'portal', 'confirm')),
  kind text not null check (kind in ('name', 'address')),
  -- A keyed hash of the username or the address: what was typed is not kept.
  key bytea not null check (octet_length(key) = 32),
  logon_id bigint references logons on delete cascade,
  failures integer not null check (failures >= 0),
  waits_until timestamptz,
  last_at timestamptz not null,
  primary key (door, kind, key)
);
create index throttles_by_logon on throttles (logon_id) where logon_id is not null;
create index throttles_by_time on throttles (last_at);

-- Every try to sign in to the portal, with the names as they were. Kept when the logon is gone.
create table sign_ins (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  logon_id bigint references logons on delete set null,
  outcome text not null check (outcome in (
    'success', 'unknown username', 'wrong password', 'no password', 'password expired', 'suspended', 'expired', 'deleted', 'waiting'
  )),
  first_name text,
  surname text,
  username text,
  email text,
  learners text[] not null default '{}',
  ip inet,
  user_agent text check (char_length(user_agent) <= 400),
  -- What was typed as a username is kept only if it is a known one: people type passwords there.
  check (outcome <> 'unknown username' or num_nonnulls(logon_id, first_name, surname, username, email) = 0)
);
create index sign_ins_by_logon on sign_ins (logon_id, at desc);
create index sign_ins_by_time on sign_ins (at);
