-- The tries of logons that are gone for good: a search finds them by what they say themselves, since nothing else does.
create index sign_ins_left_behind on sign_ins (id desc) where logon_id is null and first_name is not null;
