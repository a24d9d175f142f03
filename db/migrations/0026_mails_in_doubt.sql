-- A task that ends while a mail is being sent: nobody knows whether that one got out, and it is not counted as cancelled.

create or replace function end_unsent_mails() returns trigger language plpgsql as $$
begin
  update credential_mails
     set state = case when in_doubt then 'unknown' else 'cancelled' end, settled_at = new.finished_at,
         answer = case when state = 'sending' then 'Sending ended before the mail server’s answer was known.' else answer end
    from (select id as mail, kind = 'mail' and state in ('sending', 'unknown') as in_doubt
            from credential_mails where task_id = new.id and settled_at is null) as open
   where id = mail;
  update tasks set facts = facts || mail_counts(new.id) where id = new.id;
  return null;
end $$;
