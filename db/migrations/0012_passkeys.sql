-- Passkeys: a key pair on somebody's device opens the door in place of password and code.

create table passkeys (
  id bigint generated always as identity primary key,
  admin_id bigint references admins on delete cascade,
  logon_id bigint references logons on delete cascade,
  -- One of ten places: an eleventh passkey cannot be, also of two that are added at the same moment.
  place smallint not null check (place between 1 and 10),
  name text not null check (is_line(name, 60)),
  credential_id bytea not null unique check (octet_length(credential_id) between 1 and 1023),
  -- COSE_Key (RFC 9052, 7), as the authenticator gave it.
  public_key bytea not null check (octet_length(public_key) between 32 and 4096),
  -- What the authenticator was told as its user: it comes back with every use.
  user_handle bytea not null check (octet_length(user_handle) = 32),
  transports text[] not null default '{}' check (cardinality(transports) <= 10),
  -- Uses counted by the authenticator; for ever 0 where it does not count.
  counter bigint not null check (counter >= 0),
  -- Kept by a password manager, beyond the device.
  synced boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  check (num_nonnulls(admin_id, logon_id) = 1),
  unique (admin_id, place),
  unique (logon_id, place)
);

-- Challenges that were answered: signed and short-lived they need no table, used up they do.
create table spent_challenges (
  hash bytea primary key check (octet_length(hash) = 32),
  ends_at timestamptz not null
);
create index spent_challenges_by_end on spent_challenges (ends_at);

-- Where two factors are required and there is a passkey, a password leads to using it: who has stolen the password alone
-- could else set up an app of their own.
alter table sessions drop constraint sessions_tfa_step_check;
alter table sessions add constraint sessions_tfa_step_check check (tfa_step in ('enter code', 'set up', 'use passkey'));

alter table sign_ins drop constraint sign_ins_outcome_check;
alter table sign_ins add constraint sign_ins_outcome_check check (outcome in (
  'success', 'unknown username', 'wrong password', 'no password', 'password expired', 'suspended', 'expired', 'deleted', 'waiting',
  'waiting for code', 'wrong code', 'passkey refused'
));
