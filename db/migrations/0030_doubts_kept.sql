-- Whether a try before the present one may have got out: what becomes of a later try does not take that away.
alter table credential_mails add column in_doubt boolean not null default false;

-- Only what has no end yet is ended: a mail that was accepted while this waited for it stays accepted.
create or replace function end_unsent_mails() returns trigger language plpgsql as $$
begin
  update credential_mails
     set state = case when kind = 'mail' and (in_doubt or state in ('sending', 'unknown')) then 'unknown' else 'cancelled' end,
         settled_at = new.finished_at,
         answer = case when state = 'sending' then 'Sending ended before the mail server’s answer was known.' else answer end
   where task_id = new.id and settled_at is null;
  update tasks set facts = facts || mail_counts(new.id) where id = new.id;
  return null;
end $$;

-- As in 0027: told by one pass, also for those that lost their contact.
create or replace function attention_after_logons() returns trigger language plpgsql as $$
begin
  -- Only deleting the contact takes it off a logon without anybody's doing.
  insert into attention (logon_id, kind, source)
  select lost.id, 'contact deleted', left(coalesce(current_setting('parent_logons.source', true), ''), 100)
    from (
      select id, contact_id from old_rows where contact_id is not null
      except
      select id, contact_id from new_rows
    ) as lost
   where not exists (select from contacts c where c.id = lost.contact_id)
  on conflict do nothing;
  perform refresh_attention((
    select array_agg(id)
      from (
        select id, contact_id, deleted_at, case when contact_id is not null then (email, first_name, surname)::text end
          from new_rows
        except
        select id, contact_id, deleted_at, case when contact_id is not null then (email, first_name, surname)::text end
          from old_rows
      ) as changed));
  return null;
end $$;
