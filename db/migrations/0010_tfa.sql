-- Two factor authentication: each logon's secret, the recovery codes, and the step at which a parent who signs in is.

create table totp_secrets (
  logon_id bigint primary key references logons on delete cascade,
  -- AES-GCM under the server key, with the logon's id as associated data: 12 bytes of nonce, 20 of secret, 16 of tag.
  ciphertext bytea not null check (octet_length(ciphertext) = 48),
  -- Tells which server key it is sealed with, and nothing else about it.
  key_print bytea not null check (octet_length(key_print) = 8),
  -- Only a secret that the parent has confirmed with a code of it is ever stored.
  confirmed_at timestamptz not null,
  -- The 30 seconds, counted from 1970, of the newest code that was used: an older one, or the same again, is refused.
  last_step bigint not null check (last_step >= 0)
);

create table recovery_codes (
  logon_id bigint not null references logons on delete cascade,
  -- Keyed by the server key: a copy of the table lets nobody guess.
  hash bytea not null check (octet_length(hash) = 32),
  used_at timestamptz,
  primary key (logon_id, hash)
);

-- A logon is "set up" where there is a secret, and only there; checked when the transaction ends, since it takes two statements.
create function check_tfa() returns trigger language plpgsql as $$
declare
  -- Both are null where the logon itself has gone meanwhile.
  state text;
  wanted bigint := case when tg_table_name = 'logons' then to_jsonb(new) ->> 'id'
                        else coalesce(to_jsonb(new), to_jsonb(old)) ->> 'logon_id' end;
begin
  select tfa into state from logons where id = wanted;
  if (state = 'set up') <> exists (select from totp_secrets where logon_id = wanted) then
    raise exception 'logon % is "%", which does not fit its secret', wanted, state
      using errcode = 'check_violation', constraint = 'tfa_fits_secret';
  end if;
  return null;
end $$;
create constraint trigger tfa_changed after update of tfa on logons deferrable initially deferred
  for each row when (new.tfa is distinct from old.tfa) execute function check_tfa();
create constraint trigger secret_changed after insert or delete on totp_secrets deferrable initially deferred
  for each row execute function check_tfa();

-- What a parent still has to do before the portal opens; null for nothing.
alter table sessions add column tfa_step text check (tfa_step in ('enter code', 'set up'));
alter table sessions add constraint sessions_step_of_parent check (tfa_step is null or logon_id is not null);

alter table throttles drop constraint throttles_door_check;
alter table throttles add constraint throttles_door_check check (door in ('office', 'portal', 'confirm', 'code'));

alter table sign_ins drop constraint sign_ins_outcome_check;
alter table sign_ins add constraint sign_ins_outcome_check check (outcome in (
  'success', 'unknown username', 'wrong password', 'no password', 'password expired', 'suspended', 'expired', 'deleted', 'waiting',
  'waiting for code', 'wrong code'
));
