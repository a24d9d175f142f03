-- What Parent Portal Usage reads, and a file that is still being written.

-- Who signed in between two moments, and how often on each day: answered from the index alone. Sort: time.
create index sign_ins_successes on sign_ins (at) include (logon_id) where outcome = 'success';
-- The tabs of parents whose logon is gone; the others are read by sign_ins_by_logon. Sort: username as it was, then time.
create index sign_ins_of_gone on sign_ins ((coalesce(username, '')), at, id) where logon_id is null and outcome = 'success';

-- Unfinished: its pieces come as they are made, and nobody is offered it before the last one is there.
alter table files drop constraint files_purpose_check;
alter table files add constraint files_purpose_check check (purpose in ('upload', 'result', 'unfinished'));
